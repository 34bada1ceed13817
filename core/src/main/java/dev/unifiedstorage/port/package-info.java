/**
 * Every interface from the core to the outside.
 *
 * <p>The core is single-threaded: a port is called from the object's own event loop and must call
 * back on it. Nothing here reads a clock, a random number, a file or a thread on its own; the
 * emulator, the Worker and the simulator each bring their own adapters, and one contract test per
 * port says what all of them keep.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.port;

import org.jspecify.annotations.NullMarked;
