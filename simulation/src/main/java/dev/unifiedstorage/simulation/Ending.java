package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a world ends: nothing goes wrong any more, and then nothing may be missing anywhere. */
final class Ending {
  /** How often the store is looked at while it recovers or comes to rest. */
  private static final int TRIES = 60;

  private static final double HOUR_MS = 3_600_000;

  /** How many moments of the past are looked at. */
  private static final int PASTS = 3;

  /** How many things one read of the past may ask for. */
  private static final int PAST_IDS = 100;

  /** What expires later than that does so after the end of the world. */
  private static final double SOON_MS = 1_000_000_000;

  private static final double DELETED_WITHIN_MS = 120_000;

  private final World world;

  Ending(World world) {
    this.world = world;
  }

  void run() {
    heal();
    world.forks.end();
    look();
  }

  /** Lets everything work again and the store come to rest. */
  private void heal() {
    world.heal();
    world.time.advance(1_000);
    for (int i = 0; !isSettled(world.alive()); i++) {
      if (i == TRIES) {
        throw new Violation("a store that can recover does", "not running after an hour");
      }
      world.time.advance(HOUR_MS / TRIES);
    }
    // Sends of the dead may still arrive; the next epoch's first event voids them. And a snapshot
    // that broke off has waited long enough to begin anew with the next write, not with the look.
    world.time.advance(600_000);
    world.followers.heal();
    world.sessions.settle();
    world.ask(world.workload.last(world.clients.get(0)));
    for (int i = 0; expiresSoon(world.alive()) > 0; i++) {
      if (i == TRIES) {
        throw new Violation(
            "what has expired is deleted", world.alive().head.nextToExpire() + " is not");
      }
      world.time.advance(expiresSoon(world.alive()));
    }
    for (int i = 0; !isAtRest(world.alive()); i++) {
      if (i == TRIES) {
        throw new Violation("what is not dirty is idle", "not idle after two hours of nothing");
      }
      world.time.advance(2 * HOUR_MS / TRIES);
    }
  }

  /** How long it takes at most until what expires next is deleted, 0 when nothing does soon. */
  private double expiresSoon(Life life) {
    Model.Node next = life.head.nextToExpire();
    if (next == null || next.expiresAtMs > world.time.wallMs() + SOON_MS) {
      return 0;
    }
    double inMs = Math.max(0, next.expiresAtMs - world.time.wallMs());
    return inMs + DELETED_WITHIN_MS;
  }

  private static boolean isSettled(Life life) {
    return life.running && !life.rebuilding && life.alive();
  }

  private static boolean isAtRest(Life life) {
    return life.running && life.store.isIdle() && life.armed == 0;
  }

  /** The world is at rest: nothing moves any more, and nothing is missing anywhere. */
  private void look() {
    Life life = world.alive();
    Model.Node tip = life.head.tip();
    world.followers.haveEverything(life);
    String rows = String.valueOf(life.stats().number("rowsWritten"));
    int sends = world.stream.sends();
    world.time.advance(600_000);
    if (life != world.current()
        || !rows.equals(String.valueOf(life.stats().number("rowsWritten")))
        || sends != world.stream.sends()) {
      throw new Violation("idle means no rows and no sends", "something moved");
    }
    world.checkers.hibernates(life);
    pipelineIsThePath(tip);
    Once.check(tip);
    pastIsThePath(life);
    world.histories.check();
    world.drop(life);
    world.followers.hibernates(life);
    world.sessions.hibernates(life);
    long connected = world.followers.connected();
    Life again = world.alive();
    world.time.advance(1_000);
    if (world.followers.connected() != connected) {
      throw new Violation("subscriptions outlive the memory", "a clean start closed a socket");
    }
    if (!again.running || again.head.tip() != tip) {
      throw new Violation("acknowledged is recoverable", "a clean start has another state");
    }
    world.sessions.askAgain();
    world.histories.check();
    // Of lives that went on from one file the clock decides, which may be wrong or stand still.
    boolean branched = world.copies.branched();
    archiveIsTheState(tip, branched);
    world.deliveries.dropOne(branched);
  }

