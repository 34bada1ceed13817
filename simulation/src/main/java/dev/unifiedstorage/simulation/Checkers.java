package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The invariants of the store itself: each method holds one against what the world shows. */
final class Checkers {
  private final World world;

  /** The newest change that must outlive whatever happens. */
  private Model.Node must;

  /** The newest change in SQLite: even a store that may lose does not lose that. */
  private Model.Node persisted;

  private Rows reach;

  Checkers(World world) {
    this.world = world;
    must = world.model.root().tip();
    persisted = must;
  }

  // ---- what must not be lost

  /** An answer has said that a change is durable. */
  void confirmed(Model.Node node) {
    must = must.standsOn(node) ? must : node;
  }

  /** The newest change that must outlive whatever happens. */
  Model.Node acknowledged() {
    return must;
  }

  /** What a reply shows or confirms can be read back after a crash, right now. */
  void ackRule(Life life, Request request) {
    Model.Node shown = request.shown;
    if (shown == null || shown.seq == 0 || must.standsOn(shown)) {
      return;
    }
    if (!life.setup.durability().equals("memory") && !isDurable(life, shown)) {
      throw new Violation(
          "acknowledged is recoverable", shown + " was shown by the reply to " + request.text);
    }
    if (life.setup.limitsLag() && shown.seq > reach().coveredSeq() && isLimited(life)) {
      throw new Violation(
          "past the limit SQLite has it first", shown + " was shown by " + request.text);
    }
    must = shown.seq >= must.seq ? shown : must;
  }

  /** Whether the archive lags so much that the Pipeline is not enough. */
  private static boolean isLimited(Life life) {
    JsonObject stats = life.stats();
    return stats.kind("archive") == JsonKind.OBJECT && stats.object("archive").bool("limited");
  }

  private boolean isDurable(Life life, Model.Node node) {
    if (node.seq <= reach().coveredSeq()) {
      return true;
    }
    double epoch = node.epoch == 0 ? life.stats().number("epoch") : node.epoch;
    double writer = node.life == 0 ? life.lifeOf(epoch) : node.life;
    // What a recovery found in the archive it will find there again.
    boolean archived = life.setup.archive() && epoch <= life.recoveredEpoch;
    boolean sent = life.setup.durability().equals("pipeline") || archived;
    return sent && world.stream.has(writer, node.seq);
  }

  void diskChanged() {
    reach = null;
  }

  /** How far SQLite reaches now. */
  Rows reach() {
    if (reach == null) {
      reach = Rows.reach(world.disk);
    }
    return reach;
  }

  // ---- after every event

  void afterEvent(Life life) {
    life.early.settled();
    if (life.store.isFailed()) {
      startFailed(life);
      return;
    }
    if (life.deceived) {
      trace(life);
      return;
    }
    if (life.running) {
      if (life.recovered) {
        life.recovered = false;
        recovered(life);
      } else {
        if (life.committed) {
          life.undone.forEach(node -> node.goneSince = world.copies.commits());
          life.undone.clear();
        }
        follow(life);
      }
      world.followers.check(life);
      if (life.committed) {
        life.committed = false;
        committed(life);
      }
      idleMeansIdle(life);
    }
    world.copies.resolve(life);
    if (life.told) {
      world.endStale(life);
    }
  }

  private void startFailed(Life life) {
    life.note("failed");
    if (!life.troubled && !life.deceived && !world.setup.archive()) {
      throw new Violation("a store that can recover does", "a start failed without a fault");
    }
    world.crashed(life);
  }

  /** Undone writes are gone from the store; acknowledged ones are never among them. */
  private void follow(Life life) {
    double[] position = position(life);
    double applied = position[0];
    world.unasked.follow(life, applied, position[1]);
    Model.Node tip = life.head.tip();
    if (applied > tip.seq) {
      throw new Violation(
          "seqs are contiguous", "applied " + (long) applied + ", tried " + (long) tip.seq);
    }
    stamp(tip, life, position[1]);
    if (applied < tip.seq) {
      life.note("undone down to " + (long) applied);
      for (Model.Node node = tip; node.seq > applied; node = node.parent) {
        life.undone.add(node);
      }
      life.head.moveTo(tip.up(applied));
      for (Request request : life.open.values()) {
        if (request.past != null) {
          request.past.undone(applied);
        }
      }
      if (!life.stale && !life.head.tip().standsOn(must) && must.standsOn(life.head.tip())) {
        throw new Violation("acknowledged is recoverable", must + " was undone");
      }
    }
  }

  /** The store may have done something by itself within the event under way. */
  void catchUp(Life life) {
    if (life.running && !life.recovered && !life.rebuilding) {
      double[] position = position(life);
      world.unasked.follow(life, position[0], position[1]);
    }
  }

