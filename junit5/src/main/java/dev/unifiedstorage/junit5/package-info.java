/**
 * Stores inside JUnit tests: crashes, outages and hours of time in milliseconds.
 *
 * <p>Public API: every type.
 */
package dev.unifiedstorage.junit5;
