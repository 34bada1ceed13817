/**
 * A client of one store, over its WebSocket: {@link StoreClient}.
 *
 * <p>Everything happens on one thread, the client's own; what a caller gives is handed over to it,
 * and futures complete on it. The rooms: {@code Connection} has one socket at a time and opens
 * another when it is lost; {@code Writes} keeps the session's writes in order until each has its
 * answer; {@link LiveSet} follows the store. The public types of this package are API, and there is
 * nothing else.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.client;

import org.jspecify.annotations.NullMarked;
