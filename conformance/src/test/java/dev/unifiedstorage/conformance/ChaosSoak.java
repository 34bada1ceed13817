package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link ChaosChapter}s one after another for as long as asked: {@code make chaos}.
 *
 * <p>Its name keeps it out of the suite.
 */
class ChaosSoak {
  private static final long SEED = Long.getLong("chaos.seed", System.currentTimeMillis() / 10 * 10);
  private static final Duration LENGTH =
      Duration.ofSeconds(
          (long) (60 * Double.parseDouble(System.getProperty("chaos.minutes", "1"))));
  private static final int ROUNDS = 6;
  private static final int ENDS_A_ROUND = 2;
  private static final int FAILURES_AT_MOST = 5;

  @TempDir private Path directory;

  @Test
  @Timeout(value = 2, unit = TimeUnit.DAYS)
  void nothingAcknowledgedIsLost() throws Exception {
    String target = Target.current().name().toLowerCase(Locale.ROOT);
    ChaosFigures figures = new ChaosFigures();
    long start = System.nanoTime();
    long seed = SEED;
    do {
      String repeat = "make chaos TARGET=%s SEED=%d MINUTES=0".formatted(target, seed);
      Path chapter = Files.createDirectory(directory.resolve("chapter-" + seed));
      try {
        new ChaosChapter(seed, repeat, figures).run(chapter, ROUNDS, ENDS_A_ROUND);
        delete(chapter);
      } catch (Exception | AssertionError e) {
        e.printStackTrace();
        figures.failed(repeat, e);
      }
      seed++;
      if (seed % 4 == 0 && minutesSince(start) < LENGTH.toSeconds() / 60.0) {
        System.out.println(figures.report(target, SEED, minutesSince(start)));
      }
    } while (minutesSince(start) < LENGTH.toSeconds() / 60.0
        && figures.failures().size() < FAILURES_AT_MOST);
    System.out.println(figures.report(target, SEED, minutesSince(start)));
    assertEquals(List.of(), figures.failures());
  }

  private static double minutesSince(long start) {
    return (System.nanoTime() - start) / 60e9;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
