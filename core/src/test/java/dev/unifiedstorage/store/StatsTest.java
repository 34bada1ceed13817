package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store tells of itself. */
final class StatsTest {
  private static final Path PAGE = Path.of("../docs/reference/metrics.md");
  private static final Path MONITORING = Path.of("../docs/monitoring");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(unified_storage_\\w+)` \\| (\\w+) \\| (.+) \\|$");
  private static final Pattern SAID = Pattern.compile("# HELP (\\w+) (.+)\\n# TYPE \\w+ (\\w+)\\n");

  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void thingsAreCountedByTypeEvictedOnesToo() {
    store.with("MAX_ENTRIES", "1").with("COLUMNAR_THRESHOLD", "0").start();
    for (int i = 0; i < 3; i++) {
      store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'c" + i + "'}}");
    }
    store.ask("{'type':'create','id':1,'$type':'User','data':{'$id':'u'}}");
    store.ask("{'type':'create','id':1,'$type':'Gone','data':{'$id':'g'}}");
    store.ask("{'type':'delete','id':1,'$id':'g'}");
    store.post("checkpoint");
    JsonObject types = store.stats().object("types");
    assertEquals(3, types.number("Card"));
    assertEquals(1, types.number("User"));
    assertEquals(List.of("Card", "User"), types.keys());
  }

  @Test
  void requestsAndRefusalsAreCounted() {
    store.start();
    store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}}");
    store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}}");
    store.ask("{'type':'update','id':1,'$id':'none','data':{}}");
    store.ask("{'type':'ping','id':1}");
    assertEquals(4, store.stats().number("requests"));
    assertEquals(List.of("NOT_FOUND", "CONFLICT"), store.stats().object("errors").keys());
    String metrics = store.get("metrics");
    assertTrue(metrics.contains("code=\"CONFLICT\"} 1\n"), metrics);
    assertTrue(metrics.contains("code=\"OVERLOADED\"} 0\n"), metrics);
    assertTrue(metrics.contains("reply_wait_ms_count{namespace=\"test\"} 1\n"), metrics);
  }

  /** A reply that waits 30 ms for its send is in the bucket of 50, and in all above. */
  @Test
  void waitsForDurabilityAreInBuckets() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}}");
    store.time.advance(30);
    store.pipeline.releaseHeld();
    String metrics = store.get("metrics");
    assertTrue(metrics.contains("le=\"20\"} 0\n"), metrics);
    assertTrue(metrics.contains("le=\"50\"} 1\n"), metrics);
    assertTrue(metrics.contains("le=\"+Inf\"} 1\n"), metrics);
    assertTrue(metrics.contains("reply_wait_ms_sum{namespace=\"test\"} 30\n"), metrics);
  }

  /** Every metric is in the page, with its kind and meaning, and the page has no other. */
  @Test
  void thePageHasEveryMetric() throws IOException {
    Map<String, String> page = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      page.put(row.group(1), row.group(2) + " " + row.group(3));
    }
    assertEquals(metrics(), page);
  }

  /** A rule or a panel over a metric that there is not would never fire, and show nothing. */
  @Test
  void rulesAndDashboardAskForMetricsThatThereAre() throws IOException {
    for (String file : List.of("alerts.yml", "grafana.json")) {
      Matcher name =
          Pattern.compile("unified_storage_\\w+")
              .matcher(Files.readString(MONITORING.resolve(file)));
      Set<String> asked = new TreeSet<>();
      while (name.find()) {
        asked.add(name.group().replaceFirst("_bucket$", ""));
      }
      assertTrue(asked.size() > 3, file);
      assertTrue(metrics().keySet().containsAll(asked), file + " asks for " + asked);
    }
  }

  /** Kind and help of each, by name. */
  private Map<String, String> metrics() {
    TestStore some = new TestStore().start();
    try {
      some.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}}");
      some.store().onArchive(new ArchiveReport(0, 1, List.of()));
      Map<String, String> kinds = new TreeMap<>();
      Matcher said = SAID.matcher(some.get("metrics"));
      while (said.find()) {
        kinds.put(said.group(1), said.group(3) + " " + said.group(2));
      }
      return kinds;
    } finally {
      some.close();
    }
  }
}
