package dev.unifiedstorage.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The writes of one session that wait for their answer, in order.
 *
 * <ul>
 *   <li>Each has a number, without gaps; the store carries each number out once, so that a write
 *       whose answer was lost is sent again as it was. At most 256 numbers are on their way.
 *   <li>A refusal that does not use the number up is no answer: after the pause that it asks for,
 *       that write and those behind it are sent again. Every other answer is the outcome.
 *   <li>A number is never given to another write. Where a write has to leave its place (it was too
 *       large, the store has forgotten), the rest goes on in a new session: a copy that is still on
 *       its way can then do nothing.
 * </ul>
 */
final class Writes {
  private static final int MOST_UNANSWERED = 256;

  /** What {@code id} and {@code n} add to a request. */
  private static final int ENVELOPE_BYTES = 64;

  private static final double RETRY_MS = 100;
  private static final Set<String> PASSING =
      Set.of("OVERLOADED", "RECOVERING", "UNAVAILABLE", "RATE_LIMITED");

  private static final class Write {
    /** The request without its envelope, printed. */
    final String text;

    final CompletableFuture<Map<String, Object>> answer;
    int n;
    double sentAs;
    boolean everSent;

    Write(String text, CompletableFuture<Map<String, Object>> answer) {
      this.text = text;
      this.answer = answer;
    }
  }

  private final Connection connection;
  private final Platform platform;
  private final int mostPending;
  private final Ids ids;
  private final Runnable changed;
  private final Map<Double, Write> sent = new HashMap<>();
  private final List<CompletableFuture<Void>> idle = new ArrayList<>();

  /** By number. */
  private TreeMap<Integer, Write> pending = new TreeMap<>();

  private String session;
  private int lastN;

  /** Every write with a smaller number is on its way. */
  private int unsentFrom;

  private boolean paused;
  private Runnable cancelPause = () -> {};

  Writes(Connection connection, Platform platform, int mostPending, Ids ids, Runnable changed) {
    this.connection = connection;
    this.platform = platform;
    this.mostPending = mostPending;
    this.ids = ids;
    this.changed = changed;
    this.session = platform.secret();
  }

  int pending() {
    return pending.size();
  }

  Map<String, Object> hello() {
    return Map.of("session", session, "next", pending.isEmpty() ? lastN + 1 : pending.firstKey());
  }

  void add(String text, CompletableFuture<Map<String, Object>> answer) {
    int bytes = Connection.bytesOf(text) + ENVELOPE_BYTES;
    if (bytes > Connection.MESSAGE_BYTES) {
      answer.completeExceptionally(tooLarge(bytes));
    } else if (pending.size() >= mostPending) {
      answer.completeExceptionally(queueFull(mostPending));
    } else {
      Write write = new Write(text, answer);
      write.n = ++lastN;
      pending.put(write.n, write);
      changed.run();
      pump();
    }
  }

  static StoreError tooLarge(int bytes) {
    return new StoreError(
        "TOO_LARGE",
        "a request has at most " + Connection.MESSAGE_BYTES + " bytes, this one has " + bytes,
        Map.of("bytes", bytes, "limit", Connection.MESSAGE_BYTES));
  }

  static StoreError queueFull(int limit) {
    return new StoreError(
        "QUEUE_FULL", limit + " requests wait for their answer already", Map.of("limit", limit));
  }

  /** Completes when every write so far has its answer. */
  void whenSettled(CompletableFuture<Void> settled) {
    idle.add(settled);
    settle();
  }

  void online(Map<String, Object> reply) {
    if (pending.isEmpty()) {
      lastN = Math.max(lastN, ((Double) JsonText.member(reply, "next")).intValue() - 1);
    }
    pump();
  }

  void offline() {
    cancelPause.run();
    paused = false;
    forgetSent();
  }

  /** What was never sent goes on in a new session; what became of the rest is not known. */
  void sessionExpired(StoreError error) {
    List<Write> unknown = new ArrayList<>();
    for (Write write : pending.values()) {
      if (write.everSent) {
        unknown.add(write);
      }
    }
    unknown.forEach(write -> pending.remove(write.n));
    beginAnew();
    unknown.forEach(write -> write.answer.completeExceptionally(error));
    settle();
  }

  /** Whether the reply was to a write of this session. */
  boolean received(Map<String, Object> reply) {
    Write write = reply.get("id") instanceof Double id ? sent.remove(id) : null;
    if (write == null) {
      return false;
    }
    write.sentAs = 0;
    String code = "error".equals(reply.get("status")) ? String.valueOf(reply.get("code")) : null;
    Map<String, Object> details = StoreError.details(reply);
    if (code == null) {
      remove(write);
      write.answer.complete(reply);
    } else if (PASSING.contains(code)) {
      unsentFrom = Math.min(unsentFrom, write.n);
      pause(details.get("retryAfterMs") instanceof Double ms ? ms : RETRY_MS);
    } else if (code.equals("VALIDATION_ERROR") && details.get("expected") instanceof Double next) {
      unsentFrom = Math.min(unsentFrom, write.n);
      // The store expects an earlier one: what is on its way is sent again, unless it is not here.
      if (next < pending.firstKey()) {
        restart();
      }
    } else if (code.equals("PAYLOAD_TOO_LARGE") || code.equals("PARSE_ERROR")) {
      remove(write);
      restart();
      write.answer.completeExceptionally(StoreError.of(reply));
    } else {
      remove(write);
      write.answer.completeExceptionally(StoreError.of(reply));
    }
    settle();
    pump();
    return true;
  }

  void close(StoreError error) {
    cancelPause.run();
    sent.clear();
    List<Write> open = List.copyOf(pending.values());
    pending.clear();
    open.forEach(write -> write.answer.completeExceptionally(error));
    settle();
  }

  private void pump() {
    if (paused || !connection.isOnline() || pending.isEmpty()) {
      return;
    }
    int end = Math.max(unsentFrom, pending.firstKey() + MOST_UNANSWERED);
    for (Write write : pending.subMap(unsentFrom, end).values()) {
      if (write.sentAs == 0) {
        write.sentAs = ids.next();
        write.everSent = true;
        sent.put(write.sentAs, write);
        String envelope = "{\"id\":" + (long) write.sentAs + ",\"n\":" + write.n + ",";
        connection.send(envelope + write.text.substring(1));
      }
    }
    unsentFrom = Math.min(end, lastN + 1);
  }

  private void pause(double ms) {
    if (!paused) {
      paused = true;
      cancelPause =
          platform.after(
              ms,
              () -> {
                paused = false;
                pump();
              });
    }
  }

  private void restart() {
    beginAnew();
    connection.greetAgain();
  }

  private void beginAnew() {
    forgetSent();
    session = platform.secret();
    lastN = 0;
    TreeMap<Integer, Write> renumbered = new TreeMap<>();
    for (Write write : pending.values()) {
      write.n = ++lastN;
      renumbered.put(write.n, write);
    }
    pending = renumbered;
    changed.run();
  }

  private void forgetSent() {
    sent.clear();
    pending.values().forEach(write -> write.sentAs = 0);
    unsentFrom = 0;
  }

  private void remove(Write write) {
    pending.remove(write.n);
    changed.run();
  }

  private void settle() {
    if (pending.isEmpty()) {
      List<CompletableFuture<Void>> waiting = List.copyOf(idle);
      idle.clear();
      waiting.forEach(each -> each.complete(null));
    }
  }

  /** The ids of requests, rising. */
  static final class Ids {
    private double last;

    double next() {
      return ++last;
    }
  }
}
