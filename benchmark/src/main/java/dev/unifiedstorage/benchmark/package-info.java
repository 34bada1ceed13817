/** Measurements of a running store from outside, each ending in one JSON line on request. */
package dev.unifiedstorage.benchmark;
