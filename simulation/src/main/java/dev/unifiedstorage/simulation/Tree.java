package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The log as a tree of lives, made of the records that the Pipeline has stored and of nothing else:
 * what a start must come to, by the rules and without the store's code.
 *
 * <p>Moments are counts of stored records: what the tree was at a moment is made of so many.
 */
final class Tree {
  /** The event that a path ends with; life 0 for the root. */
  record Position(double life, double seq) {}

  /** The first record of a life. */
  private record Fence(
      double parent, double parentSeq, double claimMs, double epoch, boolean emptying, int at) {}

  private final Map<Double, Fence> fences = new HashMap<>();

  /** An event, and when it was stored first. */
  private record Event(JsonObject record, int at) {}

  private final Map<Position, Event> events = new HashMap<>();

  /** The lives that snapshots were made in. */
  private final Set<Double> snapshotLives = new HashSet<>();

  /** When each probe was stored first. */
  private final Map<Double, Integer> probes = new HashMap<>();

  /** Takes a record as the {@code at}th. */
  void take(JsonObject record, int at) {
    double life = lifeOf(record);
    double seq = record.number("seq");
    if (seq > 0) {
      events.putIfAbsent(new Position(life, seq), new Event(record, at));
      return;
    }
    JsonObject payload = record.object("payload");
    if (payload.kind("parent") != JsonKind.NUMBER) {
      probes.putIfAbsent(life, at);
      return;
    }
    fences.putIfAbsent(
        life,
        new Fence(
            payload.number("parent"),
            payload.number("parentSeq"),
            record.number("ts"),
            record.number("epoch"),
            record.string("verb").equals("store.deleted"),
            at));
  }

  /** Takes a row of a snapshot. */
  void takeSnapshot(JsonObject record) {
    snapshotLives.add(lifeOf(record));
  }

  /** Takes an epoch of rows without a life, which has events. */
  void takeOld(double epoch, double parent, double parentSeq) {
    // It is older than every life, and younger than every epoch before it.
    fences.put(epoch, new Fence(parent, parentSeq, epoch, epoch, false, 0));
  }

  /** The life that a record is of; the epoch stands for it in one that does not say. */
  static double lifeOf(JsonObject record) {
    return record.number(record.kind("life") == JsonKind.NUMBER ? "life" : "epoch");
  }

  /** The last event of its parent that counts for a life; -1 when its fence was not stored. */
  double parentSeq(double life) {
    Fence fence = fences.get(life);
    return fence == null ? -1 : fence.parentSeq;
  }

  /** Whether the fence of a life and of every ancestor was stored. */
  boolean isRooted(double life) {
    double at = life;
    while (fences.containsKey(at)) {
      at = fences.get(at).parent;
    }
    return at == 0;
  }

  /** When a probe was stored; a moment that never comes for one that was not. */
  int probedAt(double probe) {
    return probes.getOrDefault(probe, Integer.MAX_VALUE);
  }

  /** The life with the newest claim at a moment; 0 for none. */
  double newest(int moment) {
    return newest(0, moment);
  }

  /**
   * The lives one of which a start without a file finds at a moment. One that begins at a snapshot
   * knows its life, and the fences of its time and of what came later: of those before it only
   * some.
   */
  Set<Double> newestOnes(int moment) {
    Set<Double> newest = new HashSet<>(Set.of(newest(moment)));
    for (double life : snapshotLives) {
      if (!fences.containsKey(life) || fences.get(life).at > moment) {
        continue;
      }
      newest.add(life);
      for (Fence fence : fences.values()) {
        double later = newest(fence.at, moment);
        newest.add(later == 0 || isNewer(life, later) ? life : later);
      }
    }
    return newest;
  }

  private double newest(int from, int moment) {
    double newest = 0;
    for (Map.Entry<Double, Fence> entry : fences.entrySet()) {
      int at = entry.getValue().at;
      if (at >= from && at <= moment && (newest == 0 || isNewer(entry.getKey(), newest))) {
        newest = entry.getKey();
      }
    }
    return newest;
  }

  private boolean isNewer(double life, double other) {
    Fence one = fences.get(life);
    Fence two = fences.get(other);
    if (one.claimMs != two.claimMs) {
      return one.claimMs > two.claimMs;
    }
    return one.epoch != two.epoch ? one.epoch > two.epoch : life > other;
  }

  /** The last event of a life's path with none missing behind {@code afterSeq}, or that. */
  double reach(double life, double afterSeq, int moment) {
    double reach = afterSeq;
    while (storedAt(at(life, reach + 1)) <= moment) {
      reach++;
    }
    return reach;
  }

  private int storedAt(Position position) {
    return events.containsKey(position) ? events.get(position).at : Integer.MAX_VALUE;
  }

  /**
   * Whether a change is the one that was stored there: others of that life and seq may have been
   * undone before they left.
   */
  boolean has(Position position, Model.Node node) {
    if (node.life != position.life || node.seq != position.seq) {
      return false;
    }
    Event event = events.get(position);
    return event == null
        || !node.isEvent()
        || (event.record.string("entityId").equals(node.id)
            && event.record.string("verb").equals(node.verb())
            && event.record.number("ts") == node.atMs);
  }

  /** Where the path of a life ends at a moment: with the deletion of the store, if that is last. */
  Position tip(double life, int moment) {
    if (life == 0) {
      return new Position(0, 0);
    }
    double seq = reach(life, fences.get(life).parentSeq, moment);
    double at = life;
    while (fences.containsKey(at) && fences.get(at).parentSeq >= seq) {
      if (fences.get(at).emptying && fences.get(at).parentSeq == seq) {
        return new Position(at, seq);
      }
      at = fences.get(at).parent;
    }
    return at(life, seq);
  }

  /** The event of a life's path that has this seq. */
  Position at(double life, double seq) {
    double writer = life;
    while (fences.containsKey(writer) && fences.get(writer).parentSeq >= seq) {
      writer = fences.get(writer).parent;
    }
    return new Position(writer, writer == 0 ? 0 : seq);
  }
}
