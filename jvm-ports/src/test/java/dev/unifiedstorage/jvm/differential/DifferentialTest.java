package dev.unifiedstorage.jvm.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random traces through the core on both JSON adapters of the JVM and both SQLite adapters; what
 * came of them is left in {@code target/differential} for the compiled cores to be held against.
 *
 * <p>{@code make differential} runs more of them, handing them straight to the replayer.
 */
class DifferentialTest {
  private static final int TRACES = Integer.getInteger("differential.traces", 300);

  /** Half of the seeds are always the same, half are new. */
  private static final long FRESH =
      Long.getLong("differential.seed", System.currentTimeMillis() / 1000 * 1_000_000);

  private static final String REPLAYER = System.getProperty("differential.replayer", "");

  @TempDir private Path directory;

  @Test
  @Timeout(value = 2, unit = TimeUnit.DAYS)
  void everyTraceGoesTheSameWayOnEveryAdapterOfTheJvm() throws Exception {
    if (REPLAYER.isEmpty()) {
      Path file = Path.of("target", "differential", "traces.jsonl");
      Files.createDirectories(file.getParent());
      try (Writer out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
        writeTraces(out);
      }
      return;
    }
    Process replayer = new ProcessBuilder(REPLAYER.split(" ")).redirectErrorStream(true).start();
    Thread printer = new Thread(() -> replayer.inputReader().lines().forEach(System.out::println));
    printer.start();
    try (Writer out =
        new BufferedWriter(replayer.outputWriter(StandardCharsets.US_ASCII), 1 << 16)) {
      writeTraces(out);
    }
    printer.join();
    assertEquals(0, replayer.waitFor(), "the replayer's exit code");
  }

  private void writeTraces(Writer out) throws IOException {
    for (int i = 0; i < TRACES; i++) {
      boolean fixed = i % 2 == 0 && Long.getLong("differential.seed") == null;
      Trace trace = new TraceGenerator(fixed ? i / 2 : FRESH + i).trace();
      out.append(trace.line(transcript(trace))).append('\n');
    }
  }

  private List<String> transcript(Trace trace) throws IOException {
    List<String> jackson;
    try (SqliteFile sql = new SqliteFile()) {
      jackson = new TracedStore(trace, new JacksonJson(), sql, true).run();
    }
    List<String> jsoniter;
    if (trace.seed() % 10 == 0) {
      Path file = Files.createTempFile(directory, "trace", ".sqlite");
      SqliteStorage sql = new SqliteStorage("a trace", file);
      jsoniter = new TracedStore(trace, new JsoniterJson(), sql, false).run();
      sql.close();
      Files.delete(file);
    } else {
      try (SqliteFile sql = new SqliteFile()) {
        jsoniter = new TracedStore(trace, new JsoniterJson(), sql, false).run();
      }
    }
    for (int i = 0; i < Math.min(jackson.size(), jsoniter.size()); i++) {
      assertEquals(jackson.get(i), jsoniter.get(i), "line " + i + " of seed " + trace.seed());
    }
    assertEquals(jackson.size(), jsoniter.size(), "lines of seed " + trace.seed());
    return jsoniter;
  }
}
