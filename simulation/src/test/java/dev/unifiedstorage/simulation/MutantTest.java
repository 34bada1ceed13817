package dev.unifiedstorage.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The proof of the simulation: deliberate mistakes, each of which it must find. */
final class MutantTest {
  /** Within how many seeds each mistake has to show. */
  private static final int SEEDS = 1000;

  private static final String NOT_FOUND = "not found";

  /** A part of the names of those that are tried, while one is worked at: {@code -Dmutant=}. */
  private static final String ONLY = System.getProperty("mutant", "").toUpperCase(Locale.ROOT);

  /** How a mistake showed: the first seed, and which invariant did not hold. */
  private record Found(String name, long seed, String invariant) {
    @Override
    public String toString() {
      return String.format("| `%s` | %d | %s |", name.toLowerCase(Locale.ROOT), seed, invariant);
    }
  }

  @Test
  void everyMistakeInTheCoreIsFound() throws Exception {
    findAll(
        Arrays.stream(Mutant.values())
            .filter(mutant -> mutant.name().contains(ONLY))
            .<Callable<Found>>map(mutant -> () -> find(mutant))
            .toList());
  }

  @Test
  void everyPortThatLiesIsFound() throws Exception {
    findAll(
        Arrays.stream(Lie.values())
            .<Callable<Found>>map(lie -> () -> found(lie.name(), firstFailure(SEEDS, lie, 0)))
            .toList());
  }

  private static void findAll(List<Callable<Found>> searches) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    List<String> missed = new ArrayList<>();
    try {
      for (Future<Found> search : pool.invokeAll(searches)) {
        Found found = search.get();
        System.out.println(found);
        if (found.invariant.equals(NOT_FOUND)) {
          missed.add(found.name);
        }
      }
    } finally {
      pool.shutdown();
    }
    assertTrue(missed.isEmpty(), "not found within " + SEEDS + " seeds: " + missed);
  }

  private static Found find(Mutant mutant) throws Exception {
    Class<?> own = new MutantLoader(mutant).loadClass(MutantTest.class.getName());
    Method search = own.getDeclaredMethod("firstFailure", int.class, long.class);
    search.setAccessible(true);
    return found(mutant.name(), (String) search.invoke(null, SEEDS, lastSeed(mutant.name())));
  }

  /** The seed that has found a mistake before, which is tried first; 0 when none is known. */
  private static long lastSeed(String name) throws IOException {
    Properties seeds = new Properties();
    try (InputStream file = MutantTest.class.getResourceAsStream("/mutants.properties")) {
      seeds.load(file);
    }
    return Long.parseLong(seeds.getProperty(name.toLowerCase(Locale.ROOT), "0"));
  }

  private static Found found(String name, String failure) {
    int colon = failure.indexOf(' ');
    return new Found(
        name, Long.parseLong(failure.substring(0, colon)), failure.substring(colon + 1));
  }

  /** Called in the mutant's own world: "seed invariant" of the first world that fails. */
  static String firstFailure(int seeds, long lastSeed) {
    return firstFailure(seeds, null, lastSeed);
  }

  private static String firstFailure(int seeds, Lie lie, long lastSeed) {
    for (int i = lastSeed > 0 ? 0 : 1; i <= seeds; i++) {
      long seed = i == 0 ? lastSeed : i;
      World.Result result =
          World.run(Plan.of(seed), false, 0, lie == null ? ports -> ports : lie.ports());
      if (result.violation() != null) {
        return seed + " " + result.violation().invariant();
      }
    }
    return "0 " + NOT_FOUND;
  }
}
