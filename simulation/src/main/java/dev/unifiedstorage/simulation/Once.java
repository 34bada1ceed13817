package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the contract says about numbered writes: each is carried out once and in its order, and an
 * answer that is given again is the first one.
 *
 * <p>What was carried out is on the path of the log: its events name it. Of a write without events,
 * such as a refusal, only the memory of an instance and maybe its last checkpoint know, so that
 * after a loss of memory there are several right answers until the store has said which it gives.
 */
final class Once {
  private static final String ONCE = "a session's writes are carried out once";
  private static final String ORDER = "a session's writes are carried out in order";
  private static final String ANSWERS = "an answer that is given again is the first one";
  private static final String KEPT = "sessions are kept";

  private static final double KEPT_MS = 86_400_000;

  /** So far behind its last number a session's outcomes are kept. */
  private static final int UNANSWERED = 256;

  /** What a client has done with a session. */
  private static final class Told {
    final Map<Integer, Numbered> writes = new HashMap<>();

    /** It has said that it has all answers below. */
    int next = 1;

    /** A socket that sleeps remembers that the numbers up to it were carried out; 0 for none. */
    int asleep;

    /** What came of the numbers up to it is forgotten: a socket alone knew of them once. */
    int forgotten;
  }

  private final World world;
  private final Map<String, Told> sessions = new HashMap<>();

  Once(World world) {
    this.world = world;
  }

  private Told told(String session) {
    return sessions.computeIfAbsent(session, key -> new Told());
  }

  /** A client has begun to send a write. */
  void begins(Numbered write) {
    told(write.session).writes.put(write.n, write);
    world.figures.numberedWrites++;
  }

  /** An instance leaves the memory, and a socket stays that remembers so many. */
  void sleeps(Life life, String session, int remembers) {
    SessionMemory memory = life.sessions.get(session);
    if (memory != null && memory.known) {
      Told told = told(session);
      told.asleep = Math.max(told.asleep, Math.min(memory.last, remembers));
    }
  }

  /** A socket closes: what it alone remembers is gone with it, at the latest with this memory. */
  void closes(Life life, String session) {
    SessionMemory memory = life == null ? null : life.sessions.get(session);
    told(session).asleep = 0;
    if (memory != null && !memory.known) {
      memory.last = memory.lastFound();
    }
  }

  /** Some sockets may be gone, or what they remember counts no more. */
  void wakes() {
    sessions.values().forEach(told -> told.asleep = 0);
  }

  /** Whether a write is the next one of its session, behind those that wait for a start. */
  boolean isDue(Life life, Numbered write) {
    return write.n == told(write.session).asleep + life.early.waitingOf(write.session) + 1;
  }

  private SessionMemory memory(Life life, String session) {
    return life.sessions.computeIfAbsent(session, key -> remembered(life, key));
  }

  private SessionMemory remembered(Life life, String session) {
    SessionMemory memory = new SessionMemory();
    Model.Node node = life.head.tip();
    for (; node.isEvent(); node = node.parent) {
      if (node.by != null && node.by.write.session.equals(session)) {
        memory.found.computeIfAbsent(node.by.write.n, n -> new ArrayList<>()).add(0, node);
        memory.usedMs = Math.max(memory.usedMs, node.atMs);
      }
    }
    Told told = told(session);
    memory.last = Math.max(memory.lastFound(), told.asleep);
    if (memory.found.isEmpty()) {
      // The session begins behind them, and stays so when the socket is gone.
      told.forgotten = Math.max(told.forgotten, told.asleep);
    }
    return memory;
  }

  // ---- a request

  /** Whether it is known which number of a session an instance expects. */
  boolean knows(Life life, String session) {
    SessionMemory memory = memory(life, session);
    memory.settle(life);
    return memory.known;
  }

  /** Whether a request that reaches the store now is the one that carries its write out. */
  boolean carriesOut(Life life, Request request) {
    Numbered write = request.write;
    if (write.n == Numbered.NONE) {
      return false;
    }
    SessionMemory memory = memory(life, write.session);
    memory.settle(life);
    boolean carries =
        memory.known
            ? write.n == memory.last + 1
            : write.n > memory.last && !memory.carried.containsKey(write.n);
    request.due = memory.known ? memory.last + 1 : 0;
    if (carries) {
      write.firsts.add(request);
      memory.carried.put(write.n, request);
      memory.usedMs = Math.max(memory.usedMs, world.time.wallMs());
      request.carriedUpTo = write.n;
      if (memory.known) {
        memory.carriedOutUpTo(write.n);
        request.carriedUpTo = memory.last;
      }
    }
    return carries;
  }

  // ---- replies

