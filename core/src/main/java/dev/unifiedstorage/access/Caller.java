package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Peer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param socket the socket that it came on, null for a request over HTTP
 * @param grant what the client may do, null while it has brought no token
 * @param client whose rate counts
 */
public record Caller(@Nullable Peer socket, @Nullable Grant grant, String client) {
  /** The one who runs the store, and is asked for nothing. */
  public static final Caller OWNER = new Caller(null, Grant.ALL, "");

  /** What the client may do, once it has brought a token. */
  public Grant granted() {
    return Objects.requireNonNull(grant);
  }
}
