package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes a plan that fails smaller: it takes out steps, many at first, then one by one, as long as
 * the same invariant still does not hold.
 */
final class Shrinker {
  private final Function<Plan, World.Result> run;
  private int runsLeft;

  /**
   * @param run carries a plan out
   * @param runs how many plans may be tried
   */
  Shrinker(Function<Plan, World.Result> run, int runs) {
    this.run = run;
    this.runsLeft = runs;
  }

  /** The smallest plan found that fails as {@code failed} did. */
  Plan shrink(World.Result failed) {
    Plan whole = failed.plan();
    List<Integer> kept =
        new ArrayList<>(
            whole.kept() != null
                ? whole.kept()
                : IntStream.range(0, whole.steps().size()).boxed().toList());
    Plan full = Plan.of(whole.seed());
    String invariant = failed.violation().invariant();
    for (int size = kept.size() / 2; size > 0 && runsLeft > 0; ) {
      boolean smaller = false;
      for (int from = kept.size() - size; from > -size && runsLeft > 0; from -= size) {
        List<Integer> fewer = new ArrayList<>(kept);
        fewer.subList(Math.max(0, from), from + size).clear();
        runsLeft--;
        World.Result result = run.apply(full.keeping(fewer));
        if (result.violation() != null && result.violation().invariant().equals(invariant)) {
          kept = fewer;
          smaller = true;
          from = Math.min(from, kept.size());
        }
      }
      size = smaller && size == 1 ? 1 : size / 2;
    }
    return full.keeping(kept);
  }
}
