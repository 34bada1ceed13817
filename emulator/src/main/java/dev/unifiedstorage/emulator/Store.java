package dev.unifiedstorage.emulator;

import dev.unifiedstorage.emulator.object.DirectSocket;
import dev.unifiedstorage.jvm.json.JsonValues;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One store of an emulator, in the same process: the requests of the protocol as methods.
 *
 * <p>A future completes when what it says is durable, on the object's event loop: what is chained
 * to it must not wait. It fails with a {@link StoreRefusedException} when the store refuses, and
 * with an {@link IllegalStateException} when the object loses its memory first; whether the request
 * was carried out is not known then. {@link Emulator#await} waits for one. Values are JSON's: maps,
 * lists, texts, doubles, booleans and null. Safe for use from every thread.
 */
public final class Store implements AutoCloseable {
  private final Emulator emulator;
  private final String namespace;
  private Socket socket;

  Store(Emulator emulator, String namespace) {
    this.emulator = emulator;
    this.namespace = namespace;
  }

  /** Creates a thing; it gets an id if {@code data} has no {@code $id}. */
  public CompletableFuture<Map<String, Object>> create(String type, Map<String, ?> data) {
    return ask(Map.of("type", "create", "$type", type, "data", data));
  }

  /** Creates a thing, or replaces all its own fields. */
  public CompletableFuture<Map<String, Object>> put(
      String type, String id, Map<String, ?> data, Map<String, ?> options) {
    Map<String, Object> request = new LinkedHashMap<>(options);
    request.putAll(Map.of("type", "put", "$type", type, "$id", id, "data", data));
    return ask(request);
  }

  /**
   * Changes a thing.
   *
   * @param edits {@code data}, {@code unset}, {@code increment}, {@code patch}, {@code ifVersion}
   */
  public CompletableFuture<Map<String, Object>> update(String id, Map<String, ?> edits) {
    Map<String, Object> request = new LinkedHashMap<>(edits);
    request.putAll(Map.of("type", "update", "$id", id));
    return ask(request);
  }

  /** Deletes a thing; succeeds also when there is none. */
  public CompletableFuture<Void> delete(String id) {
    return ask(Map.of("type", "delete", "$id", id)).thenApply(reply -> null);
  }

  /** Carries out up to 1,000 operations, as the protocol has them; their results, in order. */
  @SuppressWarnings("unchecked")
  public CompletableFuture<List<Map<String, Object>>> batch(
      List<? extends Map<String, ?>> operations, boolean atomic) {
    return ask(Map.of("type", "batch", "operations", operations, "atomic", atomic))
        .thenApply(reply -> (List<Map<String, Object>>) reply.get("results"));
  }

  /** Things by their ids; those that are absent are left out. */
  @SuppressWarnings("unchecked")
  public CompletableFuture<Map<String, Map<String, Object>>> read(Collection<String> ids) {
    return ask(Map.of("type", "read", "$ids", List.copyOf(ids)))
        .thenApply(reply -> (Map<String, Map<String, Object>>) reply.get("things"));
  }

  /**
   * A page of things.
   *
   * @param query {@code where}, {@code orderBy}, {@code limit}, {@code cursor}, {@code select}
   * @return {@code things}, {@code at}, and {@code cursor} when there is more
   */
  public CompletableFuture<Map<String, Object>> query(String type, Map<String, ?> query) {
    Map<String, Object> request = new LinkedHashMap<>(query);
    request.putAll(Map.of("type", "query", "$type", type));
    return ask(request);
  }

  /** How many things of a type there are that match. */
  public CompletableFuture<Long> count(String type, Map<String, ?> where) {
    return ask(Map.of("type", "count", "$type", type, "where", where))
        .thenApply(reply -> ((Double) reply.get("count")).longValue());
  }

  private CompletableFuture<Map<String, Object>> ask(Map<String, ?> request) {
    return request(request).thenApply(Store::outcome);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> outcome(Map<String, Object> reply) {
    if (!"error".equals(reply.get("status"))) {
      reply.remove("id");
      reply.remove("status");
      return reply;
    }
    Object details = reply.getOrDefault("details", Map.of());
    throw new StoreRefusedException(
        (String) reply.get("code"), (String) reply.get("error"), (Map<String, Object>) details);
  }

  /**
   * Sends one request of the protocol, and gives the reply as it is: also a refusal is a value.
   *
   * @param request any but subscribe and hello; its {@code id} is given here
   */
  public CompletableFuture<Map<String, Object>> request(Map<String, ?> request) {
    return open().send(request);
  }

  private synchronized Socket open() {
    if (socket == null || socket.isClosed()) {
      socket = new Socket(emulator, namespace);
    }
    return socket;
  }

  /** Lets the object know that no more requests come; what waits for a reply fails. */
  @Override
  public synchronized void close() {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }

  /** One socket, and who waits for what to come over it. */
  private static final class Socket implements DirectSocket.Listener {
    private final Map<Double, CompletableFuture<Map<String, Object>>> waiting =
        new ConcurrentHashMap<>();
    private final DirectSocket direct;
    private double lastId;
    private volatile String end;

    Socket(Emulator emulator, String namespace) {
      direct = emulator.connect(namespace, this);
    }

    boolean isClosed() {
      return end != null;
    }

    synchronized CompletableFuture<Map<String, Object>> send(Map<String, ?> request) {
      Map<String, Object> withId = new LinkedHashMap<>(request);
      double id = ++lastId;
      withId.put("id", id);
      String text = JsonValues.text(withId);
      CompletableFuture<Map<String, Object>> reply = new CompletableFuture<>();
      waiting.put(id, reply);
      direct.message(text);
      if (isClosed()) {
        failAll();
      }
      return reply;
    }

    void close() {
      direct.close();
      end("the client closed the socket");
    }

    @Override
    public void message(String text) {
      Map<String, Object> reply = JsonValues.parse(text);
      Object id = reply.get("id");
      CompletableFuture<Map<String, Object>> asked =
          id instanceof Double ? waiting.remove(id) : null;
      if (asked != null) {
        asked.complete(reply);
      }
    }

    @Override
    public void closed(int code, String reason) {
      end("the socket was closed with " + code + ": " + reason);
    }

    private void end(String why) {
      end = why;
      failAll();
    }

    private void failAll() {
      for (Double id : List.copyOf(waiting.keySet())) {
        CompletableFuture<Map<String, Object>> asked = waiting.remove(id);
        if (asked != null) {
          asked.completeExceptionally(new IllegalStateException("no reply: " + end));
        }
      }
    }
  }
}
