package dev.unifiedstorage.junit5;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A client of one store, for tests.
 *
 * <p>Requests and replies are those of the store's WebSocket, from the object's mailbox on; only
 * the network is not there, so that a run does not depend on it. After a crash the next request
 * opens a new socket. A blocking call lets virtual time pass as far as its answer takes. Safe for
 * use from every thread but the emulator's own.
 */
public final class StoreClient implements AutoCloseable {
  /** For how long, by the store's clock, a recovering store is asked again. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final double RETRY_AFTER_MS = 1_000;

  private final Emulator emulator;
  private final Store store;

  StoreClient(Emulator emulator, String namespace) {
    this.emulator = emulator;
    this.store = emulator.store(namespace);
  }

  /**
   * Creates a thing; it gets an id if {@code data} has no {@code $id}.
   *
   * @param data its fields, of JSON's values
   * @throws StoreException when the store refuses
   */
  public Written create(String type, Map<String, ?> data) {
    return written(asked(Map.of("type", "create", "$type", type, "data", data)));
  }

  /**
   * Merges fields into a thing.
   *
   * @throws StoreException when the store refuses
   */
  public Written update(String id, Map<String, ?> data) {
    return written(asked(Map.of("type", "update", "$id", id, "data", data)));
  }

  /**
   * Merges fields into a thing if it has this version.
   *
   * @throws StoreException when the store refuses: {@code CONFLICT} when it has another one
   */
  public Written update(String id, Map<String, ?> data, long ifVersion) {
    return written(
        asked(Map.of("type", "update", "$id", id, "data", data, "ifVersion", ifVersion)));
  }

  /**
   * Deletes a thing, if it is there.
   *
   * @throws StoreException when the store refuses
   */
  public void delete(String id) {
    asked(Map.of("type", "delete", "$id", id));
  }

  /**
   * A thing, if it is there.
   *
   * @throws StoreException when the store refuses
   */
  public Optional<Thing> read(String id) {
    return Optional.ofNullable(read(List.of(id)).get(id));
  }

  /**
   * Things by their ids; those that are absent are left out.
   *
   * @throws StoreException when the store refuses
   */
  @SuppressWarnings("unchecked")
  public Map<String, Thing> read(Collection<String> ids) {
    Reply reply = asked(Map.of("type", "read", "$ids", List.copyOf(ids)));
    Map<String, Thing> things = new LinkedHashMap<>();
    ((Map<String, Object>) Objects.requireNonNull(reply.get("things")))
        .forEach((id, thing) -> things.put(id, Thing.of((Map<String, Object>) thing)));
    return things;
  }

  /**
   * Sends one request and waits for its reply, which is given as it is: also an error is a value.
   *
   * @param request any of the contract's; the {@code id} is given by this client
   * @throws IllegalStateException when the socket breaks off before, or no reply comes within an
   *     hour of virtual time or 60 s of real time
   */
  public Reply call(Map<String, ?> request) {
    return emulator.await(send(request));
  }

  /**
   * Sends one request; virtual time does not move for its reply. It fails with {@link
   * IllegalStateException} when the socket breaks off before.
   *
   * @param request any of the contract's; the {@code id} is given by this client
   */
  public CompletableFuture<Reply> send(Map<String, ?> request) {
    return store.request(request).thenApply(Reply::new);
  }

  /**
   * The same store with every verb: options, the past, {@code get}, followers, rules. Its answers
   * are futures, for {@link Emulator#await}.
   */
  public Store store() {
    return store;
  }

  /** Closes the socket; what waits for a reply fails. */
  @Override
  public void close() {
    store.close();
  }

  /** Asks, and asks again while the store recovers, as a client should. */
  private Reply asked(Map<String, ?> request) {
    Instant until = emulator.now().plus(PATIENCE);
    Reply reply = call(request);
    while ("RECOVERING".equals(reply.code()) && emulator.now().isBefore(until)) {
      double waitMs =
          reply.details().get("retryAfterMs") instanceof Double ms ? ms : RETRY_AFTER_MS;
      emulator.await(emulator.after(Duration.ofMillis((long) waitMs)));
      reply = call(request);
    }
    if (reply.isError()) {
      throw new StoreException(reply);
    }
    return reply;
  }

  private static Written written(Reply reply) {
    return new Written(
        (String) Objects.requireNonNull(reply.get("$id")),
        ((Double) Objects.requireNonNull(reply.get("$version"))).longValue());
  }
}
