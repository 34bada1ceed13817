/** Stores inside JUnit tests: crashes, outages and hours of time in milliseconds. */
package dev.unifiedstorage.junit5;
