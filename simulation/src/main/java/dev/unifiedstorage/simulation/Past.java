package dev.unifiedstorage.simulation;

import dev.unifiedstorage.protocol.Route;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The past, as reads of it may tell it: what was, on the path that the object's log has taken, or a
 * refusal that has a reason.
 *
 * <p>What was tried and then undone, lost or voided never was. A moment that has not come yet shows
 * each thing as it was at some time between question and answer.
 */
final class Past {
  private static final String HOLDS = "a read of the past shows what was";

  /** How many looks into the archive a store keeps waiting behind the one that runs. */
  private static final int WAITING = 16;

  private static final int UNASKED = -1;

  /** So long a store waits for rows of before a snapshot or a deletion, beside the settle time. */
  private static final double LATE_MS = 3_600_000;

  private final World world;

  Past(World world) {
    this.world = world;
  }

  /** What is asked: one of the bounds is infinite. */
  static final class Question {
    final List<String> ids;
    private final double untilSeq;
    private final double untilMs;

    /** The last change when it was asked, and its seq, or of the last one left of those. */
    private Model.Node tip;

    private double tipSeq;
    private boolean archived;
    private boolean undecided;
    private int failures = UNASKED;

    /** What has expired by then is absent; 0 for a place in the log, which is no time. */
    private double expiredByMs;

    Question(List<String> ids, double untilSeq, double untilMs) {
      this.ids = ids;
      this.untilSeq = untilSeq;
      this.untilMs = untilMs;
    }

    /** Changes past this one never were: their seqs are given out again. */
    void undone(double toSeq) {
      tipSeq = Math.min(tipSeq, toSeq);
    }

    private boolean isBefore(Model.Node node) {
      // What was deleted with the whole store at a seq had not been yet, there.
      boolean within = node.isEmptying() ? node.seq < untilSeq : node.seq <= untilSeq;
      return within && node.atMs <= untilMs;
    }
  }

  /** Asks about a moment or for a history. */
  void ask(Client client) {
    Life life = world.alive();
    Model.Node tip = life.head.tip();
    Random random = world.random;
    if (random.nextInt(4) == 0) {
      world.ask(world.workload.pastQuery(client, tip, random));
      return;
    }
    if (random.nextInt(4) > 0) {
      world.ask(world.workload.past(client, tip, random));
      return;
    }
    String id = "i" + random.nextInt(world.setup.ids());
    askHistory(life, id, random.nextInt((int) tip.seq + 1) * random.nextInt(2));
  }

  /** The store will look once it knows whether it is new, maybe before it is seen to know. */
  void held(Question question) {
    question.failures = world.faults.archiveFailures();
  }

  /** The store is about to look. */
  void asked(Life life, Question question) {
    question.tip = life.head.tip();
    question.tipSeq = question.tip.seq;
    boolean timeless = question.untilMs == Double.POSITIVE_INFINITY;
    question.expiredByMs = timeless ? 0 : Math.min(question.untilMs, world.time.wallMs());
    question.undecided = isUndecided(life);
    question.archived = world.setup.archive() && world.sink.hasAll(life.head.tip());
    if (question.failures == UNASKED) {
      question.failures = world.faults.archiveFailures();
    }
  }

