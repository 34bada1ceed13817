/**
 * Unified Storage on one machine: Durable Objects, their SQLite, and a Pipeline, in one process.
 *
 * <p>{@link dev.unifiedstorage.emulator.Main} reads the command line and {@link
 * dev.unifiedstorage.emulator.Emulator} puts the parts together. A request comes in by {@code
 * http}, goes to its object in {@code object}, whose event loop drives core's {@code UnifiedStore};
 * that reaches the outside through its ports, those of {@code jvm-ports} and {@code pipeline}; what
 * the Pipeline has taken in becomes an Iceberg table in {@code archive}. Nothing here decides how
 * data is stored: that is core's, and the same code runs in the Worker.
 *
 * <p>Public API: every type.
 */
package dev.unifiedstorage.emulator;
