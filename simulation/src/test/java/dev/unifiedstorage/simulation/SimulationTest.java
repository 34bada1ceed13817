package dev.unifiedstorage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What every build runs: 1,500 worlds, and a crash at every port call.
 *
 * <p>They are the same each time, so that a build judges the change and not the day. New ones are
 * what {@code make sim} and its soak are for.
 */
final class SimulationTest {
  private static final int SEEDS = 1_500;
  private static final int CRASH_SEEDS = 70;
  private static final double HOUR_MS = 3_600_000;

  @Test
  void theSameSeedGivesTheSameTrace() {
    Set<String> hashes = new java.util.HashSet<>();
    for (long seed = 1; seed <= 40; seed++) {
      String once = World.run(Plan.of(seed), false).trace().hash();
      assertEquals(once, World.run(Plan.of(seed), true).trace().hash(), "seed " + seed);
      hashes.add(once);
    }
    assertEquals(40, hashes.size());
  }

  @Test
  void noWorldBreaksTheStore() {
    Campaign campaign = new Campaign(Main.ENOUGH_FAILURES, failure -> {});
    campaign.run(Main.upTo(SEEDS, 0, 0));
    campaign.failures().stream().limit(1).forEach(failed -> fail(Campaign.report(failed)));
    Figures figures = campaign.figures();
    System.out.println("worlds: " + Texts.print(figures.byName()));
    assertTrue(figures.simulatedMs >= 1_000 * HOUR_MS, "simulated hours: " + figures.byName());
    assertTrue(figures.histories >= 5_000, "histories: " + figures.histories);
    assertTrue(figures.packed >= 1_000, "packed records: " + figures.packed);
    assertTrue(figures.answersAgain >= 1_000, "answers given again: " + figures.answersAgain);
    assertTrue(figures.forks >= 300, "forks: " + figures.forks);
    assertTrue(figures.forkWrites >= 500, "writes to forks: " + figures.forkWrites);
    Set<Fault> missing = EnumSet.allOf(Fault.class);
    missing.removeAll(figures.faults.keySet());
    assertTrue(missing.isEmpty(), "faults that never happened: " + missing);
  }

  private static void fail(String report) {
    throw new AssertionError(report);
  }

  /** One small world a seed, and in each a crash before and after each of its port calls. */
  @Test
  void aCrashAtAnyPortCallLosesNothing() {
    AtomicInteger points = new AtomicInteger();
    Campaign campaign = new Campaign(Main.ENOUGH_FAILURES, failure -> {});
    CrashPoints all = new CrashPoints(LongStream.rangeClosed(1, CRASH_SEEDS).iterator());
    campaign.runAll(
        () -> {
          points.incrementAndGet();
          return all.next();
        });
    campaign
        .failures()
        .forEach(failed -> fail(failed.violation().getMessage() + " in " + failed.plan()));
    System.out.println("crash points: " + points.get() + " in " + CRASH_SEEDS + " worlds");
    assertTrue(points.get() > 10 * CRASH_SEEDS);
  }

  @Test
  void aFailureIsShrunkToWhatItNeeds() {
    // The mutant of the shrinker's test: no send is ever answered, so nothing comes to rest.
    Plan plan = Plan.of(3);
    World.Result failed = World.run(plan, false, 0, Lie.SEND_NEVER_ARRIVES.ports());
    assertNotEquals(null, failed.violation());
    Shrinker shrinker =
        new Shrinker(tried -> World.run(tried, false, 0, Lie.SEND_NEVER_ARRIVES.ports()), 200);
    Plan smallest = shrinker.shrink(failed);
    assertTrue(smallest.steps().size() < plan.steps().size() / 2, smallest.command());
    assertNull(World.run(smallest, false, 0, UnaryOperator.identity()).violation());
  }
}