  /**
   * Whether the archive lacks the first event of an epoch that an earlier life began: who reads it
   * cannot know which records that epoch voids (docs/durability.md).
   */
  private boolean isUndecided(Life life) {
    Model.Node tip = life.head.tip();
    for (Model.Node node = tip; node.parent != null; node = node.parent) {
      boolean first = node.epoch != node.parent.epoch;
      if (node.isEvent() && first && node.epoch <= life.recoveredEpoch && !world.sink.has(node)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether rows that are late can be taken for erased: the first of all, later than a store waits
   * for it by its clock (docs/retention.md).
   */
  private boolean looksErased(Life life) {
    Model.Node first = life.head.tip();
    for (Model.Node node = first; node.parent != null; node = node.parent) {
      first = node.isEvent() ? node : first;
    }
    boolean old = world.time.wallMs() - first.atMs > LATE_MS || world.faults.disturbedClock();
    return world.setup.disorderMs() > 0 && old && first.isEvent() && !world.sink.has(first);
  }

  /** Whether the archive was not there, or had not all of it when the store began to look. */
  boolean mayBeUnavailable(Question question) {
    return !question.archived || question.failures != world.faults.archiveFailures();
  }

  /** Whether so many may wait for the archive that one more is too many. */
  static boolean mayBeTooMany(Life life) {
    long waiting = life.open.values().stream().filter(request -> request.past != null).count();
    return waiting + life.histories > WAITING;
  }

  /**
   * Compares an answer with the path.
   *
   * @return the newest change that it shows
   */
  Model.Node check(Life life, Question question, Map<String, Object> reply) {
    world.figures.pasts++;
    if (question.undecided) {
      world.figures.pastsUndecided++;
      return null;
    }
    if (!(reply.get("things") instanceof Map<?, ?> things)) {
      throw new Violation(HOLDS, "asked for " + question.ids + ", got " + reply);
    }
    Model.Node newest = null;
    for (String id : question.ids) {
      Model.Node shown = find(life.head.tip(), question, id, (Map<?, ?>) things.get(id));
      newest = shown != null && (newest == null || shown.seq > newest.seq) ? shown : newest;
    }
    if (!new HashSet<>(question.ids).containsAll(things.keySet())) {
      throw new Violation(HOLDS, "not asked for all of " + things);
    }
    return newest;
  }

  /** Compares the answer to a query about the past with the path. */
  void checkQuery(Life life, Request request, Map<String, Object> reply) {
    world.figures.pasts++;
    Question question = request.past;
    if (question.undecided || question.tipSeq < question.untilSeq) {
      world.figures.pastsUndecided++;
      return;
    }
    Model.Head then = world.model.at(life.head.tip().then(question.untilSeq));
    Map<String, Object> expected = request.asked.expected(then, 0);
    expected.put("id", request.id);
    reply.remove("at");
    if (!request.asked.isCount()) {
      reply.put("more", reply.remove("cursor") != null);
    }
    if (!Texts.same(expected, reply)) {
      throw new Violation(HOLDS, "expected " + expected + " to " + request.text + ", got " + reply);
    }
    request.shown = request.asked.newest(then);
  }

  /** The change that a thing is shown after; null when it is shown as it was before every one. */
  private static Model.Node find(Model.Node tip, Question question, String id, Map<?, ?> thing) {
    StringBuilder candidates = new StringBuilder();
    Model.Node next = null;
    // What came after it was asked may be shown or not, a deletion of the store too, which has no
    // seq.
    boolean later = tip.standsOn(question.tip);
    boolean nextIsLater = false;
    for (Model.Node node = tip; ; node = node.parent) {
      later &= node != question.tip;
      if (node.isEvent() && !id.equals(node.id)) {
        continue;
      }
      boolean isBefore = node.parent == null || question.isBefore(node);
      boolean optional = nextIsLater || next == null || next.seq > question.tipSeq;
      if (isBefore && (optional || !question.isBefore(next))) {
        boolean exists = node.parent != null && node.exists(question.expiredByMs);
        if (Texts.same(exists ? node.shown() : null, thing)) {
          return exists ? node : null;
        }
        candidates.append(' ').append(exists ? node.shown() : "absent");
      }
      if (node.parent == null) {
        throw new Violation(
            HOLDS,
            "at seq "
                + question.untilSeq
                + " or "
                + question.untilMs
                + " ms expected "
                + id
                + " as"
                + candidates
                + ", got "
                + thing);
      }
      next = node;
      nextIsLater = later;
    }
  }

  /** Asks for the versions of a thing over HTTP. */
  void askHistory(Life life, String id, double afterSeq) {
    if (!life.alive() || !life.running) {
      return;
    }
    String path = "/stores/" + World.NAMESPACE + "/history/" + id + "?afterSeq=" + (long) afterSeq;
    Question question = new Question(List.of(id), Double.POSITIVE_INFINITY, 0);
    asked(life, question);
    life.note("GET " + path);
    life.histories++;
    boolean[] replied = {false};
    boolean looksErased = looksErased(life);
    boolean acknowledged =
        world.clients.stream().anyMatch(it -> it.life == life && it.acked.containsKey(id));
    life.event(
        () ->
            life.store.onRequest(
                Route.parse("GET", path, false),
                (status, type, body) -> {
                  life.note("history answered " + status + " " + body);
                  if (replied[0]) {
                    throw new Violation("every request has one reply", "a second one to " + path);
                  }
                  replied[0] = true;
                  boolean tooMany = mayBeTooMany(life);
                  life.histories--;
                  if (life.isOver()) {
                    return;
                  }
                  if (status == 404 && acknowledged && !looksErased) {
                    throw new Violation(HOLDS, "a write to " + id + " is acknowledged: " + body);
                  }
                  if (status == 404) {
                    return;
                  }
                  if (status == 200 && (question.undecided || looksErased)) {
                    world.figures.pastsUndecided++;
                  } else if (status == 200) {
                    checkHistory(life, id, afterSeq, Texts.parse(body));
                  } else if (!life.rebuilding
                      && !life.troubled
                      && !mayBeUnavailable(question)
                      && !tooMany) {
                    throw new Violation("refusals have a reason", body);
                  }
                }));
  }

  private void checkHistory(Life life, String id, double afterSeq, Map<String, Object> reply) {
    world.figures.pasts++;
    double reach = ((Number) reply.get("archivedSeq")).doubleValue();
    List<?> versions = (List<?>) reply.get("history");
    int at = versions.size();
    if (Boolean.TRUE.equals(reply.get("more")) && at > 0) {
      // It had no room for the rest.
      reach = ((Number) ((Map<?, ?>) versions.get(at - 1)).get("seq")).doubleValue();
    }
    Model.Node tip = life.head.tip();
    if (reach > tip.seq) {
      throw new Violation(HOLDS, "the archive's " + (long) reach + " is past " + tip);
    }
    for (Model.Node node = tip.up(reach); node.parent != null && node.seq > afterSeq; ) {
      if (id.equals(node.id)) {
        if (at == 0 || !isVersion(node, (Map<?, ?>) versions.get(--at))) {
          throw new Violation(
              HOLDS, "expected " + node + " before the last " + at + " of " + reply);
        }
      }
      node = node.parent;
    }
    if (at > 0) {
      throw new Violation(HOLDS, "never written: the first " + at + " of " + reply);
    }
  }

  private static boolean isVersion(Model.Node node, Map<?, ?> version) {
    return node.verb().equals(version.get("verb"))
        && Texts.same(node.seq, version.get("seq"))
        && Texts.same(node.atMs, version.get("ts"))
        && Texts.same(node.exists() ? node.shown() : null, version.get("thing"));
  }
}
