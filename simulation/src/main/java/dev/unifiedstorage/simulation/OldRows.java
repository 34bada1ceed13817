package dev.unifiedstorage.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The log of a release from before there were lives, of which only the archive is left.
 *
 * <p>Each epoch counts as a life that goes on from the epoch before it, up to the event before its
 * first: what that one wrote past it was undone.
 */
final class OldRows {
  private static final int MOST_EPOCHS = 5;
  private static final int MOST_EVENTS = 8;

  /** How many events an epoch takes back of the one before it at most. */
  private static final int MOST_UNDONE = 3;

  private final World world;
  private final Random random;
  private final Model.Head head;
  private int values;

  OldRows(World world, Random random) {
    this.world = world;
    this.random = random;
    this.head = world.model.root();
  }

  /** Whether a world begins with such a log. */
  static boolean areIn(World world) {
    return world.setup.archive() && world.plan.seed() % 15 == 7;
  }

  void write() {
    double parent = 0;
    double epoch = 0;
    for (int i = 1 + random.nextInt(MOST_EPOCHS); i > 0; i--) {
      epoch += 1 + random.nextInt(2);
      double lastSeq = head.tip().seq;
      double parentSeq = Math.max(0, lastSeq - random.nextInt(1 + MOST_UNDONE));
      head.moveTo(head.tip().up(parentSeq));
      take(record(epoch, 0, "store.fence", Map.of()));
      int events = random.nextInt(MOST_EVENTS);
      if (events > 0) {
        world.stream.tree().takeOld(epoch, parent, parentSeq);
        parent = epoch;
      }
      for (int k = 0; k < events; k++) {
        event(epoch);
      }
    }
    world.copies.lost();
  }

  private void event(double epoch) {
    double nowMs = world.time.wallMs();
    String id = "i" + random.nextInt(world.setup.ids());
    Model.Node older = head.of(id);
    Map<String, Object> data = new LinkedHashMap<>(Map.of("w", --values));
    Model.Node node;
    if (older == null || !older.exists()) {
      node = head.create(id, "T" + random.nextInt(3), data, 0, nowMs);
    } else if (random.nextInt(3) == 0) {
      node = head.delete(older, nowMs);
    } else {
      Map<String, Object> fields = Edits.copyOf(older.fields);
      fields.putAll(data);
      node = head.update(older, fields, data, 0, nowMs);
    }
    node.epoch = epoch;
    node.life = epoch;
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("$id", id);
    if (node.exists()) {
      payload.putAll(data);
      payload.put("$version", node.version);
      payload.put("$updatedAt", nowMs);
      if (node.version == 1) {
        payload.put("$type", node.type);
        payload.put("$createdAt", nowMs);
      }
    } else {
      payload.put("$deletedAt", nowMs);
    }
    Map<String, Object> record = record(epoch, node.seq, node.verb(), payload);
    record.put("entityId", id);
    record.put("entityType", node.type);
    record.put("version", node.version);
    take(record);
  }

  private Map<String, Object> record(
      double epoch, double seq, String verb, Map<String, Object> payload) {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("ns", World.NAMESPACE);
    record.put("epoch", epoch);
    record.put("seq", seq);
    record.put("verb", verb);
    record.put("ts", world.time.wallMs());
    record.put("payload", payload);
    record.put("idempotencyKey", "old " + epoch + "." + seq);
    return record;
  }

  private void take(Map<String, Object> record) {
    world.stream.takeOld(world.json.parse(Texts.print(record)));
  }
}