  /** Whether a refusal says that the write stands behind one that was refused like that. */
  boolean standsBehind(Life life, Request request, Map<String, Object> reply) {
    int expected = expected(reply);
    if (expected == 0) {
      return false;
    }
    if (expected >= request.write.n) {
      throw new Violation(ORDER, request.text + " was answered " + reply);
    }
    return life.refused.contains(name(request.write.session, expected, reply.get("code")));
  }

  /** A write was refused and has not used its number up. */
  void refused(Life life, Request request, Map<String, Object> reply) {
    Numbered write = request.write;
    life.refused.add(name(write.session, write.n, reply.get("code")));
    if (expected(reply) == 0) {
      life.blocked.merge(write.session, write.n, Math::min);
    }
    write.undone(request);
    SessionMemory memory = life.sessions.get(write.session);
    if (memory != null && memory.carried.remove(write.n, request)) {
      memory.last = memory.known ? Math.min(memory.last, write.n - 1) : memory.last;
      world.sessions.undone(write.session, write.n);
    }
  }

  private static String name(String session, int n, Object code) {
    return session + " " + n + " " + code;
  }

  private static Map<?, ?> details(Map<String, Object> reply) {
    return reply.get("details") instanceof Map<?, ?> details ? details : Map.of();
  }

  /** The number that a refusal says is expected, 0 when it does not. */
  private static int expected(Map<String, Object> reply) {
    return details(reply).get("expected") instanceof Number number ? number.intValue() : 0;
  }

  /**
   * Holds an answer against what is known, unless it is that of a write which the request itself
   * has carried out.
   *
   * @return whether it was another one
   */
  boolean isOther(Life life, Request request, Map<String, Object> reply) {
    Numbered write = request.write;
    if (write.n == Numbered.NONE) {
      if (!"VALIDATION_ERROR".equals(reply.get("code"))
          || !"n".equals(details(reply).get("field"))) {
        throw new Violation(ORDER, "a write without a number was answered " + reply);
      }
      return true;
    }
    SessionMemory memory = memory(life, write.session);
    boolean isLost = Boolean.TRUE.equals(details(reply).get("lost"));
    boolean isExpired = "SESSION_EXPIRED".equals(reply.get("code"));
    boolean isOther = expected(reply) != 0 || isLost || isExpired || reply.containsKey("replayed");
    if (!isOther) {
      if (memory.carried.get(write.n) != request) {
        throw new Violation(
            ONCE, "number " + write.n + " of " + write.session + " was not due, got " + reply);
      }
      memory.kept = true;
      life.blocked.computeIfPresent(write.session, (key, n) -> n <= write.n ? null : n);
      if (request.client instanceof SessionSocket socket) {
        socket.carriedOut(write.session, request.carriedUpTo);
      }
      if (!memory.known) {
        memory.known = true;
        memory.carriedOutUpTo(write.n);
      }
      return false;
    }
    if (memory.carried.get(write.n) == request) {
      if (memory.known) {
        throw new Violation(
            ORDER, "number " + write.n + " of " + write.session + " was due, got " + reply);
      }
      memory.carried.remove(write.n);
    }
    request.forget();
    if (expected(reply) != 0) {
      gap(life, request, expected(reply), reply);
    } else if (isExpired) {
      expired(life, write.session, write.n, told(write.session).next);
    } else if (isLost) {
      lost(memory, write);
    } else {
      again(memory, request, reply);
    }
    return true;
  }

  private void gap(Life life, Request request, int expected, Map<String, Object> reply) {
    Numbered write = request.write;
    SessionMemory memory = memory(life, write.session);
    memory.carried.remove(write.n, request);
    String what = "number " + write.n + " of " + write.session + " was answered " + reply;
    boolean blocked = life.blocked.getOrDefault(write.session, 0) == expected;
    // Only a store that has forgotten its sessions has forgotten that.
    if (expected >= write.n
        || (blocked && !world.faults.happened().containsKey(Fault.STORE_DELETED))) {
      throw new Violation(ORDER, what);
    }
    if (request.due == 0) {
      standsAt(memory, write.session, expected - 1, told(write.session).next, what);
    } else if (request.due != expected) {
      throw new Violation(ORDER, what + ": " + request.due + " was due");
    }
  }

  /** The store has said what the highest number is that was carried out. */
  private void standsAt(SessionMemory memory, String session, int last, int next, String what) {
    if (memory.known ? last != memory.last : last < memory.last) {
      throw new Violation(ORDER, what + ": " + memory.last + " was carried out");
    }
    for (int n = memory.last + 1; n <= last; n++) {
      Numbered write = told(session).writes.get(n);
      if (n >= next && (write == null || !write.mayBeUsedUp(world.copies.branched()))) {
        throw new Violation(ORDER, what + ": " + n + " was not");
      }
    }
    if (!memory.known) {
      memory.carried.keySet().removeIf(n -> n > last);
    }
    memory.known = true;
    memory.carriedOutUpTo(last);
  }

