package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.JsonObject;

/**
 * The store as it sends itself whole: made when a world ends, in place of everything before it.
 *
 * <p>That one is made of what was and that it says no more than the log before it shows in every
 * start that begins at one.
 */
final class Snapshot {
  private static final String NAMESPACE = World.NAMESPACE + "/snapshots";

  /** How often it is looked whether one is made. */
  private static final int TRIES = 60;

  /** In one world of so many the log stays, and is read from its beginning or from a snapshot. */
  private static final int LOG_EVERY = 3;

  private final World world;

  Snapshot(World world) {
    this.world = world;
  }

  /** Whether a record is of one. */
  static boolean isOne(JsonObject record) {
    return record.string("ns").equals(NAMESPACE);
  }

  /**
   * Has one made of a store that is at rest, and erases all that came before it, in most worlds.
   */
  boolean takesThePlaceOfAll() {
    Life life = world.alive();
    // Snapshots of several branches leave the choice to the clock.
    boolean log = world.plan.seed() % LOG_EVERY == 0 || world.copies.branched();
    if (log || life.head.tip().seq == 0) {
      return false;
    }
    int[] answered = {0};
    life.post("snapshot", (status, type, body) -> answered[0] = status);
    for (int i = 0; i < TRIES && answered[0] == 0; i++) {
      world.time.advance(10_000);
    }
    JsonObject made = life.stats().object("snapshot");
    double seq = life.stats().number("durableSeq");
    String at = made.string("at");
    if (answered[0] != 200 || Texts.seqOf(at) != seq) {
      throw new Violation(
          "a snapshot is made",
          "of event " + (long) seq + ", answered " + answered[0] + ", the last one is at " + at);
    }
    // What is late lands before it is erased.
    world.time.advance(600_000);
    world.sink.erase();
    world.trace.note("erased up to " + (long) seq);
    return true;
  }
}
