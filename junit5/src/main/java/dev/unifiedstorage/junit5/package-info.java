/** Stores inside JUnit tests: crashes, outages and hours of time in milliseconds. */
@NullMarked
package dev.unifiedstorage.junit5;

import org.jspecify.annotations.NullMarked;
