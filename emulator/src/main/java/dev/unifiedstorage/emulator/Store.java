package dev.unifiedstorage.emulator;

import dev.unifiedstorage.emulator.object.DirectSocket;
import dev.unifiedstorage.jvm.json.JsonValues;
import dev.unifiedstorage.store.WriteRule;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

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

  /**
   * Creates a thing.
   *
   * @param options {@code expiresInMs}: milliseconds after which it is gone; {@code return}: true
   *     for the whole {@code thing} in the answer
   */
  public CompletableFuture<Map<String, Object>> create(
      String type, Map<String, ?> data, Map<String, ?> options) {
    Map<String, Object> request = new LinkedHashMap<>(options);
    request.putAll(Map.of("type", "create", "$type", type, "data", data));
    return ask(request);
  }

  /**
   * Creates a thing, or replaces all its own fields.
   *
   * @param options those of a create, and {@code ifVersion}: the version that it must have, 0 for
   *     none
   */
  public CompletableFuture<Map<String, Object>> put(
      String type, String id, Map<String, ?> data, Map<String, ?> options) {
    Map<String, Object> request = new LinkedHashMap<>(options);
    request.putAll(Map.of("type", "put", "$type", type, "$id", id, "data", data));
    return ask(request);
  }

  /**
   * Changes a thing.
   *
   * @param edits {@code data}, {@code unset}, {@code increment}, {@code patch}, {@code ifVersion},
   *     {@code expiresInMs}, {@code return}
   */
  public CompletableFuture<Map<String, Object>> update(String id, Map<String, ?> edits) {
    Map<String, Object> request = new LinkedHashMap<>(edits);
    request.putAll(Map.of("type", "update", "$id", id));
    return ask(request);
  }

  /** Deletes a thing; succeeds also when there is none. */
  public CompletableFuture<Void> delete(String id) {
    return delete(id, Map.of());
  }

  /**
   * Deletes a thing.
   *
   * @param options {@code ifVersion}: the version that it must have
   */
  public CompletableFuture<Void> delete(String id, Map<String, ?> options) {
    Map<String, Object> request = new LinkedHashMap<>(options);
    request.putAll(Map.of("type", "delete", "$id", id));
    return ask(request).thenApply(reply -> null);
  }

  /** Carries out up to 1,000 operations, as the protocol has them; their results, in order. */
  @SuppressWarnings("unchecked")
  public CompletableFuture<List<Map<String, Object>>> batch(
      List<? extends Map<String, ?>> operations, boolean atomic) {
    return ask(Map.of("type", "batch", "operations", operations, "atomic", atomic))
        .thenApply(reply -> (List<Map<String, Object>>) reply.get("results"));
  }

  /** Things by their ids; those that are absent are left out. */
  public CompletableFuture<Map<String, Map<String, Object>>> read(Collection<String> ids) {
    return things(Map.of("type", "read", "$ids", List.copyOf(ids)));
  }

  /**
   * Things by their ids as they were at a moment; those that were absent are left out.
   *
   * @param at the {@code at} of an answer, milliseconds since 1970, or {@code Map.of("seq", n)}
   */
  public CompletableFuture<Map<String, Map<String, Object>>> read(
      Collection<String> ids, Object at) {
    return things(Map.of("type", "read", "$ids", List.copyOf(ids), "at", at));
  }

  @SuppressWarnings("unchecked")
  private CompletableFuture<Map<String, Map<String, Object>>> things(Map<String, ?> read) {
    return ask(read).thenApply(reply -> (Map<String, Map<String, Object>>) reply.get("things"));
  }

  /**
   * A thing in its last durable version, from memory; empty when there is none. It waits for the
   * object's event loop and no longer, and may not be called on it: not by a rule or a listener.
   *
   * @throws StoreRefusedException when the store does not run, or the thing has left the memory,
   *     where {@link #read} finds it
   */
  public Optional<Map<String, Object>> get(String id) {
    return emulator.await(emulator.ask(namespace, store -> Told.get(store, id)));
  }

  /**
   * A page of things.
   *
   * @param query {@code where}, {@code orderBy}, {@code limit}, {@code cursor}, {@code select},
   *     {@code at}
   * @return {@code things}, {@code at}, and {@code cursor} when there is more
   */
  public CompletableFuture<Map<String, Object>> query(String type, Map<String, ?> query) {
    Map<String, Object> request = new LinkedHashMap<>(query);
    request.putAll(Map.of("type", "query", "$type", type));
    return ask(request);
  }

  /** How many things of a type there are that match. */
  public CompletableFuture<Long> count(String type, Map<String, ?> where) {
    return counted(Map.of("type", "count", "$type", type, "where", where));
  }

  /**
   * How many things of a type there were at a moment that match.
   *
   * @param at as a read has it
   */
  public CompletableFuture<Long> count(String type, Map<String, ?> where, Object at) {
    return counted(Map.of("type", "count", "$type", type, "where", where, "at", at));
  }

  private CompletableFuture<Long> counted(Map<String, ?> count) {
    return ask(count).thenApply(reply -> ((Double) reply.get("count")).longValue());
  }

  /**
   * Follows things: first what there is, then every change once it is durable. Of several versions
   * between two calls only the last is told.
   *
   * @param filter {@code $type} and {@code where}, or {@code $ids}
   * @param listener told on the object's event loop: it must not wait
   * @param onError receives why nothing more comes: a {@link StoreRefusedException} when the store
   *     refuses, an {@link IllegalStateException} when the object has lost its memory
   * @return ends it
   */
  public Runnable subscribe(
      Map<String, ?> filter, Consumer<Followed> listener, Consumer<RuntimeException> onError) {
    return open().subscribe(filter, listener, onError);
  }

  /**
   * Has every write of this store judged before anything is applied, from every client, from now on
   * until the emulator ends. The rule takes the place of the one before; it is called on the
   * object's event loop.
   */
  public void onWrite(WriteRule rule) {
    emulator.join(namespace, store -> store.setWriteRule(rule));
  }

  /**
   * Tells of every change of this store once it is durable, from now on until the emulator ends.
   *
   * @param listener told on the object's event loop: it must not wait
   */
  public void onChange(Consumer<List<Change>> listener) {
    Consumer<List<Change>> guarded = emulator.guarded(namespace, listener);
    emulator.join(namespace, store -> store.onChange(new Told(guarded)));
  }

  private CompletableFuture<Map<String, Object>> ask(Map<String, ?> request) {
    return request(request).thenApply(Store::outcome);
  }

  private static Map<String, Object> outcome(Map<String, Object> reply) {
    if ("error".equals(reply.get("status"))) {
      throw refused(reply);
    }
    reply.remove("id");
    reply.remove("status");
    return reply;
  }

  @SuppressWarnings("unchecked")
  private static StoreRefusedException refused(Map<String, Object> reply) {
    Object details = reply.getOrDefault("details", Map.of());
    return new StoreRefusedException(
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
    private final Map<String, Following> followings = new ConcurrentHashMap<>();
    private final Emulator emulator;
    private final String namespace;
    private final DirectSocket direct;
    private double lastId;
    private int lastSub;
    private volatile String end;

    Socket(Emulator emulator, String namespace) {
      this.emulator = emulator;
      this.namespace = namespace;
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

    synchronized Runnable subscribe(
        Map<String, ?> filter, Consumer<Followed> listener, Consumer<RuntimeException> onError) {
      String sub = "s" + ++lastSub;
      followings.put(
          sub,
          new Following(
              emulator.guarded(namespace, listener), emulator.guarded(namespace, onError)));
      Map<String, Object> request = new LinkedHashMap<>(filter);
      request.putAll(Map.of("type", "subscribe", "sub", sub));
      send(request)
          .thenAccept(
              reply -> {
                if ("error".equals(reply.get("status"))) {
                  fail(sub, refused(reply));
                }
              });
      return () -> {
        if (followings.remove(sub) != null) {
          send(Map.of("type", "unsubscribe", "sub", sub));
        }
      };
    }

    private void fail(String sub, RuntimeException why) {
      Following following = followings.remove(sub);
      if (following != null) {
        following.onError.accept(why);
      }
    }

    void close() {
      followings.clear();
      direct.close();
      end("the client closed the socket");
    }

    @Override
    public void message(String text) {
      Map<String, Object> reply = JsonValues.parse(text);
      if (reply.get("sub") instanceof String sub && !reply.containsKey("id")) {
        Following following = followings.get(sub);
        if (following != null) {
          following.told(reply);
        }
        return;
      }
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
      for (String sub : List.copyOf(followings.keySet())) {
        fail(sub, new IllegalStateException("nothing more comes: " + end));
      }
      for (Double id : List.copyOf(waiting.keySet())) {
        CompletableFuture<Map<String, Object>> asked = waiting.remove(id);
        if (asked != null) {
          asked.completeExceptionally(new IllegalStateException("no reply: " + end));
        }
      }
    }
  }

  /** One who follows things over a socket. */
  private static final class Following {
    private final Consumer<Followed> listener;
    private final Consumer<RuntimeException> onError;
    private boolean begun;

    Following(Consumer<Followed> listener, Consumer<RuntimeException> onError) {
      this.listener = listener;
      this.onError = onError;
    }

    @SuppressWarnings("unchecked")
    void told(Map<String, Object> push) {
      Map<String, Map<String, Object>> things =
          (Map<String, Map<String, Object>>) push.get("things");
      boolean more = Boolean.TRUE.equals(push.get("more"));
      Followed followed = new Followed(!begun, things, (String) push.get("at"), more);
      begun = true;
      listener.accept(followed);
    }
  }
}
