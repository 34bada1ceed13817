package dev.unifiedstorage.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * A client's world in memory: time that moves when all that is due is done, a network with weather,
 * and a store of the contract's rules for sessions, frames and subscriptions.
 */
final class FakeWorld implements Platform {
  private record Due(double atMs, long order, Runnable task) {}

  private record Sub(String name, String type) {}

  private static final class Session {
    int last;
    final Map<Integer, Map<String, Object>> outcomes = new HashMap<>();
  }

  final Map<String, Map<String, Object>> things = new TreeMap<>();

  /** Writes in the order in which they were carried out. */
  final List<Map<String, Object>> applied = new ArrayList<>();

  /** What arrived: objects, and lists of them. */
  final List<Object> messages = new ArrayList<>();

  /** Refuses requests; gives null for those that it lets through. */
  Function<Map<String, Object>, Map<String, Object>> refusal = request -> null;

  boolean down;
  int delayMs = 1;
  double cut;
  double halfOpen;

  private final Random random;
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparingDouble(Due::atMs).thenComparingLong(Due::order));
  private final Queue<Runnable> ready = new ArrayDeque<>();
  private final Map<String, Session> sessions = new HashMap<>();
  private final Map<String, Integer> changedAt = new TreeMap<>();
  private final Set<Link> links = new LinkedHashSet<>();
  private double nowMs = 1_000_000;
  private boolean closed;
  private long order;
  private int at;

  FakeWorld(long seed) {
    random = new Random(seed);
  }

  // ---- time

  @Override
  public boolean execute(Runnable task) {
    return !closed && ready.add(task);
  }

  @Override
  public Runnable after(double ms, Runnable task) {
    Due entry = new Due(nowMs + ms, order++, task);
    due.add(entry);
    return () -> due.remove(entry);
  }

  @Override
  public double nowMs() {
    return nowMs;
  }

  @Override
  public double random() {
    return random.nextDouble();
  }

  @Override
  public String secret() {
    return "session-" + random.nextInt(Integer.MAX_VALUE);
  }

  @Override
  public void close() {
    closed = true;
  }

  void until(BooleanSupplier done) {
    double end = nowMs + 3_600_000;
    while (true) {
      while (!ready.isEmpty()) {
        ready.poll().run();
      }
      if (done.getAsBoolean()) {
        return;
      }
      Due next = due.poll();
      if (next == null || next.atMs > end) {
        throw new AssertionError("an hour on, the condition does not hold");
      }
      nowMs = Math.max(nowMs, next.atMs);
      next.task.run();
    }
  }

  void pass(double ms) {
    double end = nowMs + ms;
    after(ms, () -> {});
    until(() -> nowMs >= end);
  }

  <T> T get(CompletableFuture<T> future) {
    until(future::isDone);
    return future.join();
  }

  // ---- the network

  @Override
  public Socket open(Listener listener) {
    Link link = new Link(listener);
    if (down) {
      after(1, () -> link.lose("refused"));
    } else {
      links.add(link);
      after(delayMs, listener::opened);
    }
    return link;
  }

  void cutAll() {
    List.copyOf(links).forEach(link -> link.lose("cut"));
  }

  /** Has every client receive a text that its store would not send. */
  void tellAll(String text) {
    List.copyOf(links).forEach(link -> link.listener.message(text));
  }

  void fairWeather() {
    delayMs = 1;
    cut = 0;
    halfOpen = 0;
  }

  private final class Link implements Socket {
    private final Listener listener;
    private final Map<String, Sub> subs = new LinkedHashMap<>();
    private final Map<String, Integer> told = new HashMap<>();
    private Session session;
    private String refusedWith;
    private boolean open = true;
    private boolean deaf;
    private double toStoreMs;
    private double toClientMs;

    Link(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void send(String text) {
      toStoreMs = carry(toStoreMs, () -> received(this, text));
    }

    void answer(Object message) {
      String text = JsonText.print(message);
      toClientMs = carry(toClientMs, () -> listener.message(text));
    }

    @Override
    public void close() {
      open = false;
      links.remove(this);
    }

    void lose(String why) {
      if (open) {
        close();
        listener.lost(why);
      }
    }

    /** In order, later, or not at all. */
    private double carry(double notBeforeMs, Runnable deliver) {
      deaf |= random.nextDouble() < halfOpen;
      if (random.nextDouble() < cut) {
        after(1, () -> lose("cut"));
        return notBeforeMs;
      }
      double arrivesMs = Math.max(notBeforeMs, nowMs + 1 + random.nextInt(delayMs));
      after(
          arrivesMs - nowMs,
          () -> {
            if (open && !deaf) {
              deliver.run();
            }
          });
      return arrivesMs;
    }
  }

  // ---- the store

  void forgetSessions() {
    sessions.clear();
  }

  int sessions() {
    return sessions.size();
  }

  @SuppressWarnings("unchecked")
  private void received(Link link, String text) {
    Object message = JsonText.parse(text);
    messages.add(message);
    boolean frame = message instanceof List<?>;
    List<Object> replies = new ArrayList<>();
    for (Object each : frame ? (List<?>) message : List.of(message)) {
      Map<String, Object> request = (Map<String, Object>) each;
      Map<String, Object> reply = new LinkedHashMap<>(answer(link, request));
      reply.put("id", request.get("id"));
      replies.add(reply);
    }
    link.answer(frame ? replies : replies.get(0));
    List.copyOf(links).forEach(this::push);
  }

  private Map<String, Object> answer(Link link, Map<String, Object> request) {
    Map<String, Object> refused = refusal.apply(request);
    switch ((String) request.get("type")) {
      case "ping":
        return Map.of("status", "ok");
      case "hello":
        return hello(link, request);
      case "read":
        Map<String, Object> found = new LinkedHashMap<>();
        for (Object id : (List<?>) request.get("$ids")) {
          if (things.containsKey(id)) {
            found.put((String) id, things.get(id));
          }
        }
        return refused != null ? refused : Map.of("status", "ok", "things", found);
      case "subscribe":
        if (refused != null) {
          return refused;
        }
        String name = (String) request.get("sub");
        link.subs.put(name, new Sub(name, (String) request.get("$type")));
        String since = (String) request.get("since");
        link.told.put(name, since == null ? -1 : Integer.parseInt(since));
        return Map.of("status", "ok", "sub", name, "mode", since == null ? "snapshot" : "changes");
      case "unsubscribe":
        link.subs.remove(request.get("sub"));
        return Map.of("status", "ok");
      default:
        return write(link, request, refused);
    }
  }

  private Map<String, Object> hello(Link link, Map<String, Object> request) {
    int next = ((Double) request.get("next")).intValue();
    String name = (String) request.get("session");
    Session session = sessions.get(name);
    if (session == null) {
      if (next > 1) {
        return error("SESSION_EXPIRED", Map.of());
      }
      session = new Session();
      sessions.put(name, session);
    }
    link.session = session;
    return Map.of("status", "ok", "next", Math.max(next, session.last + 1));
  }

  private Map<String, Object> write(
      Link link, Map<String, Object> request, Map<String, Object> refused) {
    int n = ((Double) request.get("n")).intValue();
    Map<String, Object> before = link.session.outcomes.get(n);
    if (before != null) {
      Map<String, Object> again = new LinkedHashMap<>(before);
      again.put("replayed", true);
      return again;
    }
    if (n != link.session.last + 1) {
      String code = link.refusedWith == null ? "VALIDATION_ERROR" : link.refusedWith;
      return error(code, Map.of("expected", link.session.last + 1));
    }
    if (refused != null
        && Set.of("OVERLOADED", "PAYLOAD_TOO_LARGE").contains(refused.get("code"))) {
      link.refusedWith = (String) refused.get("code");
      return refused;
    }
    link.refusedWith = null;
    Map<String, Object> outcome = refused == null ? apply(request) : refused;
    link.session.last = n;
    link.session.outcomes.put(n, outcome);
    return outcome;
  }

  private Map<String, Object> apply(Map<String, Object> request) {
    Map<?, ?> data = (Map<?, ?>) request.getOrDefault("data", Map.of());
    String id = (String) (request.containsKey("$id") ? request.get("$id") : data.get("$id"));
    applied.add(request);
    changedAt.put(id, ++at);
    Map<String, Object> before = things.get(id);
    if (request.get("type").equals("delete")) {
      things.remove(id);
      return Map.of("status", "ok");
    }
    if (request.get("type").equals("update") && before == null) {
      return error("NOT_FOUND", Map.of());
    }
    Map<String, Object> thing = new LinkedHashMap<>(before == null ? Map.of() : before);
    data.forEach((name, value) -> thing.put((String) name, value));
    thing.put("$id", id);
    thing.putIfAbsent("$type", request.get("$type"));
    double version = before == null ? 1 : (Double) before.get("$version") + 1;
    thing.put("$version", version);
    thing.put("$createdAt", nowMs);
    thing.put("$updatedAt", nowMs);
    things.put(id, thing);
    return Map.of("status", "ack", "$id", id, "$version", version);
  }

  /** In two parts, of which the first is not to be shown. */
  private void push(Link link) {
    for (Sub sub : link.subs.values()) {
      int from = link.told.get(sub.name);
      if (from == at) {
        continue;
      }
      link.told.put(sub.name, at);
      Map<String, Object> first = new LinkedHashMap<>();
      Map<String, Object> rest = new LinkedHashMap<>();
      changedAt.forEach(
          (id, changed) -> {
            if (changed > from) {
              Map<String, Object> thing = things.get(id);
              boolean matches = thing != null && thing.get("$type").equals(sub.type);
              (first.size() <= rest.size() ? first : rest).put(id, matches ? thing : null);
            }
          });
      link.answer(push(sub, first, "?", true));
      link.answer(push(sub, rest, String.valueOf(at), false));
    }
  }

  private static Map<String, Object> push(
      Sub sub, Map<String, Object> things, String at, boolean more) {
    return Map.of("sub", sub.name, "things", things, "at", at, "more", more);
  }

  static Map<String, Object> error(String code, Map<String, ?> details) {
    return Map.of("status", "error", "code", code, "error", "a sentence", "details", details);
  }
}
