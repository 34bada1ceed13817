package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The Pipeline: what it has stored, in the order it came, each record checked as it comes.
 *
 * <p>A record once stored stays; its sender may have died meanwhile.
 */
final class Stream {
  private static final double TIMEOUT_MS = 10_000;

  private final World world;
  private final List<JsonObject> stored = new ArrayList<>();
  private final Map<String, String> texts = new HashMap<>();

  /** What each idempotency key stands for. */
  private final Map<String, String> keys = new HashMap<>();

  private final Set<Double> fenced = new HashSet<>();
  private final Tree tree = new Tree();
  private int sends;

  Stream(World world) {
    this.world = world;
  }

  List<JsonObject> stored() {
    return stored;
  }

  /** The lives of all that it has stored. */
  Tree tree() {
    return tree;
  }

  int sends() {
    return sends;
  }

  boolean has(double life, double seq) {
    return texts.containsKey(name(life, seq));
  }

  /** Takes a send of a life's; whether and when it is stored and answered is the world's luck. */
  void send(Life sender, List<String> records, Completion completion) {
    sends++;
    Fault fate = world.faults.nextSend();
    if (fate == null && world.faults.outage()) {
      fate = world.random.nextInt(4) == 0 ? Fault.SEND_LOST : Fault.SEND_REJECTED;
    }
    double ms = world.random.nextDouble() * world.setup.sendMs();
    if (fate == null) {
      if (world.setup.sendMs() == 0) {
        store(records);
        completion.succeeded();
        return;
      }
      // What a dying life has sent may or may not arrive.
      boolean lostInCrash = world.random.nextBoolean();
      world.time.after(ms / 2, () -> arrive(sender, records, lostInCrash));
      answer(sender, ms, completion, null);
      return;
    }
    switch (fate) {
      case SEND_REJECTED -> answer(sender, ms, completion, "the stream refused the records");
      case SEND_LOST -> {}
      case SEND_LATE ->
          world.time.after(
              TIMEOUT_MS + world.random.nextInt(120_000), () -> arrive(sender, records, false));
      case SEND_DUPLICATED -> {
        world.time.after(ms / 2, () -> arrive(sender, records, false));
        world.time.after(ms + 500, () -> arrive(sender, records, false));
        answer(sender, ms, completion, null);
      }
      case SEND_STORED_BUT_FAILED -> {
        world.time.after(ms / 2, () -> arrive(sender, records, false));
        answer(sender, ms, completion, "the stream's answer was an error");
      }
      case SEND_STORED_BUT_SILENT -> world.time.after(ms, () -> arrive(sender, records, false));
      default -> {
        double slowMs = world.random.nextDouble() * 1.5 * TIMEOUT_MS;
        world.time.after(slowMs / 2, () -> arrive(sender, records, false));
        answer(sender, slowMs, completion, null);
      }
    }
  }

  private void arrive(Life sender, List<String> records, boolean lostInCrash) {
    if (sender.alive() || !lostInCrash) {
      store(records);
    }
  }

  private void answer(Life sender, double ms, Completion completion, String error) {
    world.time.after(
        ms,
        () ->
            sender.event(
                () -> {
                  if (error == null) {
                    completion.succeeded();
                  } else {
                    completion.failed(error);
                  }
                }));
  }

  private void store(List<String> records) {
    for (String text : records) {
      JsonObject record = world.json.parse(text);
      boolean again;
      if (Snapshot.isOne(record)) {
        String name = "snapshot " + record.string("idempotencyKey");
        again = texts.put(name, text) != null;
        world.trace.note("stored " + name);
        world.figures.snapshots++;
        tree.takeSnapshot(record);
      } else if (Packing.isPacked(record)) {
        again = true;
        for (JsonObject event : Packing.apart(record, world.json)) {
          again &= store(event, world.json.writer().object(event).text());
        }
        world.figures.packed++;
      } else {
        again = store(record, text);
      }
      checkKey(record, text);
      world.sink.take(record, again);
    }
  }

  /** Stores one event, or a fence or a probe; says whether it was there already. */
  private boolean store(JsonObject record, String text) {
    double seq = record.number("seq");
    // A fence or a probe has no seq of its own.
    String name = name(record.number("life"), seq);
    String older = texts.putIfAbsent(name, text);
    if (older == null) {
      checkNew(record, seq, name);
    } else if (!older.equals(text) && !Packing.same(older, text)) {
      throw new Violation("records repeat unchanged", name + " was " + older + ", is " + text);
    }
    stored.add(record);
    tree.take(record, stored.size());
    world.trace.note("stored " + name);
    return older != null;
  }

  private void checkKey(JsonObject record, String text) {
    String key = record.string("idempotencyKey");
    String sameKey = keys.putIfAbsent(key, text);
    if (sameKey != null && !sameKey.equals(text)) {
      throw new Violation("idempotency keys are unique", text + " has the key of " + sameKey);
    }
  }

  /** Takes a record that a release without lives has sent long ago. */
  void takeOld(JsonObject record) {
    stored.add(record);
    double seq = record.number("seq");
    if (seq > 0) {
      texts.put(name(record.number("epoch"), seq), "");
      tree.take(record, stored.size());
    }
    world.sink.takeOld(record);
  }

  private void checkNew(JsonObject record, double seq, String name) {
    if (!record.string("ns").equals(World.NAMESPACE)) {
      throw new Violation("records name their namespace", name);
    }
    double life = record.number("life");
    if (seq == 0) {
      fenced.add(life);
      return;
    }
    if (!fenced.contains(life)) {
      throw new Violation("a life begins with its fence", name + " came before it");
    }
    if (tree.parentSeq(life) != seq - 1 && !texts.containsKey(name(life, seq - 1))) {
      throw new Violation("seqs are contiguous", name + " came before the one below it");
    }
  }

  private static String name(double life, double seq) {
    return (long) life + "." + (long) seq;
  }
}
