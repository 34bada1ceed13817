/**
 * The store as a whole: {@link dev.unifiedstorage.store.UnifiedStore} wires the parts and has the
 * life cycle; what surrounds it, a Durable Object or the emulator, only passes events in.
 *
 * <p>A message walks one way: {@code RequestReader} checks it, {@code Operations} applies it to the
 * state, a {@code Unit} gives its events to the write-ahead log, the reply gate lets the reply out.
 *
 * <p>Public API: {@link dev.unifiedstorage.store.UnifiedStoreDO}, {@link
 * dev.unifiedstorage.store.UnifiedStoreConfig}, {@link dev.unifiedstorage.store.WriteRule}, {@link
 * dev.unifiedstorage.store.WriteRefusedException}. Other types are public for the rest of the core.
 */
@NullMarked
package dev.unifiedstorage.store;

import org.jspecify.annotations.NullMarked;
