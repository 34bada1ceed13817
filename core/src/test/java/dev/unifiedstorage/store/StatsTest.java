package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.RequestType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store tells of itself. */
final class StatsTest {
  private static final Path PAGE = Path.of("../docs/reference/metrics.md");
  private static final String TABLE = "| metric | kind | meaning |\n| --- | --- | --- |\n";
  private static final Pattern SAID = Pattern.compile("# HELP (\\w+) (.+)\\n# TYPE \\w+ (\\w+)\\n");

  /** What any type of request takes. */
  private static final String MEMBERS =
      ",'$type':'T','$id':'a','data':{},'ifVersion':1,'sub':'s','session':'s'"
          + ",'next':1,'token':'t'";

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
    String test = "{namespace=\"test\",";
    assertTrue(metrics.contains("requests_total" + test + "type=\"create\"} 2\n"), metrics);
    assertTrue(metrics.contains("requests_total" + test + "type=\"put\"} 0\n"), metrics);
    String errors = "errors_total" + test;
    assertTrue(metrics.contains(errors + "type=\"create\",code=\"CONFLICT\"} 1\n"), metrics);
    assertTrue(metrics.contains(errors + "type=\"update\",code=\"NOT_FOUND\"} 1\n"), metrics);
    assertTrue(metrics.contains(errors + "type=\"put\",code=\"INTERNAL_ERROR\"} 0\n"), metrics);
    assertFalse(metrics.contains("OVERLOADED"), metrics);
    String waits = "reply_wait_ms_count" + test + "durability=\"local\"} 1\n";
    assertTrue(metrics.contains(waits), metrics);
    assertTrue(metrics.contains("recovery_ms_count{namespace=\"test\"} 1\n"), metrics);
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
    String wait = "wait_ms_sum{namespace=\"test\"";
    assertTrue(metrics.contains("reply_" + wait + ",durability=\"pipeline\"} 30\n"), metrics);
    assertTrue(metrics.contains("queue_" + wait + "} 30\n"), metrics);
  }

  /** The type of a request is not known any more when it has waited in vain. */
  @Test
  void whatIsUndoneIsRefusedLater() {
    store.with("DURABILITY", "local").start();
    store.sql.setFailing(true);
    store.create("a", "1");
    store.time.advance(1_000);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    String metrics = store.get("metrics");
    assertTrue(metrics.contains("type=\"later\",code=\"UNAVAILABLE\"} 1\n"), metrics);
  }

  @Test
  void everyRequestIsCountedByItsType() {
    store.withArchive().start();
    for (RequestType type : RequestType.values()) {
      String more = type == RequestType.READ ? ",'$ids':['a']" : ",'operations':[]";
      store.send("{'type':'" + type.label() + "','id':1" + MEMBERS + more + "}");
    }
    String metrics = store.get("metrics");
    for (RequestType type : RequestType.values()) {
      // Those of the last three are no types of the protocol.
      int count = type == RequestType.MALFORMED ? 3 : 1;
      boolean none = type == RequestType.JUDGED || type == RequestType.LATER;
      String line = "requests_total{namespace=\"test\",type=\"" + type.label() + "\"} ";
      assertEquals(!none, metrics.contains(line + count + "\n"), line + count + metrics);
    }
  }

  /**
   * The table of the page is what a scrape says of itself; {@code make api} writes it.
   *
   * @see #metrics
   */
  @Test
  void thePageHasEveryMetric() throws IOException {
    StringBuilder table = new StringBuilder();
    metrics().forEach((name, kind) -> table.append("| `" + name + "` | " + kind + " |\n"));
    String page = Files.readString(PAGE);
    int from = page.indexOf(TABLE) + TABLE.length();
    String written =
        page.substring(0, from) + table + page.substring(page.indexOf("\n\n", from) + 1);
    if (Boolean.getBoolean("metrics.write")) {
      Files.writeString(PAGE, written);
    } else {
      assertEquals(written, page, "make api writes it anew");
    }
  }

  /** Kind and help of each, by name, in their order. */
  private Map<String, String> metrics() {
    TestStore some = new TestStore().start();
    try {
      some.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}}");
      some.store().onArchive(new ArchiveReport(0, 1, List.of()));
      Map<String, String> kinds = new LinkedHashMap<>();
      Matcher said = SAID.matcher(some.get("metrics"));
      while (said.find()) {
        kinds.put(said.group(1), said.group(3) + " | " + said.group(2));
      }
      return kinds;
    } finally {
      some.close();
    }
  }
}
