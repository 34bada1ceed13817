/**
 * Durable Objects on the JVM: one event loop an object, its sockets, its hibernation, its wake.
 *
 * <p>{@link dev.unifiedstorage.emulator.object.EmulatedDurableObject} is the twin of the Worker's
 * Durable Object class. Everything that happens to an object goes through its {@link
 * dev.unifiedstorage.emulator.object.Mailbox}, one task at a time, so that the core inside needs no
 * lock. Sockets ({@link dev.unifiedstorage.emulator.object.ObjectSocket}) belong to the object and
 * outlive the store inside it ({@link dev.unifiedstorage.emulator.object.StoreInstance}), which
 * comes with the first message and goes when nothing has happened for a while.
 *
 * <p>Internal: only the emulator itself uses its types.
 */
package dev.unifiedstorage.emulator.object;
