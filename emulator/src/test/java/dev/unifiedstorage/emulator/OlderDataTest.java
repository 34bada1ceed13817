package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.jsoniter.JsonIterator;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A data folder that an earlier release wrote, opened by this one.
 *
 * <p>Each archive holds what the emulator of a commit left: stores in every layout, in both
 * durabilities, some closed and some killed behind their last checkpoint, and the Pipeline's log
 * with a table that had not caught up. {@code expected.json} in it is what that emulator answered
 * for all their things, by namespace. A release that changes a format adds an archive; no archive
 * is ever made anew.
 */
class OlderDataTest {
  /** By the commit that wrote it, how many stores there are. */
  private static final Map<String, Integer> STORES = Map.of("645d955", 6, "5648305", 8);

  private static final long DEADLINE_S = 30;

  @TempDir Path folder;
  private Map<String, Map<String, ?>> expected;
  private final HttpClient http = HttpClient.newHttpClient();

  private void unpack(String commit) throws IOException {
    String name = "data-of-" + commit + ".zip";
    try (InputStream packed = OlderDataTest.class.getResourceAsStream(name);
        ZipInputStream zip = new ZipInputStream(packed)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path path = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else {
          Files.createDirectories(path.getParent());
          Files.copy(zip, path);
        }
      }
    }
    expected = json(Files.readString(folder.resolve("expected.json")));
    assertEquals(STORES.get(commit), expected.size());
  }

  @ParameterizedTest
  @CsvSource({"645d955,packed", "645d955,normalized", "5648305,packed", "5648305,normalized"})
  void opensWithEverythingThatWasAcknowledged(String commit, String layout) throws Exception {
    unpack(commit);
    try (Emulator emulator = start(layout)) {
      assertHoldsAll(emulator);
      for (String namespace : expected.keySet()) {
        ok(emulator, "POST", "/stores/" + namespace + "/checkpoint");
      }
    }
    // What the first opening has written in the formats of today is read again.
    try (Emulator emulator = start(layout)) {
      assertHoldsAll(emulator);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"645d955", "5648305"})
  void isRebuiltFromItsArchive(String commit) throws Exception {
    unpack(commit);
    try (Emulator emulator = start("packed")) {
      for (String namespace : expected.keySet()) {
        ok(emulator, "POST", "/stores/" + namespace + "/rebuild");
      }
      assertHoldsAll(emulator);
    }
  }

  /** What only SQLite had is lost with it; in {@code pipeline} the archive has everything. */
  @ParameterizedTest
  @ValueSource(strings = {"645d955", "5648305"})
  void comesBackFromItsArchiveWithoutItsDatabases(String commit) throws Exception {
    unpack(commit);
    try (Stream<Path> files = Files.list(folder.resolve("stores"))) {
      for (Path file : files.filter(f -> !f.toString().contains("local")).toList()) {
        Files.delete(file);
      }
    }
    try (Emulator emulator = start("packed")) {
      assertHoldsAll(emulator);
    }
  }

  private Emulator start(String layout) throws CannotStartException {
    return Emulator.start(
        EmulatorOptions.builder()
            .port(0)
            .data(folder)
            .onDisk()
            .rollInterval(Duration.ofMillis(50))
            .var("COLUMNAR_THRESHOLD", "10")
            .var("LARGE_COLLECTIONS", layout)
            .build());
  }

  private void assertHoldsAll(Emulator emulator) throws Exception {
    for (Map.Entry<String, Map<String, ?>> namespace : expected.entrySet()) {
      Map<String, Object> found = new HashMap<>();
      for (String line :
          ok(emulator, "GET", "/stores/" + namespace.getKey() + "/export").split("\n")) {
        Map<String, ?> thing = json(line);
        if (thing.containsKey("$id")) {
          found.put((String) thing.get("$id"), thing);
        }
      }
      assertEquals(namespace.getValue(), found, namespace.getKey());
    }
  }

  @SuppressWarnings("unchecked")
  private static <V> Map<String, V> json(String text) {
    return JsonIterator.deserialize(text, Map.class);
  }

  /** The answer, once the store has recovered. */
  private String ok(Emulator emulator, String method, String path) throws Exception {
    URI uri = emulator.url().resolve(path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
    while (true) {
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      if (answer.statusCode() == 200) {
        return answer.body();
      }
      assertEquals(503, answer.statusCode(), path + ": " + answer.body());
      assertTrue(System.nanoTime() < deadline, path + ": " + answer.body());
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