  /** Of an instance whose file was put back only what it may send is of interest. */
  private void trace(Life life) {
    if (life.running) {
      double[] position = position(life);
      world.unasked.follow(life, position[0], position[1]);
      stamp(life.head.tip(), life, position[1]);
      life.head.moveTo(life.head.tip().up(position[0]));
    }
  }

  /** Says of the newest changes which life they were tried in, as far as that is known. */
  private static void stamp(Model.Node tip, Life life, double epoch) {
    for (Model.Node node = tip; node.parent != null && node.life == 0; node = node.parent) {
      node.epoch = node.epoch == 0 ? epoch : node.epoch;
      node.life = life.lifeOf(node.epoch);
      if (node.life == 0 && node.epoch != epoch) {
        return;
      }
    }
  }

  private static double[] position(Life life) {
    // Behind every event: to read all of it would take a tenth of a world's time.
    String stats = life.statsText();
    return new double[] {numberIn(stats, "appliedSeq"), numberIn(stats, "epoch")};
  }

  private static double numberIn(String stats, String name) {
    int start = stats.indexOf("\"" + name + "\":") + name.length() + 3;
    return Double.parseDouble(stats.substring(start, stats.indexOf(',', start)));
  }

  /** An idle instance has no timer and no open request; what waits has a timer or a send. */
  private static void idleMeansIdle(Life life) {
    if (life.rebuilding) {
      return;
    }
    if (!life.store.isIdle()) {
      if (life.running && life.armed == 0) {
        throw new Violation("what waits has a timer", "no timer is armed, and it is not idle");
      }
      return;
    }
    if (life.armed != 0) {
      throw new Violation("idle means no timer", life.armed + " timers are armed");
    }
    if (!life.open.isEmpty()) {
      throw new Violation("every request has one reply", "idle without one to " + life.open);
    }
  }

  /** What a transaction left in SQLite is the state at the seq it names. */
  private void committed(Life life) {
    Rows reach = reach();
    if (reach.checkpointSeq() > life.head.tip().seq) {
      throw new Violation(
          "rows stand for their seq", (long) reach.checkpointSeq() + " is past everything");
    }
    persisted = life.head.tip().up(reach.checkpointSeq());
    if (!reach.rebuilding() && world.random.nextInt(6) == 0) {
      rowsAreTheModels(Rows.read(world.disk), persisted);
    }
  }

  private void rowsAreTheModels(Rows rows, Model.Node node) {
    world.figures.rowsRead++;
    String difference = difference(world.model.at(node), rows.things(), 0);
    if (difference != null) {
      throw new Violation("rows stand for their seq", "at " + node + ": " + difference);
    }
  }

  /** Why the things are not the model's; null when they are. */
  private static String difference(
      Model.Head head, Map<String, ? extends Map<String, Object>> things, double nowMs) {
    Map<String, Object> left = new HashMap<>(things);
    for (Model.Node node : head.last().values()) {
      Object found = left.remove(node.id);
      Map<String, Object> expected = node.exists(nowMs) ? node.shown() : null;
      if (!Texts.same(expected, found)) {
        return "expected " + expected + " for " + node.id + ", found " + found;
      }
    }
    return left.isEmpty() ? null : "never written: " + left;
  }

  // ---- lives

  /** A start or a rebuild has ended: its state is one that was tried, with all that must be. */
  private void recovered(Life life) {
    world.figures.recoveries++;
    world.replies.carriesOut(life);
    if (life.beganEmpty) {
      life.beganEmpty = false;
      if (life.foundNothing()) {
        follow(life);
        return;
      }
      life.head = world.model.root();
      life.sessions.clear();
    }
    double[] position = position(life);
    // What another instance has acknowledged meanwhile is not for a replaced one to know.
    Model.Node least = life.isOver() ? world.model.root().tip() : least();
    Map<String, Map<String, Object>> things = readAll(life);
    List<String> reasons = new ArrayList<>();
    List<Model.Node> tried = new ArrayList<>(world.model.tried(position[0]));
    // Of two that hold the same it is the one that the file says.
    tried.sort(Comparator.comparingInt(node -> likelihood(life, node)));
    for (int i = tried.size() - 1; i >= 0; i--) {
      Model.Head head = world.model.at(tried.get(i));
      String difference = difference(head, things, world.time.wallMs());
      long entries = head.last().values().stream().filter(Model.Node::exists).count();
      if (difference == null && entries != life.stats().number("entries")) {
        difference = "it has " + life.stats().number("entries") + " entries, not " + entries;
      }
      String why;
      if (!tried.get(i).standsOn(least)) {
        why = "it does not stand on " + least;
      } else if (tried.get(i).isGone()) {
        why = "it was answered UNAVAILABLE, and a commit has said since that it was undone";
      } else if (Once.isHalf(tried.get(i))) {
        why = "it ends in the middle of a session's write";
      } else if (difference != null) {
        why = difference;
      } else if (!life.isOver() && !world.copies.allow(tried.get(i))) {
        why = "the file that was put back comes to something else";
      } else {
        recoveredTo(life, head);
        return;
      }
      reasons.add(tried.get(i) + ": " + why);
    }
    throw new Violation(
        "acknowledged is recoverable",
        "recovered to "
            + (long) position[0]
            + " with "
            + least
            + " to keep; of what was tried there: "
            + (reasons.isEmpty() ? "nothing" : String.join("; ", reasons)));
  }

