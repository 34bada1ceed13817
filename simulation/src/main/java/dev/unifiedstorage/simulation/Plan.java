package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * All that a seed decides: a configuration and a list of steps.
 *
 * @param kept which of the seed's steps are left, when some were taken out
 */
record Plan(long seed, Setup setup, List<Step> steps, List<Integer> kept) {

  /** What has to come together before a write can go nowhere at all. */
  private static final List<Fault> NOWHERE_TO_GO =
      List.of(
          Fault.PIPELINE_OUTAGE, Fault.DISK_FULL, Fault.DISK_FULL, Fault.SEND_STORED_BUT_FAILED);

  private static final int[] SEND_EVENTS = {1_000, 1, 3, 20, 1_000};

  static Plan of(long seed) {
    Random random = new Random(seed * 0x5DEECE66DL + 0xBL);
    Setup setup = Setup.of(random).sending(SEND_EVENTS[(int) (seed % SEND_EVENTS.length)]);
    // A few kinds of faults at a time find more than all of them at once: they hide one another.
    List<Fault> faults = new ArrayList<>(EnumSet.complementOf(EnumSet.copyOf(Fault.WHOLE)));
    Collections.shuffle(faults, random);
    List<Fault> enabled = faults.subList(0, random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(12));
    if (random.nextInt(10) == 0) {
      enabled = NOWHERE_TO_GO;
    }
    int faultPercent = 3 + random.nextInt(20);
    int length = random.nextInt(12) == 0 ? 600 : 60 + random.nextInt(140);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      boolean fault = !enabled.isEmpty() && random.nextInt(100) < faultPercent;
      steps.add(
          fault
              ? new Step(
                  Step.Action.FAULT, enabled.get(random.nextInt(enabled.size())), random.nextLong())
              : new Step(action(random.nextInt(100)), null, random.nextLong()));
    }
    if (setup.archive() && random.nextInt(12) == 0) {
      steps.set(0, new Step(Step.Action.CROWD, null, random.nextLong()));
    }
    if (seed % 3 == 1) {
      addWhole(steps, new Random(~seed * 0x5DEECE66DL));
    }
    return new Plan(seed, setup, steps, null);
  }

  /**
   * What happens to the file and the store as a whole: apart from all else, in a world of three.
   */
  private static void addWhole(List<Step> steps, Random random) {
    List<Fault> faults = new ArrayList<>(Fault.WHOLE);
    Collections.shuffle(faults, random);
    List<Fault> enabled = faults.subList(0, 1 + random.nextInt(faults.size()));
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      Fault fault = enabled.get(random.nextInt(enabled.size()));
      steps.set(
          1 + random.nextInt(steps.size() - 1),
          new Step(Step.Action.FAULT, fault, random.nextLong()));
    }
  }

  private static Step.Action action(int dice) {
    if (dice < 69) {
      return Step.Action.REQUEST;
    } else if (dice < 72) {
      return Step.Action.PAST;
    } else if (dice < 87) {
      return Step.Action.SHORT_WAIT;
    } else if (dice < 94) {
      return Step.Action.LONG_WAIT;
    } else if (dice < 96) {
      return Step.Action.BURST;
    }
    return dice < 99 ? Step.Action.CHECKPOINT : Step.Action.REBUILD;
  }

  /** The same world with some of its steps. */
  Plan keeping(List<Integer> indexes) {
    List<Step> left = indexes.stream().map(steps::get).collect(Collectors.toList());
    return new Plan(seed, setup, left, indexes);
  }

  /** The command that repeats this plan. */
  String command() {
    String all = "make sim SEED=" + seed;
    return kept == null
        ? all
        : all
            + " KEEP="
            + kept.stream().map(index -> Integer.toString(index)).collect(Collectors.joining(","));
  }
}
