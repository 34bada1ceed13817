/**
 * Time as the emulator's parts see it: a clock and delayed calls that a test can replace, so that
 * ten seconds of idleness take no time to test.
 */
package dev.unifiedstorage.emulator.time;
