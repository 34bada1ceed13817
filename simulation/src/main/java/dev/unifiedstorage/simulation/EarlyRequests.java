package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * What a life was asked before it knew whether it is new.
 *
 * <p>A store may keep that for a while: in order, within bounds, and for a limited time. It carries
 * it out if it is new, which the first sign of that tells, and refuses it otherwise.
 */
final class EarlyRequests {
  private static final double HELD_MS = 3_000;
  private static final int HELD_REQUESTS = 1_000;
  private static final int HELD_CHARS = 1 << 20;

  private final Life life;
  private final double startedMs;

  /** Whether this life has to ask the archive before it can say anything. */
  private final boolean asksTheArchive;

  private final List<Request> waiting = new ArrayList<>();

  /** Those that are being carried out within the event under way, a frame's too. */
  private final List<Request> underWay = new ArrayList<>();

  /** How many ids had been made when the first of those began. */
  private int uuidsBefore;

  private int held;
  private int chars;
  private boolean released;

  EarlyRequests(Life life) {
    this.life = life;
    this.startedMs = life.world.time.nowMs();
    this.asksTheArchive = life.world.setup.archive() && life.world.disk.isEmpty();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean contains(Request request) {
    return waiting.contains(request);
  }

  /** How many writes of a session wait. */
  int waitingOf(String session) {
    int count = 0;
    for (Request request : waiting) {
      count += request.write != null && request.write.session.equals(session) ? 1 : 0;
    }
    return count;
  }

  void add(Request request) {
    waiting.add(request);
  }

  /** The store has taken in a request: it keeps it, or has refused it already. */
  void taken(Request request) {
    if (!life.alive() || life.running) {
      return;
    }
    boolean fits = held < HELD_REQUESTS && chars + request.text.length() <= HELD_CHARS;
    boolean kept = waiting.contains(request);
    if (kept && (!fits || isLate())) {
      throw new Violation("early requests are kept within bounds", held + " are, " + chars);
    }
    if (!kept && fits && asksTheArchive && !released && !isLate() && !life.store.isFailed()) {
      throw new Violation("early requests are kept within bounds", request.text + " was refused");
    }
    held += kept ? 1 : 0;
    chars += kept ? request.text.length() : 0;
  }

  private boolean isLate() {
    return life.world.time.nowMs() >= startedMs + HELD_MS;
  }

  /** Nothing is kept for longer than the bound. */
  void check() {
    if (life.alive() && !waiting.isEmpty() && life.world.time.nowMs() > startedMs + HELD_MS) {
      throw new Violation(
          "early requests are kept within bounds", "too long: " + waiting.size() + " of them");
    }
  }

  /** The store lets go of what it has kept: in order, on a state that is empty. */
  List<Request> carryOut() {
    released = true;
    together(List.copyOf(waiting));
    waiting.clear();
    return underWay;
  }

  /**
   * One was refused.
   *
   * @return those that come after it, and have been planned as if it were carried out; null when it
   *     was not to be carried out
   */
  List<Request> refused(Request request) {
    // What is refused within its own event was never kept.
    boolean kept = request.invokedInEvent != life.events;
    if (kept) {
      check();
    }
    if (waiting.remove(request)) {
      released |= kept;
      return null;
    }
    int at = underWay.indexOf(request);
    return at < 0 ? null : underWay.subList(at + 1, underWay.size());
  }

  /** These are carried out within one event: the next one, if they come in one message. */
  void together(List<Request> frame) {
    if (underWay.isEmpty()) {
      uuidsBefore = life.world.model.uuids();
    }
    underWay.addAll(frame);
  }

  /**
   * How many ids are made for others before what comes behind one that was refused; negative when
   * its own were made by now, for a frame is answered once all of it was carried out.
   */
  int uuidsAhead(Request refused) {
    int ahead = uuidsBefore - life.world.model.uuids();
    for (Request before : underWay.subList(0, underWay.indexOf(refused))) {
      ahead += before.uuids;
    }
    return ahead;
  }

  /** The event is over. */
  void settled() {
    underWay.clear();
  }

  /** The store has gone on to something else than waiting for the archive's first answer. */
  void wrote() {
    released = true;
  }
}
