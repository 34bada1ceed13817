package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Siblings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who asks for forks of the store now and then, what carries them over, and what has to come of
 * them, in some worlds.
 *
 * <p>A fork is whole or is not there, of exactly one moment, that of an acknowledged state; from
 * then on each of the two stores goes its own way. What the {@link OtherStore} may hold is kept as
 * a list: more than one state while there was no look since something may have failed. A look
 * decides, because a read shows nothing that can still be lost.
 */
final class Forks implements Siblings {
  private static final String WHOLE = "a fork is whole or is not there";
  private static final String APART = "a fork goes its own way";
  private static final String REPLIES = "every request has one reply";

  /** One world of so many has forks. */
  private static final int EVERY = 7;

  /** A receiver holds what a dead sender has told for so long, and takes no other fork. */
  private static final double HELD_MS = 60_000;

  /** How often it is looked whether something has come about, in a world that is healed. */
  private static final int TRIES = 120;

  private static final double TRY_MS = 10_000;

  /** One fork that was asked for. */
  private static final class Attempt {
    final Life life;

    /** The last change when it was asked for. */
    final Model.Node tip;

    /** The event whose moment is asked for; negative for the present. */
    final double seq;

    final double askedAtMs;

    /** What must be in it. */
    final Model.Node least;

    /** The change of the moment, once the first part has named it. */
    Model.Node moment;

    /** Its things, once the last part was told. */
    Map<String, Map<String, Object>> things;

    /** Whether the other store may have had nothing when the last part came. */
    boolean mayFit;

    int status;

    /** Texts and answers that are on their way. */
    int underWay;

    Attempt(Life life, double seq, double askedAtMs, Model.Node least) {
      this.life = life;
      this.tip = life.head.tip();
      this.seq = seq;
      this.askedAtMs = askedAtMs;
      this.least = least;
    }

    boolean isOver() {
      return underWay == 0 && (status != 0 || !life.alive());
    }
  }

  private final World world;
  private final OtherStore other;
  private final Random random;

  /** What the other store may hold, by id; it may have let go what has expired. */
  private List<Map<String, Map<String, Object>>> possible = new ArrayList<>();

  private final Set<String> ids = new TreeSet<>();
  private Attempt attempt;

  /** What is asked of the other store beside forks and has no answer yet; null for nothing. */
  private Object busy;

  private boolean healed;
  private double freeAtMs;
  private int writes;

  Forks(World world, long seed) {
    this.world = world;
    this.random = new Random(seed * 0x5DEECE66DL);
    this.other = seed % EVERY == 2 ? new OtherStore(world, seed) : null;
    possible.add(Map.of());
  }

  /** Asks for something, or breaks something, or looks, or does nothing. */
  void act(Random step) {
    if (other == null) {
      return;
    }
    settle();
    int dice = step.nextInt(40);
    if (dice < 6 && attempt == null) {
      look();
    } else if (dice < 9 && attempt == null) {
      write(step);
    } else if (dice == 9 && attempt == null) {
      deleteOther();
    } else if (dice < 13 && attempt == null && busy == null) {
      breakSomething(step);
      ask(step);
    } else if (dice == 13) {
      other.crash();
    } else if (dice == 14) {
      loseFile();
    } else if (dice == 15) {
      other.wake();
    }
  }

  private void breakSomething(Random step) {
    switch (step.nextInt(5)) {
      case 0 -> other.armCrash(1 + step.nextInt(120));
      case 1 -> other.armRefusal(1 + step.nextInt(6));
      default -> other.heal();
    }
  }

  private void loseFile() {
    if (other.hasArchive() && attempt == null && busy == null && other.isAtRest()) {
      other.loseFile();
    }
  }

  // ---- the fork

  private void ask(Random step) {
    Life life = world.alive();
    if (!life.answers()) {
      return;
    }
    Model.Node least = world.checkers.acknowledged();
    boolean onPath = life.head.tip().standsOn(least);
    boolean past = world.setup.archive() && onPath && step.nextInt(4) == 0;
    // What was acknowledged is not undone while the archive is asked.
    double seq = past ? step.nextInt((int) least.seq + 1) : -1;
    begin(life, seq, onPath ? least : world.model.root().tip());
  }

