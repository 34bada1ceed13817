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
