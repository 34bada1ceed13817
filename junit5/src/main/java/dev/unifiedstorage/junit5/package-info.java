/**
 * Stores inside JUnit tests: crashes, outages and hours of time in milliseconds.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.junit5;

import org.jspecify.annotations.NullMarked;
