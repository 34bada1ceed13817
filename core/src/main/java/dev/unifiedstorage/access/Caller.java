package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Peer;

/**
 * Who asks.
 *
 * @param socket the socket that it came on, null for a request over HTTP
 * @param grant what the client may do, null while it has brought no token
 * @param client whose rate counts
 */
public record Caller(Peer socket, Grant grant, String client) {
  /** The one who runs the store, and is asked for nothing. */
  public static final Caller OWNER = new Caller(null, Grant.ALL, "");
}
