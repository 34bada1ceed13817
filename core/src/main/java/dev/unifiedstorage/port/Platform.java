package dev.unifiedstorage.port;

/**
 * What a component that stands alone needs of the platform it runs on.
 *
 * <p>All of it is called from one thread at a time, and calls back on the same one.
 */
public record Platform(Json json, Clock clock, Timers timers, Ids ids, StoreObserver observer) {}