  private void begin(Life life, double seq, Model.Node least) {
    attempt = new Attempt(life, seq, world.time.wallMs(), seq < 0 ? least : null);
    Attempt asked = attempt;
    String at = seq < 0 ? "" : ",\"at\":{\"seq\":" + (long) seq + "}";
    String message = "{\"to\":\"" + OtherStore.NAMESPACE + "\"" + at + "}";
    life.post(
        "fork",
        message,
        (status, type, body) -> {
          if (asked.status != 0) {
            throw new Violation(REPLIES, "a second one to a fork");
          }
          asked.status = status;
          answered(asked, body);
        });
  }

  private void answered(Attempt asked, String body) {
    switch (asked.status) {
      case 200 -> {
        if (asked.things == null) {
          throw new Violation(WHOLE, "it was not handed over whole: " + body);
        }
        if (!asked.mayFit) {
          throw new Violation(WHOLE, "it took the place of " + possible);
        }
        world.figures.forks++;
        possible = new ArrayList<>(List.of(asked.things));
        if (asked.seq < 0 && !asked.life.isOver()) {
          confirm(asked);
        }
      }
      case 409 -> {
        boolean mayHold = possible.stream().anyMatch(held -> !held.isEmpty());
        if (!mayHold && world.time.nowMs() >= freeAtMs && !world.faults.disturbedClock()) {
          throw new Violation("refusals have a reason", body);
        }
      }
      case 429, 503 -> {
        if (healed) {
          throw new Violation("refusals have a reason", body);
        }
      }
      default -> throw new Violation("refusals have a reason", asked.status + " " + body);
    }
  }

  /** What a fork shows cannot be lost any more. */
  private void confirm(Attempt asked) {
    boolean undone = !asked.life.head.tip().standsOn(asked.moment);
    if (undone && world.setup.safe()) {
      throw new Violation("acknowledged is recoverable", asked.moment + " is in a fork");
    } else if (!undone) {
      world.checkers.confirmed(asked.moment);
    }
  }

  /** Whether a state has nothing that cannot have expired. */
  private boolean mayBeEmpty(Map<String, Map<String, Object>> things) {
    return things.values().stream().allMatch(this::mayHaveGone);
  }

  private boolean mayHaveGone(Map<String, Object> thing) {
    return thing.get("$expiresAt") instanceof Number at
        && (at.doubleValue() <= world.time.wallMs() || world.faults.disturbedClock());
  }

  /** Nothing comes of the fork under way any more, if it is over. */
  private void settle() {
    if (attempt == null || !attempt.isOver()) {
      return;
    }
    if (attempt.status != 200) {
      freeAtMs = world.time.nowMs() + HELD_MS;
    }
    attempt = null;
  }

  // ---- what carries it over

  @Override
  public void tell(String namespace, String text, Answer answer) {
    if (other == null || !namespace.equals(OtherStore.NAMESPACE)) {
      answer.failed("there is no namespace " + namespace);
      return;
    }
    Attempt asked = attempt;
    String head = text.substring(0, text.indexOf('\n'));
    world.trace.note("tells " + head);
    if (Texts.parse(head).get("fork").equals("part") && asked.moment == null) {
      notice(asked, Texts.parse(text.split("\n", 3)[1]));
    }
    int fate = healed ? 9 : random.nextInt(60);
    if (fate == 0) {
      later(asked, () -> answer.failed("the network is broken"));
    } else if (fate == 1) {
      // It is lost, and no reply says so.
      return;
    } else if (fate == 2) {
      crashSender(asked.life);
    } else {
      asked.underWay++;
      world.time.after(
          random.nextInt(20),
          () -> {
            asked.underWay--;
            arrive(asked, head, text, fate == 3, answer);
          });
    }
  }

  /** The sender dies, with what it has told still on its way. */
  private void crashSender(Life life) {
    world.time.after(
        random.nextInt(20),
        () -> {
          if (life.alive() && life == world.current()) {
            world.checkers.alarmGuards(life);
            world.crashed(life);
          }
        });
  }

