package dev.unifiedstorage.client;

import java.util.Optional;

/**
 * How things stand between a client and its store.
 *
 * @param online whether a socket is open and greeted
 * @param pending writes that wait for their answer
 * @param error why the last attempt to connect failed
 */
public record SyncStatus(boolean online, int pending, Optional<StoreError> error) {}
