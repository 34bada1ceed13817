package dev.unifiedstorage.client;

import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a store is, and how a client behaves.
 *
 * @param url the store's socket, {@code wss://…/stores/{namespace}}
 * @param token gives the bearer token of each attempt to connect; null for none
 * @param maxPending writes, and other requests, that may wait; past it {@code QUEUE_FULL}
 * @param heartbeat silence after which a ping asks whether the store is there; zero: never
 */
public record ClientOptions(
    URI url, @Nullable Supplier<String> token, int maxPending, Duration heartbeat) {
  private static final int MAX_PENDING = 10_000;
  private static final Duration HEARTBEAT = Duration.ofSeconds(30);

  /** No token, 10,000 requests, a ping after 30 s. */
  public static ClientOptions of(URI url) {
    return new ClientOptions(url, null, MAX_PENDING, HEARTBEAT);
  }

  /** The same with a token, asked for anew at each attempt to connect; null for none. */
  public ClientOptions withToken(@Nullable Supplier<String> fresh) {
    return new ClientOptions(url, fresh, maxPending, heartbeat);
  }

  /** The same with another bound on what waits, of writes and of other requests each. */
  public ClientOptions withMaxPending(int requests) {
    return new ClientOptions(url, token, requests, heartbeat);
  }

  /** The same with another silence before a ping; zero: never. */
  public ClientOptions withHeartbeat(Duration silence) {
    return new ClientOptions(url, token, maxPending, silence);
  }
}