  private void arrive(Attempt asked, String head, String text, boolean loses, Answer answer) {
    boolean last = Texts.parse(head).get("fork").equals("end");
    List<Map<String, Map<String, Object>>> before = List.copyOf(possible);
    if (last) {
      asked.things = thingsOf(asked);
      asked.mayFit = possible.stream().anyMatch(this::mayBeEmpty);
      if (asked.mayFit) {
        possible.add(asked.things);
      }
    }
    boolean[] answered = {false};
    other.tell(
        text,
        told -> {
          world.trace.note("told " + told);
          if (answered[0]) {
            throw new Violation(REPLIES, "a second one to " + head);
          }
          answered[0] = true;
          if (last && Texts.parse(told).containsKey("error")) {
            // It has said that nothing came of it.
            possible = new ArrayList<>(before);
          }
          if (!loses) {
            later(asked, () -> answer.answered(told));
          }
        });
  }

  private void later(Attempt asked, Runnable body) {
    asked.underWay++;
    world.time.after(
        random.nextInt(20),
        () -> {
          asked.underWay--;
          asked.life.event(body);
        });
  }

  /** The first part says which moment it is. */
  private void notice(Attempt asked, Map<String, Object> header) {
    String at = (String) header.get("at");
    double seq = Texts.seqOf(at);
    if (asked.seq >= 0) {
      asked.moment = asked.tip.then(asked.seq);
      return;
    }
    // In the event of the request the store may have done something by itself first.
    asked.moment = (asked.tip.seq < seq ? asked.life.head.tip() : asked.tip).up(seq);
    if (asked.moment.seq != seq || !asked.moment.standsOn(asked.least)) {
      throw new Violation(
          "a fork has what was acknowledged",
          "it is of " + at + ", there were " + asked.tip + " and before " + asked.least);
    }
  }

  private Map<String, Map<String, Object>> thingsOf(Attempt asked) {
    Map<String, Map<String, Object>> things = new HashMap<>();
    // A moment that a seq names is a place in the log, where nothing has expired.
    double nowMs = asked.seq < 0 ? asked.askedAtMs : 0;
    for (Model.Node node : world.model.at(asked.moment).last().values()) {
      if (node.exists(nowMs)) {
        things.put(node.id, node.shown());
      }
    }
    return things;
  }

  // ---- what becomes of it

