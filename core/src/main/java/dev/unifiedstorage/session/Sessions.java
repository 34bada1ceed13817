package dev.unifiedstorage.session;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a store keeps, least recently used first.
 *
 * <p>All of it is bounded: so many sessions, so many bytes of outcomes, and a day after the last
 * write. At the bound, outcomes go first that no client can ask for any more, then whole sessions:
 * never one outcome alone, for a write that was carried out must not be taken for one that was not.
 *
 * <p>A checkpoint takes {@link #text} along in its commit record: the newest outcomes of each
 * session, as many as there is room for. What was written since comes back from the events.
 */
public final class Sessions {
  /** How many numbers of one client may be unanswered. */
  public static final int UNANSWERED = 256;

  /** All outcomes in memory, in bytes. */
  private static final double MAX_BYTES = 8 * 1024 * 1024;

  /** A day. */
  private static final double KEPT_MS = 86_400_000;

  /** What a commit record has room for, in characters. */
  private static final int TEXT_CHARS = 160_000;

  /** A longer outcome is not persisted: of a write it is said that it was, a refusal is dropped. */
  private static final int PERSISTED_CHARS = 1000;

  /** Behind the id in a reply that has to do without the results of a batch. */
  private static final String LOST = ",\"status\":\"ack\",\"lost\":true}";

  private static final char OWNER_END = '\n';

  /** Numbers that were refused one behind the other and not used up, from one to another. */
  private record Blocked(double from, double to, String code) {}

  private final Json json;
  private final Map<String, Session> byKey = new LinkedHashMap<>();

  /** By the key of the session, which may not be kept. */
  private final Map<String, Blocked> blocked = new LinkedHashMap<>();

  private Consumer<Session> whenUndone = session -> {};
  private Runnable whenForgotten = () -> {};
  private int most = 1000;
  private double bytes;
  private String text = "";
  private boolean changed;

  /** Whether no session that had a number carried out can be missing here. */
  private boolean complete = true;

  public Sessions(Json json) {
    this.json = json;
  }

  /** Has somebody told of each session that has something undone. */
  public void whenUndone(Consumer<Session> told) {
    whenUndone = told;
  }

  /** Has somebody told when all sessions are forgotten. */
  public void whenForgotten(Runnable told) {
    whenForgotten = told;
  }

  /** Says how many sessions are kept. */
  public void keepAtMost(int sessions) {
    most = sessions;
  }

  /**
   * The key of a client's session: those of another owner are others. A name has no line feed, so
   * the last one of a key tells the two apart, and the key of a name alone has none.
   *
   * @param owner null where sessions have no owners
   */
  public static String key(@Nullable String owner, String name) {
    return owner == null ? name : owner + OWNER_END + name;
  }

  /** The name in a key. */
  public static String name(String key) {
    return key.substring(key.lastIndexOf(OWNER_END) + 1);
  }

  /** The owner in a key, null where sessions have no owners. */
  public static @Nullable String owner(String key) {
    int end = key.lastIndexOf(OWNER_END);
    return end < 0 ? null : key.substring(0, end);
  }

  public int size() {
    return byKey.size();
  }

  /** A session that is kept, or null. */
  public @Nullable Session find(String key, double nowMs) {
    if (byKey.isEmpty()) {
      return null;
    }
    Session session = byKey.get(key);
    if (session != null && nowMs - session.usedAtMs() > KEPT_MS) {
      drop(session);
      return null;
    }
    return session;
  }

  /** A new session of which everything up to a number was carried out. */
  public Session open(String key, double last, double nowMs) {
    Session session = new Session(key, last, nowMs);
    byKey.put(key, session);
    while (byKey.size() > most) {
      drop(byKey.values().iterator().next());
    }
    changed = true;
    return session;
  }

  /** The client has the answers to all numbers below one. */
  public void answeredBelow(Session session, double n, double nowMs) {
    session.answeredBelow(n);
    use(session, nowMs);
  }

  private void use(Session session, double nowMs) {
    session.usedAt(nowMs);
    byKey.remove(session.key());
    byKey.put(session.key(), session);
    changed = true;
  }

  /** A number was carried out: its outcome is kept. */
  public void carriedOut(
      Session session, double n, String tail, boolean changedThings, double seq, double nowMs) {
    put(session, n, new Session.Outcome(tail, changedThings, seq));
    use(session, nowMs);
    if (!blocked.isEmpty()) {
      Blocked behind = blocked.get(session.key());
      if (behind != null && behind.to <= session.last()) {
        blocked.remove(session.key());
      }
    }
    makeRoom(session);
  }

  private void put(Session session, double n, Session.Outcome outcome) {
    Session.Outcome older = session.outcome(n);
    bytes += outcome.bytes() - (older == null ? 0 : older.bytes());
    session.put(n, outcome);
  }

  private void makeRoom(Session current) {
    if (bytes <= MAX_BYTES) {
      return;
    }
    for (Session session : byKey.values()) {
      double lowest = session.lowestAsked(UNANSWERED);
      List<Double> answered = new ArrayList<>();
      for (double n : session.outcomes().keySet()) {
        if (n < lowest) {
          answered.add(n);
        }
      }
      for (double n : answered) {
        bytes -= Objects.requireNonNull(session.outcome(n)).bytes();
        session.forget(n);
      }
    }
    while (bytes > MAX_BYTES && byKey.size() > 1) {
      Session oldest = byKey.values().iterator().next();
      drop(oldest == current ? second() : oldest);
    }
  }

  private Session second() {
    var all = byKey.values().iterator();
    all.next();
    return all.next();
  }

  private void drop(Session session) {
    for (Session.Outcome outcome : session.outcomes().values()) {
      bytes -= outcome.bytes();
    }
    byKey.remove(session.key());
    changed = true;
    complete = false;
  }

  /** Whether so many of a client's writes wait for their replies that no more may. */
  public static boolean isFull(Session session, double durableSeq) {
    Session.Outcome oldest = session.outcome(session.last() - UNANSWERED + 1);
    return oldest != null && oldest.seq() > durableSeq;
  }

  // ---- numbers that were not used up

  /** A number was refused and not used up: those behind it are refused for the same reason. */
  public void blocked(String key, double n, String code) {
    blocked(key, n, n, code);
  }

  private void blocked(String key, double from, double to, String code) {
    if (to <= lastOf(key)) {
      return;
    }
    double first = firstBlocked(key);
    Blocked now = new Blocked(from, to, code);
    if (first > 0) {
      Blocked before = Objects.requireNonNull(blocked.get(key));
      if (from > before.to + 1) {
        return;
      }
      boolean joined = to + 1 >= before.from;
      now =
          new Blocked(
              Math.min(from, before.from),
              joined ? Math.max(to, before.to) : to,
              from <= first ? code : before.code);
      blocked.remove(key);
    }
    blocked.put(key, now);
    if (blocked.size() > most) {
      blocked.remove(blocked.keySet().iterator().next());
    }
  }

  private double lastOf(String key) {
    Session session = byKey.get(key);
    return session == null ? 0 : session.last();
  }

  /** Why the number that is expected was refused; "" when it has not been. */
  public String blockedBy(String key, double expected) {
    Blocked behind = blocked.get(key);
    if (behind == null || expected < behind.from || expected > behind.to) {
      return "";
    }
    return behind.code;
  }

  /** The first number that was refused and is still due; 0 for none. */
  public double firstBlocked(String key) {
    Blocked behind = blocked.get(key);
    double last = lastOf(key);
    return behind != null && behind.to > last ? Math.max(behind.from, last + 1) : 0;
  }

  /** What is past an event is undone, and with it what came of the numbers that showed it. */
  public void undone(double durableSeq, String code) {
    for (Session session : byKey.values()) {
      double last = session.last();
      double first = session.undone(durableSeq);
      if (first != 0) {
        blocked(session.key(), first, last, code);
        whenUndone.accept(session);
        changed = true;
      }
    }
    bytes = 0;
    for (Session session : byKey.values()) {
      for (Session.Outcome outcome : session.outcomes().values()) {
        bytes += outcome.bytes();
      }
    }
  }

  // ---- a start

  /**
   * An event of a number is brought by a replay.
   *
   * @param tail the reply to a write that made this event alone; null when it was a batch
   */
  public void replayed(String key, double n, @Nullable String tail, double tsMs) {
    Session session = byKey.get(key);
    if (session == null) {
      session = open(key, n - 1, tsMs);
      if (complete) {
        // It began with number 1: whatever has no event was refused.
        session.restored(0, 1);
      }
    }
    if (session.takesReplayed(n)) {
      put(session, n, new Session.Outcome(tail == null ? LOST : tail, true, 0));
      use(session, tsMs);
      makeRoom(session);
    }
  }

  /** Forgets all sessions: the store was deleted. */
  public void forgetAll() {
    byKey.clear();
    blocked.clear();
    bytes = 0;
    changed = true;
    whenForgotten.run();
  }

  // ---- rows

  /** What a commit record says of them, as a JSON array; "" for nothing. */
  public String text() {
    if (changed) {
      text = byKey.isEmpty() ? "" : print();
      changed = false;
    }
    return text;
  }

  private String print() {
    List<Session> newestFirst = new ArrayList<>(byKey.values());
    JsonWriter all = json.writer().raw("[");
    String separator = "";
    int left = TEXT_CHARS;
    for (int i = newestFirst.size() - 1; i >= 0 && left > 0; i--) {
      String one = print(newestFirst.get(i), left);
      left -= one.length();
      all.raw(separator).raw(one);
      separator = ",";
    }
    return all.raw("]").text();
  }

  /** One session with as many of its newest outcomes as there is room for. */
  private String print(Session session, int room) {
    JsonWriter outcomes = json.writer();
    double lowest = session.lowestAsked(UNANSWERED);
    double floor = Math.max(session.floor(), lowest - 1);
    int left = room;
    for (double n = session.last(); n > floor; n--) {
      Session.Outcome outcome = session.outcome(n);
      if (outcome == null || (!outcome.changed() && outcome.tail().length() > PERSISTED_CHARS)) {
        continue;
      }
      String tail = outcome.tail().length() > PERSISTED_CHARS ? LOST : outcome.tail();
      String quoted = json.writer().string(tail).text();
      left -= quoted.length() + 24;
      if (left < 0) {
        floor = n;
        break;
      }
      outcomes.raw(",").number(n).raw(outcome.changed() ? ",1," : ",0,").raw(quoted);
    }
    JsonWriter one = json.writer().raw("[").string(session.key()).raw(",");
    one.number(session.last()).raw(",").number(floor).raw(",").number(session.next());
    one.raw(",").number(session.usedAtMs()).raw(outcomes).raw("]");
    return one.text();
  }

  /**
   * Takes over what a commit record or a snapshot says, in place of what was known. What was
   * refused while there was nothing to carry it out stays refused.
   */
  public void load(String record) {
    byKey.clear();
    bytes = 0;
    text = record;
    changed = false;
    // A longer record may have had no room for all.
    complete = record.length() < TEXT_CHARS / 2;
    if (record.isEmpty()) {
      return;
    }
    JsonArray all = json.parseMessage(record).array();
    for (int i = all.size() - 1; i >= 0; i--) {
      JsonArray one = all.array(i);
      Session session = new Session(one.string(0), one.number(1), one.number(4));
      session.restored(one.number(2), one.number(3));
      for (int at = one.size() - 3; at >= 5; at -= 3) {
        put(
            session,
            one.number(at),
            new Session.Outcome(one.string(at + 2), one.number(at + 1) == 1, 0));
      }
      byKey.put(session.key(), session);
    }
  }
}
