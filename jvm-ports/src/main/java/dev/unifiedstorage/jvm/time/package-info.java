/**
 * The clock port on the machine's clock, and delayed calls that a test can replace, so that ten
 * seconds of idleness take no time to test.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.jvm.time;

import org.jspecify.annotations.NullMarked;
