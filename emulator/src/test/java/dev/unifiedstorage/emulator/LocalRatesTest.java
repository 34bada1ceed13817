package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code local} writes at a trickle is what docs/cost.md says, cell by cell. */
class LocalRatesTest {
  private static final Path PAGE = Path.of("../docs/cost.md");
  private static final String NAMESPACE = "rates";
  private static final int THINGS = 100;
  private static final int SECONDS = 60;

  /** Longer than between two checkpoints: what was dirty before is saved, and the object stays. */
  private static final Duration QUIET = Duration.ofSeconds(6);

  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| (\\d+) updates/s \\| ([\\d,]+) \\| ([\\d,]+) \\| ([\\d,]+) \\| ([\\d,]+) \\|$");

  @Test
  void thePageSaysWhatIsWritten() throws IOException, CannotStartException {
    List<String> measured = new ArrayList<>();
    List<String> said = new ArrayList<>();
    Matcher row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      int rate = Integer.parseInt(row.group(1));
      said.add(row.group());
      measured.add(
          String.format(
              Locale.ROOT,
              "| %d updates/s | %,.0f | %,.0f | %,.0f | %,.0f |",
              rate,
              rowsOfAThousand(rate, "GROUP_COMMIT_MS", 50),
              rowsOfAThousand(rate, "GROUP_COMMIT_MS", 500),
              rowsOfAThousand(rate, "GROUP_COMMIT_MS", 2_000),
              rowsOfAThousand(rate, "MAX_ROWS_PER_SECOND", 1)));
    }
    assertEquals(3, said.size());
    assertEquals(measured, said);
  }

  /** The rows that a thousand updates cost, while they come at a steady rate. */
  private static double rowsOfAThousand(int rate, String setting, int value)
      throws CannotStartException {
    EmulatorOptions options =
        EmulatorOptions.builder()
            .virtualClock(Instant.parse("2026-01-31T12:00:00Z"))
            .var("DURABILITY", "local")
            .var(setting, String.valueOf(value))
            .log(new PrintStream(OutputStream.nullOutputStream()))
            .build();
    try (Emulator emulator = Emulator.start(options)) {
      Store store = emulator.store(NAMESPACE);
      for (int i = 0; i < THINGS; i++) {
        CompletableFuture<?> created = store.create("T", Map.of("$id", "t" + i, "n", 0));
        emulator.advance(QUIET);
        emulator.await(created);
      }
      emulator.advance(QUIET);
      double before = rowsWritten(emulator);
      List<CompletableFuture<?>> updates = new ArrayList<>();
      for (int i = 0; i < rate * SECONDS; i++) {
        updates.add(store.update("t" + i % THINGS, Map.of("data", Map.of("n", i))));
        emulator.advance(Duration.ofMillis(1_000 / rate));
      }
      emulator.advance(QUIET);
      updates.forEach(emulator::await);
      return (rowsWritten(emulator) - before) * 1_000 / updates.size();
    }
  }

  private static double rowsWritten(Emulator emulator) {
    JsonObject stats = new JsoniterJson().parse(emulator.stats(NAMESPACE));
    return stats.number("rowsWritten");
  }
}