  /** The fences in the Pipeline tell which of its events count: exactly those of the path. */
  private void pipelineIsThePath(Model.Node tip) {
    Map<Tree.Position, JsonObject> records = new HashMap<>();
    for (JsonObject record : world.stream.stored()) {
      records.put(new Tree.Position(Tree.lifeOf(record), record.number("seq")), record);
    }
    Tree tree = world.stream.tree();
    double life = world.checkers.reach().life();
    double lastSeq = tree.reach(life, 0, world.stream.stored().size());
    if (lastSeq != tip.seq) {
      throw new Violation("the archive is the acknowledged events", "it ends at " + lastSeq);
    }
    for (Model.Node node = tip; node.parent != null; node = node.parent) {
      if (!node.isEvent()) {
        continue;
      }
      JsonObject record = records.get(tree.at(life, node.seq));
      String difference = record == null ? "is missing" : difference(node, record);
      if (difference != null) {
        throw new Violation("the archive is the acknowledged events", node + " " + difference);
      }
    }
  }

  /** Every moment can be read, when the archive has it all. */
  private void pastIsThePath(Life life) {
    List<String> ids = new ArrayList<>();
    world.model.ids().forEach(ids::add);
    ids = ids.subList(0, Math.min(ids.size(), PAST_IDS));
    double tipSeq = life.head.tip().seq;
    for (int i = 0; world.setup.archive() && i < PASTS; i++) {
      double seq = world.random.nextInt((int) tipSeq + 1);
      world.ask(world.workload.past(world.clients.get(0), ids, seq, Double.POSITIVE_INFINITY));
      world.past.askHistory(life, ids.get(world.random.nextInt(ids.size())), 0);
    }
    // One look at a time, and the archive gives its rows a few at a time.
    world.time.advance(120_000);
    if (!life.open.isEmpty() || life.histories > 0) {
      throw new Violation("every request has one reply", "none to a read of the past");
    }
  }

  private String difference(Model.Node node, JsonObject record) {
    Map<String, Object> payload =
        Texts.parse(world.json.writer().object(record.object("payload")).text());
    if (payload.get("$unset") instanceof List<?> unset) {
      // Their order says nothing.
      payload.put("$unset", unset.stream().sorted().toList());
    }
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("$id", node.id);
    if (!node.exists()) {
      expected.put("$deletedAt", node.atMs);
      if (node.expired) {
        expected.put("$reason", "expired");
      }
    } else {
      expected.putAll(node.changed);
      expected.put("$version", node.version);
      expected.put("$updatedAt", node.atMs);
      if (node.version == 1) {
        expected.put("$type", node.type);
        expected.put("$createdAt", node.atMs);
        if (node.expiresAtMs != 0) {
          expected.put("$expiresAt", node.expiresAtMs);
        }
      }
    }
    boolean same =
        Texts.same(expected, payload)
            && record.string("verb").equals(node.verb())
            && record.string("entityId").equals(node.id)
            && record.string("entityType").equals(node.type)
            && record.kind("version") == JsonKind.NUMBER
            && says(record, "session", node.by == null ? null : node.by.write.session)
            && says(record, "n", node.by == null ? null : node.by.write.n)
            && says(record, "batchIndex", node.operation < 0 ? null : node.operation)
            && record.number("ts") == node.atMs;
    String by = node.by == null ? "nobody" : node.by.write.session + " " + node.by.write.n;
    String found = world.json.writer().object(record).text();
    return same ? null : "is " + found + ", expected " + expected + " of " + by;
  }

  private static boolean says(JsonObject record, String name, Object expected) {
    Object found =
        switch (record.kind(name)) {
          case STRING -> record.string(name);
          case NUMBER -> record.number(name);
          default -> null;
        };
    return Texts.same(expected, found);
  }

  /** A store that has nothing but the archive comes back with the same state. */
  private void archiveIsTheState(Model.Node tip, boolean mayBeAnother) {
    if (!world.setup.archive()) {
      return;
    }
    boolean erased = new Snapshot(world).takesThePlaceOfAll();
    Model.Node[] newest = {tip};
    Life rebuilt =
        world.loseFile(() -> newest[0] = erased ? world.copies.lostBut(tip) : world.copies.lost());
    Model.Node reached = rebuilt.head.tip();
    while (reached != newest[0] && reached != tip && reached.expired) {
      // What had expired on a branch that was left is deleted once that counts again.
      reached = reached.parent;
    }
    // By a snapshot it comes to the tip where the clock of a branch would have it elsewhere.
    boolean isNewest = reached == tip || (reached == newest[0] && mayBeAnother);
    if (!rebuilt.running || !isNewest) {
      throw new Violation("the archive is the acknowledged events", "a rebuild has another state");
    }
    world.sessions.askAgain();
  }
}
