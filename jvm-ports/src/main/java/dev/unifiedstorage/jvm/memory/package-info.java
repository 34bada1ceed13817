/**
 * Ports for tests: a clock that stands still until told, a Pipeline and an archive in memory.
 *
 * <p>They are for components that stand alone. Whole stores have theirs in the emulator, with
 * faults on request.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.jvm.memory;

import org.jspecify.annotations.NullMarked;
