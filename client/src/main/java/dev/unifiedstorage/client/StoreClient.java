package dev.unifiedstorage.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A client of one store.
 *
 * <ul>
 *   <li>Writes are carried out in the order of their calls and once each, whatever the network
 *       does; their futures complete when the store has made them durable. While there is no
 *       connection they wait.
 *   <li>Reads, queries and counts are asked again after a lost connection.
 *   <li>Live sets go on where they were.
 *   <li>Everything that waits is bounded by {@link ClientOptions#maxPending}.
 * </ul>
 *
 * <p>Refusals are {@link StoreError}s, as the cause of a future's failure. Safe for use from any
 * thread; futures complete on the client's own, which must not be blocked.
 */
public final class StoreClient implements AutoCloseable {
  private static final double RETRY_MS = 100;
  private static final Set<String> PASSING = Set.of("OVERLOADED", "RECOVERING", "RATE_LIMITED");

  private static final class Question {
    final String type;

    /** The request without its id, printed. */
    final String text;

    final CompletableFuture<Map<String, Object>> answer;
    boolean sent;

    Question(String type, String text, CompletableFuture<Map<String, Object>> answer) {
      this.type = type;
      this.text = text;
      this.answer = answer;
    }
  }

  private final Platform platform;
  private final int mostPending;
  private final Connection connection;
  private final Writes writes;
  private final Writes.Ids ids = new Writes.Ids();
  private final Map<Double, Question> questions = new LinkedHashMap<>();
  private final Map<String, LiveSet> live = new HashMap<>();
  private final List<Consumer<SyncStatus>> listeners = new CopyOnWriteArrayList<>();
  private volatile SyncStatus status = new SyncStatus(false, 0, Optional.empty());
  private int lastSub;

  /** Whether the socket has not been told of the live sets yet. */
  private boolean fresh = true;

  private boolean closed;

  StoreClient(Platform platform, int mostPending, double heartbeatMs) {
    this.platform = platform;
    this.mostPending = mostPending;
    this.connection = new Connection(platform, heartbeatMs, new ConnectionOwner());
    this.writes = new Writes(connection, platform, mostPending, ids, this::tellPending);
    platform.execute(connection::open);
  }

  /** Opens a client; it connects by itself, now and after every loss. */
  public static StoreClient connect(ClientOptions options) {
    return new StoreClient(
        new JdkPlatform(options), options.maxPending(), options.heartbeat().toMillis());
  }

  /** How the client stands to its store at the moment. */
  public SyncStatus status() {
    return status;
  }

  /**
   * Calls at every change of the status, on the client's thread. What it throws disturbs nothing
   * else, and goes to that thread's {@link Thread.UncaughtExceptionHandler}.
   */
  public void onStatus(Consumer<SyncStatus> listener) {
    listeners.add(listener);
  }

  // ---- writing

  /** Creates a thing; it gets an id if {@code data} has no {@code $id}. */
  public CompletableFuture<Written> create(String type, Map<String, ?> data) {
    return write(Map.of("type", "create", "$type", type, "data", data));
  }

  /** Creates the thing, or replaces all its own fields. */
  public CompletableFuture<Written> put(String type, String id, Map<String, ?> data) {
    return write(Map.of("type", "put", "$type", type, "$id", id, "data", data));
  }

  /** Changes a thing in one step; {@code NOT_FOUND} when there is none. */
  public CompletableFuture<Written> update(String id, Edits edits) {
    Map<String, Object> body = new LinkedHashMap<>(edits.parts());
    body.put("type", "update");
    body.put("$id", id);
    return write(body);
  }

  /** Deletes a thing, if it is there. */
  public CompletableFuture<Void> delete(String id) {
    return write(Map.of("type", "delete", "$id", id)).thenApply(done -> null);
  }

  /**
   * Up to 1,000 operations as the protocol has them.
   *
   * @param atomic all or nothing
   * @return of each what the operation alone would be answered
   */
  @SuppressWarnings("unchecked")
  public CompletableFuture<List<Map<String, Object>>> batch(
      List<Map<String, ?>> operations, boolean atomic) {
    return ask(
        Map.of("type", "batch", "operations", operations, "atomic", atomic),
        true,
        reply -> {
          List<Map<String, Object>> results = new ArrayList<>();
          ((List<?>) JsonText.member(reply, "results"))
              .forEach(one -> results.add((Map<String, Object>) one));
          return results;
        });
  }

  // ---- asking

  /** Things by their ids; those that are absent are left out. */
  public CompletableFuture<Map<String, Thing>> read(List<String> ids) {
    return ask(
        Map.of("type", "read", "$ids", ids),
        false,
        reply -> {
          Map<String, Thing> things = new LinkedHashMap<>();
          ((Map<?, ?>) JsonText.member(reply, "things"))
              .forEach((id, thing) -> things.put((String) id, Thing.of((Map<?, ?>) thing)));
          return things;
        });
  }

  /** The thing, or empty when there is none. */
  public CompletableFuture<Optional<Thing>> get(String id) {
    return read(List.of(id)).thenApply(things -> Optional.ofNullable(things.get(id)));
  }

  /** One page of the things for which the query holds. */
  public CompletableFuture<Page> query(Query query) {
    Map<String, Object> body = new LinkedHashMap<>(query.parts());
    body.put("type", "query");
    return ask(body, false, Page::of);
  }

  /** How many things of a type there are for which the conditions hold. */
  public CompletableFuture<Long> count(String type, Map<String, ?> where) {
    return ask(
        Map.of("type", "count", "$type", type, "where", where),
        false,
        reply -> ((Double) JsonText.member(reply, "count")).longValue());
  }

  /** The things of a query, whose order, limit and fields do not count, from now on. */
  public LiveSet live(Query query) {
    Map<String, Object> filter = new LinkedHashMap<>();
    filter.put("$type", query.parts().get("$type"));
    if (query.parts().containsKey("where")) {
      filter.put("where", query.parts().get("where"));
    }
    return follow(filter);
  }

  /** Things by their ids, from now on. */
  public LiveSet live(List<String> ids) {
    return follow(Map.of("$ids", List.copyOf(ids)));
  }

  // ---- the end

  /** Completes when every write so far has its answer. */
  public CompletableFuture<Void> settled() {
    CompletableFuture<Void> settled = new CompletableFuture<>();
    call(() -> writes.whenSettled(settled), () -> settled.complete(null));
    return settled;
  }

  /** Ends everything; what waits fails with {@code CLOSED}. */
  @Override
  public void close() {
    platform.execute(
        () -> {
          if (closed) {
            return;
          }
          closed = true;
          connection.close();
          StoreError error = closedError();
          writes.close(error);
          List<Question> open = List.copyOf(questions.values());
          questions.clear();
          open.forEach(question -> question.answer.completeExceptionally(error));
          List<LiveSet> sets = List.copyOf(live.values());
          live.clear();
          sets.forEach(set -> set.end(error));
          tell(new SyncStatus(false, 0, status.error()));
          platform.close();
        });
  }

  // ---- on the client's thread

  private CompletableFuture<Written> write(Map<String, Object> body) {
    return ask(body, true, Written::of);
  }

  private <T> CompletableFuture<T> ask(
      Map<String, Object> body, boolean isWrite, Function<Map<String, Object>, T> result) {
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    String type = (String) JsonText.member(body, "type");
    // Here, once: a value that JSON does not have is the caller's mistake, and what the caller
    // changes afterwards is not sent.
    String text = JsonText.print(body);
    call(
        () -> {
          if (isWrite) {
            writes.add(text, answer);
          } else {
            question(type, text, answer);
          }
        },
        () -> answer.completeExceptionally(closedError()));
    return answer.thenApply(result);
  }

  /**
   * Runs a call on the client's thread; of a closed client in its place {@code refuse}, on the
   * caller's thread when the client's has ended.
   */
  private void call(Runnable task, Runnable refuse) {
    boolean runs = platform.execute(() -> (closed ? refuse : task).run());
    if (!runs) {
      refuse.run();
    }
  }

  private void question(String type, String text, CompletableFuture<Map<String, Object>> answer) {
    int bytes = Connection.bytesOf(text);
    if (bytes > Connection.MESSAGE_BYTES) {
      answer.completeExceptionally(Writes.tooLarge(bytes));
    } else if (questions.size() >= mostPending) {
      answer.completeExceptionally(Writes.queueFull(mostPending));
    } else {
      double id = ids.next();
      Question question = new Question(type, text, answer);
      questions.put(id, question);
      send(id, question);
    }
  }

  private void send(double id, Question question) {
    if (connection.isOnline()) {
      question.sent = true;
      connection.send("{\"id\":" + (long) id + "," + question.text.substring(1));
    }
  }

  private LiveSet follow(Map<String, Object> filter) {
    JsonText.print(filter);
    String sub;
    synchronized (this) {
      sub = "live-" + ++lastSub;
    }
    LiveSet set = new LiveSet(sub, filter, this);
    call(
        () -> {
          live.put(sub, set);
          if (!fresh) {
            subscribe(set);
          }
        },
        () -> set.end(closedError()));
    return set;
  }

  private void subscribe(LiveSet set) {
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    answer.whenComplete(
        (reply, error) -> {
          if (error instanceof StoreError refusal && live.containsValue(set)) {
            live.values().remove(set);
            set.end(refusal);
          }
        });
    question("subscribe", JsonText.print(set.request()), answer);
  }

  void forget(String sub) {
    platform.execute(
        () -> {
          LiveSet set = live.remove(sub);
          if (set != null) {
            if (!fresh) {
              question(
                  "unsubscribe",
                  JsonText.print(Map.of("type", "unsubscribe", "sub", sub)),
                  new CompletableFuture<>());
            }
            set.end(new StoreError("CLOSED", "the live set was closed", Map.of()));
          }
        });
  }

  private void tellPending() {
    tell(new SyncStatus(status.online(), writes.pending(), status.error()));
  }

  private void tell(SyncStatus now) {
    status = now;
    for (Consumer<SyncStatus> listener : listeners) {
      try {
        listener.accept(now);
      } catch (RuntimeException | Error e) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  private static StoreError closedError() {
    return new StoreError("CLOSED", "the client is closed", Map.of());
  }

  private final class ConnectionOwner implements Connection.Owner {
    @Override
    public Map<String, Object> hello() {
      return writes.hello();
    }

    @Override
    public void sessionExpired(StoreError error) {
      writes.sessionExpired(error);
    }

    @Override
    public void online(Map<String, Object> reply) {
      tell(new SyncStatus(true, writes.pending(), Optional.empty()));
      writes.online(reply);
      new LinkedHashMap<>(questions)
          .forEach(
              (id, question) -> {
                if (!question.sent) {
                  send(id, question);
                }
              });
      if (fresh) {
        fresh = false;
        List.copyOf(live.values()).forEach(StoreClient.this::subscribe);
      }
    }

    @Override
    public void offline(StoreError error) {
      fresh = true;
      writes.offline();
      // A live set asks anew for itself, with the position it has come to.
      questions.values().removeIf(question -> question.type.endsWith("subscribe"));
      questions.values().forEach(question -> question.sent = false);
      live.values().forEach(LiveSet::offline);
      tell(new SyncStatus(false, writes.pending(), Optional.of(error)));
    }

    @Override
    public void received(Map<String, Object> message) {
      if (message.get("sub") instanceof String sub && !message.containsKey("id")) {
        LiveSet set = live.get(sub);
        if (set != null) {
          set.pushed(message);
        }
        return;
      }
      if (writes.received(message) || !(message.get("id") instanceof Double id)) {
        return;
      }
      Question question = questions.get(id);
      if (question != null) {
        answered(id, question, message);
      }
    }

    private void answered(double id, Question question, Map<String, Object> reply) {
      boolean refused = "error".equals(reply.get("status"));
      if (refused && PASSING.contains(String.valueOf(reply.get("code")))) {
        question.sent = false;
        Object ms = StoreError.details(reply).get("retryAfterMs");
        platform.after(
            ms instanceof Double asked ? asked : RETRY_MS,
            () -> {
              if (questions.get(id) == question && !question.sent) {
                send(id, question);
              }
            });
        return;
      }
      questions.remove(id);
      if (refused) {
        question.answer.completeExceptionally(StoreError.of(reply));
        return;
      }
      if (question.type.equals("subscribe")) {
        LiveSet set = live.get(reply.get("sub"));
        if (set != null) {
          set.subscribed(reply);
        }
      }
      question.answer.complete(reply);
    }
  }
}
