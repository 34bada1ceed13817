package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Small worlds in which nothing goes wrong but one crash: at each port call, before and after. */
final class CrashPoints {
  private final PrimitiveIterator.OfLong seeds;
  private Plan plan;
  private int points;
  private int next;

  CrashPoints(PrimitiveIterator.OfLong seeds) {
    this.seeds = seeds;
  }

  /** The next world's result; null after the last. */
  World.Result next() {
    Plan current;
    int point;
    synchronized (this) {
      if (next >= points) {
        if (!seeds.hasNext()) {
          return null;
        }
        plan = small(seeds.nextLong());
        World.Result calm = World.run(plan, false);
        if (calm.violation() != null) {
          return calm;
        }
        points = (int) calm.figures().points;
        next = 0;
      }
      current = plan;
      point = ++next;
    }
    return World.run(current, false, point, UnaryOperator.identity());
  }

  /** A few requests around a checkpoint and a crash, so that a recovery's calls count too. */
  private static Plan small(long seed) {
    Random random = new Random(seed);
    Setup setup = Setup.of(random);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      steps.add(new Step(Step.Action.REQUEST, null, random.nextLong()));
      if (i % 3 == 2) {
        steps.add(new Step(Step.Action.SHORT_WAIT, null, random.nextLong()));
      }
      if (i == 5) {
        steps.add(new Step(Step.Action.CHECKPOINT, null, random.nextLong()));
      }
      if (i == 8) {
        steps.add(new Step(Step.Action.FAULT, Fault.CRASH_BETWEEN_EVENTS, random.nextLong()));
      }
    }
    return new Plan(seed, setup, steps, null);
  }
}
