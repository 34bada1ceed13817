package dev.unifiedstorage.client;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import org.jspecify.annotations.Nullable;

/**
 * A set of things that follows a store.
 *
 * <p>What it shows is always the store's matching things at one moment: parts of a message that is
 * not whole yet, or of a batch, are kept back. After a lost connection it goes on from that moment,
 * and only where the store cannot tell any more does everything come again.
 *
 * <p>A subscriber gets the changes that happen from its subscription on, on the client's thread.
 * One that does not request them in time, with {@value #MOST_UNREAD} unread, misses what comes
 * then; {@link #things} is whole in any case.
 */
public final class LiveSet implements Flow.Publisher<LiveChange>, AutoCloseable {
  private static final int MOST_UNREAD = 1_024;

  /** How what it shows relates to the store. */
  public enum State {
    /** The first content is on its way. */
    SNAPSHOT,
    /** It follows. */
    CHANGES,
    /** The connection is lost; the content is that of before. */
    STALE,
    /** It follows no more. */
    CLOSED
  }

  private final String sub;
  private final Map<String, Object> query;
  private final StoreClient client;
  private final SubmissionPublisher<LiveChange> publisher =
      new SubmissionPublisher<>(Runnable::run, MOST_UNREAD);
  private final CompletableFuture<LiveSet> ready = new CompletableFuture<>();
  private final Map<String, Optional<Thing>> staged = new LinkedHashMap<>();
  private final Map<String, Thing> current = new HashMap<>();
  private volatile Map<String, Thing> things = Map.of();
  private volatile State state = State.SNAPSHOT;
  private boolean fromNothing = true;
  private @Nullable String at;

  LiveSet(String sub, Map<String, Object> query, StoreClient client) {
    this.sub = sub;
    this.query = query;
    this.client = client;
  }

  /** Whether it shows the store as it is, as it was, or nothing yet. */
  public State state() {
    return state;
  }

  /** What it shows, by id: one moment of the store, which does not change any more. */
  public Map<String, Thing> things() {
    return things;
  }

  /** Completes when the first content is whole; fails when the store refuses the query. */
  public CompletableFuture<LiveSet> ready() {
    return ready.copy();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super LiveChange> subscriber) {
    publisher.subscribe(subscriber);
  }

  @Override
  public void close() {
    client.forget(sub);
  }

  // ---- called by the client, on its thread

  Map<String, Object> request() {
    Map<String, Object> request = new LinkedHashMap<>(query);
    request.put("type", "subscribe");
    request.put("sub", sub);
    if (at != null) {
      request.put("since", at);
    }
    staged.clear();
    return request;
  }

  void subscribed(Map<String, Object> reply) {
    fromNothing = !"changes".equals(reply.get("mode"));
    staged.clear();
  }

  void offline() {
    staged.clear();
    if (state != State.CLOSED) {
      tell(State.STALE, Map.of());
    }
  }

  void pushed(Map<String, Object> message) {
    ((Map<?, ?>) JsonText.member(message, "things"))
        .forEach(
            (id, thing) ->
                staged.put(
                    (String) id,
                    thing instanceof Map<?, ?> json
                        ? Optional.of(Thing.of(json))
                        : Optional.empty()));
    if (Boolean.TRUE.equals(message.get("more"))) {
      return;
    }
    Map<String, Optional<Thing>> changes = new LinkedHashMap<>();
    if (fromNothing) {
      for (String id : List.copyOf(current.keySet())) {
        if (staged.getOrDefault(id, Optional.empty()).isEmpty()) {
          changes.put(id, Optional.empty());
        }
      }
    }
    staged.forEach(
        (id, thing) -> {
          Thing before = current.get(id);
          if (thing.isEmpty() ? before != null : !thing.get().equals(before)) {
            changes.put(id, thing);
          }
        });
    staged.clear();
    fromNothing = false;
    at = (String) message.get("at");
    changes.forEach(
        (id, thing) ->
            thing.ifPresentOrElse(now -> current.put(id, now), () -> current.remove(id)));
    things = Map.copyOf(current);
    boolean resumed = state != State.CHANGES;
    state = State.CHANGES;
    ready.complete(this);
    if (resumed || !changes.isEmpty()) {
      tell(State.CHANGES, changes);
    }
  }

  void end(StoreError error) {
    ready.completeExceptionally(error);
    if (state != State.CLOSED) {
      tell(State.CLOSED, Map.of());
      publisher.close();
    }
  }

  private void tell(State now, Map<String, Optional<Thing>> changes) {
    state = now;
    publisher.offer(new LiveChange(now, changes), null);
  }
}
