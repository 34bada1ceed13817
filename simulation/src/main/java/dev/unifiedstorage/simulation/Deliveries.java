package dev.unifiedstorage.simulation;

import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.Random;

/**
 * Who looks at the archive now and then, and tells the store what is there: it must know of every
 * event that is missing for good, and of no other.
 */
final class Deliveries {
  /** In how many worlds the sink drops something in the end. */
  private static final int DROPS_EVERY = 4;

  private final World world;
  private final boolean drops;
  private final double sinceMs;

  Deliveries(World world, long seed) {
    this.world = world;
    this.drops = seed % DROPS_EVERY == 0;
    this.sinceMs = world.time.wallMs();
  }

  /** Looks, or does not. */
  void act(Random random) {
    Life life = world.current();
    if (world.setup.archive() && life != null && life.alive() && random.nextInt(6) == 0) {
      tell(life);
      boolean tells = life.alive() && life.running && !life.isOver();
      if (tells && holes(life) > 0 && !world.faults.disturbedClock() && !world.sink.wasTooLate()) {
        throw new Violation("only what is missing is missed", archive(life));
      }
    }
  }

  private void tell(Life life) {
    ArchiveReport report =
        world.sink.survey().report(World.NAMESPACE, sinceMs, world.time.wallMs());
    life.event(() -> life.store.onArchive(report));
  }

  private static double holes(Life life) {
    JsonObject stats = life.stats();
    return stats.kind("archive") == JsonKind.OBJECT ? stats.object("archive").number("holes") : 0;
  }

  private String archive(Life life) {
    return world.json.writer().value(life.stats().value("archive")).text();
  }

  /** The sink drops what one write has sent, in some worlds; nothing is whole after that. */
  void dropOne(boolean branched) {
    if (!drops || !world.setup.archive() || world.faults.disturbedClock()) {
      return;
    }
    Life life = world.alive();
    tell(life);
    double before = life.stats().number("appliedSeq");
    world.sink.drops(true);
    world.ask(world.workload.last(world.clients.get(0)));
    world.time.advance(10_000);
    double dropped = life.stats().number("appliedSeq");
    world.sink.drops(false);
    world.ask(world.workload.last(world.clients.get(0)));
    // The look that finds the gap, and the one that gives it up.
    for (int i = 0; i < 2; i++) {
      world.time.advance(100_000);
      tell(life);
    }
    JsonObject archive = life.stats().object("archive");
    boolean missed =
        archive.number("holes") == 1
            && archive.array("firstHole").number(0) == before + 1
            && archive.array("firstHole").number(1) == dropped;
    if (dropped == before || !missed) {
      throw new Violation(
          "what is missing is missed",
          "events " + (before + 1) + " to " + dropped + ", it says " + archive(life));
    }
    if (!branched) {
      healed(life.head.tip());
    }
  }

  /** A snapshot makes up for what is missing: the archive alone comes to the same. */
  private void healed(Model.Node tip) {
    world.time.advance(100_000);
    Life rebuilt = world.loseFile(() -> world.copies.lostBut(tip));
    if (!rebuilt.running || rebuilt.head.tip() != tip) {
      throw new Violation("a snapshot heals", "a rebuild comes to " + rebuilt.head.tip());
    }
  }
}
