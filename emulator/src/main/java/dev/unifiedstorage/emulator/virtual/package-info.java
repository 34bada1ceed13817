/**
 * Time that a test moves: hours pass in milliseconds, and what happens at one moment has happened
 * before the next one begins.
 *
 * <p>Internal: only the emulator itself uses its types.
 */
package dev.unifiedstorage.emulator.virtual;