  private int likelihood(Life life, Model.Node node) {
    if (node.isEmptying()) {
      return node.life == reach().emptiedLife() ? 6 : 0;
    }
    boolean named = !life.isOver() && node.life == reach().lifeOf(node.seq);
    // Another one with that number was undone, and stored all the same.
    boolean stored = world.stream.tree().has(new Tree.Position(node.life, node.seq), node);
    return (named ? 4 : 2) + (stored ? 1 : 0);
  }

  /** Whether an object that begins with nothing has lost nothing. */
  boolean mayBeNew() {
    return least().seq == 0 && !world.copies.expect();
  }

  /** The newest change that a start must bring back. */
  private Model.Node least() {
    return world.setup.safe() ? must : persisted;
  }

  void recoveredTo(Life life, Model.Head head) {
    life.note("recovered to " + head.tip());
    life.head = head;
    life.recoveredEpoch = head.tip().epoch;
    // A replaced one ends no era: what it recovers is the state of no instance that counts.
    if (!life.isOver() && (!world.setup.safe() || world.copies.expect())) {
      must = world.setup.safe() ? must : head.tip();
      if (world.stale() != null) {
        // What others have read of its writes may be of the era that ends.
        world.stale().open.values().forEach(world.histories::unclear);
      }
      world.histories.beginEra(head);
    }
  }

  private Map<String, Map<String, Object>> readAll(Life life) {
    world.faults.suspend(true);
    Map<String, Map<String, Object>> things = new HashMap<>();
    List<String> ids = new ArrayList<>();
    world.model.ids().forEach(ids::add);
    String[] answer = new String[1];
    Connection probe = text -> answer[0] = text;
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "read");
    message.put("id", "probe");
    message.put("$ids", ids);
    life.store.onMessage(probe, Texts.print(message));
    world.faults.suspend(false);
    if (answer[0] == null || !(Texts.parse(answer[0]).get("things") instanceof Map<?, ?> found)) {
      throw new Violation("a store that can recover does", "a read was answered " + answer[0]);
    }
    for (String id : ids) {
      if (found.get(id) instanceof Map<?, ?> thing) {
        Map<String, Object> copy = new HashMap<>();
        thing.forEach((key, value) -> copy.put((String) key, value));
        things.put(id, copy);
      }
    }
    return things;
  }

  void replaced(Life life) {
    life.open.values().forEach(request -> request.socketOpen = false);
  }

  void died(Life life) {
    life.open.values().forEach(world.histories::unclear);
    if (life.running || life.beganEmpty) {
      catchUp(life);
      stamp(life.head.tip(), life, position(life)[1]);
    }
    if (life.running && life.committed && !life.rebuilding) {
      persisted = life.head.tip().up(reach().checkpointSeq());
    }
    world.copies.resolve(life);
  }

  /** The file is another one: only so much of what there was is still promised. */
  void rewound(Model.Node least) {
    diskChanged();
    must = least;
    persisted = least;
  }

  /** What an idle instance leaves behind is everything, in SQLite and in the Pipeline. */
  void hibernates(Life life) {
    rowsAreTheModels(Rows.read(world.disk), life.head.tip());
    everyEventIsInThePipeline(life.head.tip());
  }

  /**
   * An instance that dies between two events, with events that only SQLite has, has the alarm set.
   */
  void alarmGuards(Life life) {
    Model.Node stored = life.setup.durability().equals("local") ? must : persisted;
    if (life.running && !life.isOver() && !isInThePipeline(stored) && !world.alarmIsSet()) {
      throw new Violation(
          "what waits for the Pipeline has an alarm", "nothing would wake the object");
    }
  }

  boolean everythingIsInThePipeline() {
    return isInThePipeline(must) && !reach().unfinished();
  }

  private boolean isInThePipeline(Model.Node tip) {
    for (Model.Node node = tip; node.parent != null; node = node.parent) {
      if (node.isEvent() && !world.stream.has(node.life, node.seq)) {
        return false;
      }
    }
    return true;
  }

  private void everyEventIsInThePipeline(Model.Node tip) {
    for (Model.Node node = tip; node.parent != null; node = node.parent) {
      if (node.isEvent() && !world.stream.has(node.life, node.seq)) {
        throw new Violation("acknowledged reaches the Pipeline", node + " did not");
      }
    }
  }
}