  /** Reads all that the other store has. */
  private boolean look() {
    if (!other.runs() || attempt != null || busy != null) {
      return false;
    }
    Set<String> all = new TreeSet<>(ids);
    world.model.ids().forEach(all::add);
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "read");
    message.put("id", "look");
    message.put("$ids", new ArrayList<>(all));
    List<Map<String, Object>> replies = new ArrayList<>();
    other.ask(message, replies::add);
    if (!other.runs()) {
      // It died of it.
      return false;
    }
    if (replies.isEmpty() || !(replies.get(0).get("things") instanceof Map<?, ?> found)) {
      if (healed) {
        throw new Violation("a store that can recover does", "a read was answered " + replies);
      }
      return false;
    }
    world.figures.forksRead++;
    for (Map<String, Map<String, Object>> held : possible) {
      if (isHeld(held, found, all)) {
        possible = new ArrayList<>(List.of(held));
        return true;
      }
    }
    throw new Violation(writes == 0 ? WHOLE : APART, "found " + found + ", expected " + possible);
  }

  private boolean isHeld(Map<String, Map<String, Object>> held, Map<?, ?> found, Set<String> all) {
    for (String id : all) {
      Map<String, Object> thing = held.get(id);
      Object shown = found.get(id);
      boolean gone = thing != null && shown == null && mayHaveGone(thing);
      if (!gone && !Texts.same(thing, shown)) {
        return false;
      }
    }
    return found.size() <= other.entries() && other.entries() <= held.size();
  }

  /** Writes something to the other store, of the same names. */
  private void write(Random step) {
    if (!other.runs() || busy != null || possible.size() != 1) {
      return;
    }
    Map<String, Map<String, Object>> before = possible.get(0);
    String id = "i" + step.nextInt(world.setup.ids());
    ids.add(id);
    Map<String, Object> older = before.get(id);
    Map<String, Map<String, Object>> after = new HashMap<>(before);
    Operation operation;
    if (older == null) {
      operation = Operation.create(id, "T0", Map.of("w", --writes));
    } else if (step.nextInt(4) == 0) {
      operation = Operation.deletion(id);
    } else {
      operation = Operation.replacement(id, (String) older.get("$type"), Map.of("w", --writes));
    }
    Map<String, Object> message = operation.message();
    message.put("id", "write");
    double atMs = world.time.wallMs();
    if (operation.type().equals("delete")) {
      after.remove(id);
    } else {
      Map<String, Object> thing = new LinkedHashMap<>();
      thing.put("$id", id);
      thing.put("$type", operation.thingType());
      thing.put("$version", older == null ? 1 : ((Number) older.get("$version")).doubleValue() + 1);
      thing.put("w", writes);
      thing.put("$createdAt", older == null ? atMs : older.get("$createdAt"));
      thing.put("$updatedAt", atMs);
      after.put(id, thing);
    }
    world.figures.forkWrites++;
    Object asked = begin(after);
    other.ask(message, reply -> end(asked, after, !"error".equals(reply.get("status"))));
  }

  /** Something is asked that may lead to another state; gives what its answer has to bring. */
  private Object begin(Map<String, Map<String, Object>> after) {
    Object asked = new Object();
    busy = asked;
    possible.add(after);
    // It has died, and the answer with it.
    world.time.after(HELD_MS, () -> busy = busy == asked ? null : busy);
    return asked;
  }

  private void end(Object asked, Map<String, Map<String, Object>> after, boolean done) {
    if (busy == asked) {
      busy = null;
      if (done) {
        possible = new ArrayList<>(List.of(after));
      }
    }
  }

  private void deleteOther() {
    if (other.runs() && busy == null) {
      Object asked = begin(Map.of());
      other.delete((status, type, body) -> end(asked, Map.of(), status == 200));
    }
  }

  // ---- the end

  /** Everything works: a fork can be had, and outlives whatever happens to its store. */
  void end() {
    if (other == null) {
      return;
    }
    healed = true;
    other.heal();
    world.time.advance(2 * HELD_MS);
    settle();
    if (attempt != null) {
      throw new Violation(REPLIES, "none to a fork");
    }
    comesBack();
    if (!mayBeEmpty(possible.get(0)) || other.entries() > 0) {
      deleteOther();
      world.time.advance(2 * HELD_MS);
      comesBack();
    }
    Life life = world.alive();
    begin(life, -1, life.head.tip());
    for (int i = 0; i < TRIES && !attempt.isOver(); i++) {
      world.time.advance(TRY_MS);
    }
    Attempt asked = attempt;
    settle();
    if (asked.status != 200) {
      throw new Violation(WHOLE, "a fork that nothing hinders was answered " + asked.status);
    }
    looksForked(asked);
    comesBack();
    write(random);
    world.time.advance(2 * HELD_MS);
    other.crash();
    comesBack();
    for (int i = 0; i < TRIES && !other.isAtRest(); i++) {
      world.time.advance(TRY_MS);
    }
    if (!other.isAtRest()) {
      throw new Violation("what is not dirty is idle", "the fork is not");
    }
    if (other.hasArchive()) {
      other.loseFile();
      comesBack();
    }
    other.close();
  }

  /** It runs, and holds what it must. */
  private void comesBack() {
    other.wake();
    for (int i = 0; i < TRIES && !other.runs(); i++) {
      world.time.advance(TRY_MS);
      other.wake();
    }
    if (!look()) {
      throw new Violation("a store that can recover does", "the fork does not run");
    }
  }

  /** The fork's log begins with what says where it comes from. */
  private void looksForked(Attempt asked) {
    double seq = -1;
    for (JsonObject record : other.records()) {
      if (record.string("verb").equals("store.forked")) {
        JsonObject from = record.object("payload").object("from");
        seq = Texts.seqOf(from.string("at"));
      }
    }
    if (seq != asked.moment.seq) {
      throw new Violation(
          "a fork's log says whose it is", "expected " + asked.moment + ", it says " + seq);
    }
  }
}
