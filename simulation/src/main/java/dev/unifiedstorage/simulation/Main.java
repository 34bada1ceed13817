package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** {@code make sim}: some seeds, one seed, or as many as fit into some minutes. */
public final class Main {
  /** After so many a run has said enough, and so many are made small. */
  static final int ENOUGH_FAILURES = 3;

  /** After so many a soak has nothing more to say. */
  private static final int MOST_FAILURES = 50;

  private static final int SEEDS = 2_000;
  private static final int FUZZ_INPUTS = 500;

  /** A hostile message can be as long as a row: this much of one is printed. */
  private static final int MESSAGE_CHARS = 4_000;

  private Main() {}

  /**
   * Runs worlds and exits with 1 when one fails.
   *
   * @param args {@code seeds=n}, or {@code seed=n} with or without {@code keep=i,j,…}, or {@code
   *     minutes=n}, or {@code fuzz=minutes}; an option without a value is not there
   */
  public static void main(String[] args) {
    Map<String, String> options = new java.util.HashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals > 0 && equals < arg.length() - 1) {
        options.put(arg.substring(0, equals), arg.substring(equals + 1));
      }
    }
    boolean passed;
    if (options.containsKey("seed")) {
      passed = repeat(Long.parseLong(options.get("seed")), options.get("keep"));
    } else if (options.containsKey("fuzz")) {
      passed = fuzz(Long.parseLong(options.get("fuzz")));
    } else if (options.containsKey("minutes")) {
      passed = soak(Long.parseLong(options.get("minutes")));
    } else {
      passed = seeds(Integer.parseInt(options.getOrDefault("seeds", String.valueOf(SEEDS))));
    }
    System.exit(passed ? 0 : 1);
  }

  private static boolean repeat(long seed, String keep) {
    Plan plan = Plan.of(seed);
    if (keep != null) {
      plan = plan.keeping(Arrays.stream(keep.split(",")).map(Integer::valueOf).toList());
    }
    World.Result result = World.run(plan, true);
    result.trace().lines().forEach(System.out::println);
    System.out.println(plan.setup());
    System.out.println("trace " + result.trace().hash());
    System.out.println(result.violation() == null ? "passed" : result.violation().getMessage());
    return result.violation() == null;
  }

  /** Half of the seeds are always the same, half are new every time. */
  private static boolean seeds(int count) {
    long fresh = System.currentTimeMillis() * 1_000;
    System.out.println("seeds 1 to " + count / 2 + " and from " + fresh + " on");
    LongSupplier seeds = upTo(count / 2, fresh, count - count / 2);
    return report(new Campaign(ENOUGH_FAILURES, Main::failed), seeds, System.nanoTime());
  }

  private static boolean soak(long minutes) {
    long from = System.currentTimeMillis() * 1_000;
    System.out.println("seeds from " + from + " on, for " + minutes + " minutes");
    long startNs = System.nanoTime();
    long[] next = {from};
    LongSupplier seeds =
        () -> System.nanoTime() - startNs < TimeUnit.MINUTES.toNanos(minutes) ? next[0]++ : -1;
    // A soak has set out to last, and a failure in it is rare and worth the next one.
    return report(new Campaign(MOST_FAILURES, Main::failed), seeds, startNs);
  }

  private static void failed(World.Result result) {
    String what = result.violation().getMessage().lines().findFirst().orElse("");
    System.out.println(result.plan().command() + " failed: " + what);
  }

  private static boolean fuzz(long minutes) {
    long startNs = System.nanoTime();
    long seed = System.currentTimeMillis() * 1_000;
    System.out.println("seeds from " + seed + " on, for " + minutes + " minutes");
    long inputs = 0;
    for (; System.nanoTime() - startNs < TimeUnit.MINUTES.toNanos(minutes); seed++) {
      try (Fuzzer fuzzer = new Fuzzer(seed)) {
        fuzzer.run(FUZZ_INPUTS);
      } catch (Violation e) {
        String message = e.getMessage();
        System.out.println(
            "seed "
                + seed
                + ": "
                + message.substring(0, Math.min(message.length(), MESSAGE_CHARS)));
        return false;
      }
      inputs += FUZZ_INPUTS;
    }
    System.out.println(Texts.print(Map.of("fuzzInputs", inputs, "minutes", minutes)));
    return true;
  }

  /** The seeds from 1 to {@code fixed}, then {@code more} from {@code fresh} on. */
  static LongSupplier upTo(int fixed, long fresh, int more) {
    long[] next = {0};
    return () -> {
      long index = next[0]++;
      return index < fixed ? index + 1 : index < fixed + more ? fresh + index - fixed : -1;
    };
  }

  private static boolean report(Campaign campaign, LongSupplier seeds, long startNs) {
    campaign.run(seeds);
    Figures figures = campaign.figures();
    figures.byName().forEach((name, value) -> System.out.printf("%-22s %s%n", name, value));
    List<String> failed = new ArrayList<>();
    for (World.Result failure : campaign.failures()) {
      if (failed.size() < ENOUGH_FAILURES) {
        System.out.println(Campaign.report(failure));
      }
      failed.add(failure.plan().command());
    }
    Map<String, Object> line = figures.byName();
    line.put("seconds", (System.nanoTime() - startNs) / 1_000_000_000);
    line.put("failed", failed);
    System.out.println(Texts.print(line));
    return failed.isEmpty();
  }
}