  private void expired(Life life, String session, int n, int next) {
    SessionMemory memory = memory(life, session);
    boolean mayBe =
        (memory.found.isEmpty() && !memory.kept)
            || n < next
            || n <= told(session).forgotten
            || n <= memory.last - UNANSWERED
            || world.time.wallMs() - memory.usedMs > KEPT_MS;
    if (!mayBe) {
      throw new Violation(KEPT, "session " + session + " has expired at number " + n);
    }
  }

  /** The answer is that nothing is known of it, but that it has changed nothing. */
  private void lost(SessionMemory memory, Numbered write) {
    String what = "number " + write.n + " of " + write.session;
    if (memory.found.containsKey(write.n) || memory.carried.containsKey(write.n)) {
      throw new Violation(ANSWERS, what + " was carried out, its outcome is lost");
    }
    if (write.n >= told(write.session).next && !write.mayBeUsedUp(world.copies.branched())) {
      throw new Violation(ORDER, what + " was never carried out, its outcome is lost");
    }
  }

  private void again(SessionMemory memory, Request request, Map<String, Object> reply) {
    Numbered write = request.write;
    List<Map<String, Object>> right = new ArrayList<>();
    Request first = memory.carried.get(write.n);
    List<Model.Node> found = memory.found.get(write.n);
    if (first != null) {
      right.add(kept(first));
      request.shown = first.shown;
    } else if (found != null) {
      right.add(kept(found.get(0).by));
      if (write.batch) {
        right.add(new LinkedHashMap<>(Map.of("status", "ack", "lost", true)));
      }
    } else {
      write.firsts.stream()
          .filter(Numbered::isWithoutEvents)
          .forEach(earlier -> right.add(kept(earlier)));
    }
    for (Map<String, Object> one : right) {
      one.put("id", request.id);
      one.put("replayed", true);
      if (Texts.same(one, reply)) {
        world.figures.answersAgain++;
        return;
      }
    }
    throw new Violation(ANSWERS, "expected " + right + ", got " + reply);
  }

  /** What is kept of an answer: no things. */
  private static Map<String, Object> kept(Request first) {
    Map<String, Object> kept = withoutThings(first.expected);
    if (kept.get("results") instanceof List<?> results) {
      kept.put(
          "results", results.stream().map(result -> withoutThings((Map<?, ?>) result)).toList());
    }
    return kept;
  }

  private static Map<String, Object> withoutThings(Map<?, ?> answer) {
    if (answer.containsKey("things")) {
      return Map.of("status", "ok");
    }
    Map<String, Object> without = new LinkedHashMap<>();
    answer.forEach((key, value) -> without.put((String) key, value));
    without.remove("thing");
    without.remove("truncated");
    return without;
  }

  // ---- hello

  /** A client has said where it stands; the answer says where the store does. */
  void greeted(Life life, String session, int next, Map<String, Object> reply) {
    SessionMemory memory = memory(life, session);
    memory.settle(life);
    int before = told(session).next;
    if ("SESSION_EXPIRED".equals(reply.get("code"))) {
      expired(life, session, next, before);
      if (next == 1) {
        throw new Violation(KEPT, "a new session has expired: " + session);
      }
      return;
    }
    told(session).next = Math.max(before, next);
    memory.kept = true;
    memory.last = Math.max(memory.last, next - 1);
    if (memory.known) {
      memory.carriedOutUpTo(next - 1);
    }
    int last = ((Number) reply.get("next")).intValue() - 1;
    standsAt(memory, session, last, told(session).next, "hello to " + session + " got " + reply);
    memory.usedMs = Math.max(memory.usedMs, world.time.wallMs());
  }

  // ---- what comes back

  /** Whether more changes of the same number follow: any of them would count as all of it. */
  static boolean isHalf(Model.Node node) {
    if (node.by == null || node.by.write == null) {
      return false;
    }
    List<Model.Node> changes = node.by.changes;
    int at = changes.indexOf(node);
    return at >= 0 && at < changes.size() - 1;
  }

  // ---- the end

  /** On a path that counts each number is there once, and none behind a higher one. */
  static void check(Model.Node tip) {
    List<Model.Node> path = new ArrayList<>();
    for (Model.Node node = tip; node.isEvent(); node = node.parent) {
      path.add(node);
    }
    Collections.reverse(path);
    Map<String, Request> last = new HashMap<>();
    for (Model.Node node : path) {
      Request before = node.by == null ? node.by : last.put(node.by.write.session, node.by);
      if (before == null || before == node.by) {
        continue;
      }
      if (before.write.n >= node.by.write.n) {
        throw new Violation(
            before.write.n == node.by.write.n ? ONCE : ORDER,
            node + " is of number " + node.by.write.n + ", behind " + before.write.n);
      }
    }
  }
}
