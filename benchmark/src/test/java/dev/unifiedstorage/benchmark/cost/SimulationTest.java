package dev.unifiedstorage.benchmark.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.benchmark.cost.Simulation.Setting;
import org.junit.jupiter.api.Test;

/** Short simulations, held against what can be counted by hand. */
class SimulationTest {

  @Test
  void burstsCostAHandfulOfRows() {
    Targets targets = new Targets();
    targets.addBursts();

    for (Targets.Check check : targets.checks()) {
      assertTrue(check.met(), check::toString);
    }
  }

  @Test
  void aSteadyMinuteHasARowEveryFiveSeconds() {
    Simulation.Result minute = new Simulation(Day.HOT, Setting.PIPELINE, 1).run();

    assertEquals(17_280, minute.checkpointRows(), 0.01);
    assertEquals(86_400_000, minute.writes(), 0.01);
    assertEquals(11_059.2, minute.store().gbSeconds(), 10, "a timer is armed all the time");
  }

  /**
   * 1,000 updates a second over 1,000 things with {@code dirtyCountThreshold: 100}. When every
   * hundredth dirty thing took a checkpoint they were 865,440 rows a day with an archive and
   * 3,456,000 without one.
   */
  @Test
  void theSeedsExampleHasACheckpointASecondAtMost() {
    Simulation.Result archived = new Simulation(Day.HOT, Setting.EXAMPLE_PIPELINE, 5).run();
    assertEquals(86_400_000, archived.writes(), 0.01);
    assertTrue(archived.checkpointRows() <= 86_400, () -> archived.checkpointRows() + " a day");
    assertTrue(archived.store().rows() <= 86_400 + 2_000, () -> archived.store() + " a day");

    Simulation.Result local = new Simulation(Day.HOT, Setting.EXAMPLE_LOCAL, 5).run();
    assertTrue(local.checkpointRows() <= 86_400, () -> local.checkpointRows() + " a day");
    // 20 groups a second are a row each, and most of it: GROUP_COMMIT_MS decides.
    assertTrue(local.store().rows() <= 1_850_000, () -> local.store() + " a day");
  }

  @Test
  void packedRecordsAndFramesAreWhatAHotDayCostsLessBy() {
    Usage alone = new Simulation(Day.HOT, Setting.PIPELINE, 1).run().store();
    Usage packed = new Simulation(Day.HOT, Setting.PACKED, 1).run().store();
    Usage framed = new Simulation(Day.HOT, Setting.PACKED, 1, Simulation.FRAME).run().store();
    assertTrue(packed.pipelineBytes() * 4 < alone.pipelineBytes(), packed + " and " + alone);
    assertEquals(432_000, framed.requests() - 1_440, 0.01);
    assertTrue(packed.dollars() <= 3.20, () -> packed + " is " + packed.dollars());
    assertTrue(framed.dollars() <= 1.20, () -> framed + " is " + framed.dollars());
  }

  @Test
  void theNaiveDayIsCountedByARealTableToo() {
    Usage naive = Simulation.naive(Day.GROWING, 0.5);

    assertEquals(43_200_000 * 3.0, naive.rows(), 0.01);
    assertEquals(4_320_000, naive.requests(), 0.01);
  }

  @Test
  void anIdleObjectSleepsBetweenItsWrites() {
    Usage idle = new Simulation(Day.IDLE, Setting.PIPELINE, 0).run().store();

    assertTrue(idle.starts() >= 144, "every write finds it asleep");
    assertTrue(idle.gbSeconds() < 144 * 6 * 0.128, "awake for a checkpoint's interval only");
    assertEquals(144, Simulation.naive(Day.IDLE, 0).rows());
  }
}
