/**
 * The core's ports on the JVM, a package a port: {@code json} on jsoniter, {@code sqlite} on
 * sqlite-jdbc, {@code time} on the machine's clock, and random identifiers here.
 *
 * <p>They know nothing of a server, sockets or files of their own choosing: what runs a core on a
 * JVM (the emulator, the simulation, the benchmark) takes those it needs.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.jvm;

import org.jspecify.annotations.NullMarked;
