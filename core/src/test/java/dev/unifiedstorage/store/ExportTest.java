package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeHttp;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.state.Walk;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code GET export}: everything there is at one moment, whatever happens meanwhile. */
class ExportTest {
  private static final String LARGE = "x".repeat(20_000);

  private final TestStore store = new TestStore().with("DURABILITY", "local");

  @AfterEach
  void close() {
    store.close();
  }

  private FakeHttp export(String query) {
    return FakeHttp.send(store, "GET", "export" + query, null);
  }

  /** The texts of the things that an export shows, by id; it has to be complete. */
  private SortedMap<String, String> things(FakeHttp export) {
    assertEquals(200, export.status, export.text);
    assertNull(export.error);
    int last = export.lines().size() - 1;
    JsonObject header = store.json.parse(export.lines().get(0));
    assertEquals("unified-storage/1", header.string("format"));
    assertEquals("test", header.string("namespace"));
    SortedMap<String, String> things = new TreeMap<>();
    for (String line : export.lines().subList(1, last)) {
      assertNull(things.put(store.json.parse(line).string("$id"), line), line);
    }
    assertEquals(things.size(), header.number("things"));
    String end = "{\"end\":true,\"things\":" + things.size() + "}";
    assertEquals(end, export.lines().get(last));
    return things;
  }

  private void update(String id, String field) {
    store.update(id, "{'text':'" + field + "'}");
  }

  @Test
  void anEmptyStoreIsAHeaderAndAnEnd() {
    store.start();
    FakeHttp export = export("").readAll();
    assertEquals(
        List.of(
            "{\"format\":\"unified-storage/1\",\"namespace\":\"test\",\"at\":\"0-0\",\"things\":0}",
            "{\"end\":true,\"things\":0}"),
        export.lines());
    assertTrue(store.store().isIdle());
  }

  @Test
  void whatIsWrittenWhileItIsReadIsNotInIt() {
    store.start();
    for (int i = 0; i < 20; i++) {
      store.create("t" + i, LARGE);
    }
    store.checkpoint();
    FakeHttp export = export("").read();
    for (int i = 0; i < 20; i += 2) {
      update("t" + i, "new");
    }
    store.delete("t1");
    store.delete("t19");
    store.create("t19", "again");
    store.create("later", "x");
    store.time.advance(100);
    store.checkpoint();
    SortedMap<String, String> things = things(export.readAll());
    assertEquals(20, things.size());
    things.forEach((id, line) -> assertTrue(line.contains(LARGE), id));
    SortedMap<String, String> now = things(export("").readAll());
    assertEquals(20, now.size());
    assertTrue(now.get("t4").contains("\"new\""));
    assertFalse(now.containsKey("t1"));
  }

  @Test
  void whatIsNotDurableIsNotInIt() {
    store.start();
    store.createAcked("a");
    store.createAcked("b");
    store.createAcked("gone");
    // Neither of these is committed yet.
    update("a", "unsure");
    update("a", "unsure still");
    store.delete("b");
    store.create("c", "unsure");
    SortedMap<String, String> things = things(export("").readAll());
    assertEquals("[a, b, gone]", things.keySet().toString());
    assertTrue(things.get("a").contains("\"$version\":1"), things.get("a"));
    store.time.advance(100);
    assertEquals("[a, c, gone]", things(export("").readAll()).keySet().toString());
  }

  @Test
  void aTypeIsExportedAlone() {
    store.start();
    store.create("a", "T", 3);
    store.create("b", "U", 3);
    store.time.advance(100);
    assertEquals("[b]", things(export("?type=U").readAll()).keySet().toString());
    assertEquals("[]", things(export("?type=V").readAll()).keySet().toString());
    assertEquals(400, export("?type=").status);
    assertEquals(400, export("?at=yesterday").status);
    assertEquals(400, export("?at=").status);
  }

  @Test
  void whatHasExpiredIsNotInIt() {
    store.start();
    store.send("{'type':'put','id':1,'$type':'T','$id':'a','data':{},'expiresInMs':50000}");
    store.send("{'type':'put','id':2,'$type':'T','$id':'b','data':{},'expiresInMs':500000}");
    store.time.advance(100);
    assertEquals("[a, b]", things(export("").readAll()).keySet().toString());
    FakeHttp before = export("");
    store.time.advance(50_000);
    assertEquals("[b]", things(export("").readAll()).keySet().toString());
    // Of its moment, whatever the time is when it is read.
    assertEquals("[a, b]", things(before.readAll()).keySet().toString());
  }

  @Test
  void itBreaksOffWhenTooMuchWouldBeKept() {
    store.start();
    int chars = 500_000;
    int count = (int) (Walk.MOST_KEPT_CHARS / chars) + 2;
    for (int i = 0; i < count; i++) {
      store.create("t" + i, "T", chars);
      store.time.advance(100);
    }
    FakeHttp export = export("").read();
    for (int i = 0; i < count; i++) {
      update("t" + i, "small");
    }
    store.time.advance(100);
    export.readAll();
    assertTrue(export.error.contains("old versions"), export.error);
    assertFalse(export.text.contains("\"end\""));
    assertTrue(store.store().isIdle() || store.stats().number("dirty") > 0);
    assertTrue(store.log.toString().contains("an export broke off"), store.log.toString());
  }

  @Test
  void oneThatIsCancelledCostsNothingMore() {
    store.start();
    for (int i = 0; i < 9; i++) {
      store.create("t" + i, LARGE);
    }
    store.checkpoint();
    FakeHttp export = export("").read();
    assertFalse(store.store().isIdle());
    export.cancel();
    assertTrue(store.store().isIdle());
  }

  @Test
  void thereIsABoundForHowManyRunUnlessOneStandsStill() {
    store.start();
    for (int i = 0; i < Walk.MOST - 1; i++) {
      assertEquals(200, export("").status);
    }
    FakeHttp refused = export("");
    assertEquals(503, refused.status);
    assertTrue(refused.text.contains("OVERLOADED"), refused.text);
    store.time.advance(30_000);
    assertEquals(200, export("").status);
  }

  @Test
  void aRebuildBreaksItOff() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    FakeHttp export = export("");
    store.post("rebuild");
    store.time.advance(1_000);
    assertTrue(export.readAll().error.contains("anew"), export.error);
  }

  @Test
  void thePastIsExportedFromTheArchive() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.createAcked("b");
    String at = store.json.parse(export("").readAll().lines().get(0)).string("at");
    double ms = store.time.nowMs();
    store.time.advance(10);
    update("a", "new");
    store.delete("b");
    store.create("c", "U", 1);
    store.time.advance(100);
    for (String moment : new String[] {at, "%7B%22seq%22:2%7D", String.valueOf((long) ms)}) {
      FakeHttp export = export("?at=" + moment);
      store.time.advance(100);
      SortedMap<String, String> things = things(export.readAll());
      assertEquals("[a, b]", things.keySet().toString(), moment);
      assertFalse(things.get("a").contains("new"));
    }
    FakeHttp ofType = export("?type=U&at=" + at);
    store.time.advance(100);
    assertEquals("[]", things(ofType.readAll()).keySet().toString());
    assertEquals(400, export("?at=77-1").status);
    store.checkpoint();
    store.withoutArchive().restart();
    FakeHttp unanswerable = export("?at=" + at);
    assertEquals(503, unanswerable.status, unanswerable.text);
  }

  /** Evicted things, in an order of reads and writes that no one has thought of. */
  @Test
  void evictedThingsAreInItOnceWhateverMovesMeanwhile() {
    for (int seed = 1; seed <= 120; seed++) {
      try (TestStore evicting =
          new TestStore()
              .with("DURABILITY", "local")
              .with("MAX_ENTRIES", "12")
              .with("LARGE_COLLECTIONS", seed % 2 == 0 ? "normalized" : "packed")
              .with("COLUMNAR_THRESHOLD", "10")) {
        new Evicting(evicting, new Random(seed)).run(seed);
      }
    }
  }

  private final class Evicting {
    private final TestStore target;
    private final Random random;

    Evicting(TestStore target, Random random) {
      this.target = target;
      this.random = random;
    }

    void run(int seed) {
      target.start();
      for (int i = 0; i < 60; i++) {
        target.create(id(i), i % 3 == 0 ? "U" : "T", 9_000);
        target.time.advance(60);
      }
      target.checkpoint();
      assertTrue(target.stats().number("entries") == 60, "seed " + seed);
      SortedMap<String, String> before =
          things(FakeHttp.send(target, "GET", "export", null).readAll());
      assertEquals(60, before.size(), "seed " + seed);
      FakeHttp export = FakeHttp.send(target, "GET", "export", null);
      while (!export.ended && export.error == null) {
        for (int i = random.nextInt(12); i > 0; i--) {
          step();
        }
        export.read();
      }
      assertEquals(before, things(export), "seed " + seed);
    }

    /** SQLite orders these in another way than Java does. */
    private String id(int number) {
      return Character.toString(number % 2 == 0 ? 0xE000 + number : 0x1F600 + number);
    }

    private void step() {
      String id = id(random.nextInt(62));
      switch (random.nextInt(7)) {
        case 0 -> target.update(id, "{'text':'" + random.nextInt() + "'}");
        case 1 -> target.delete(id);
        case 2 -> target.create(id, "T", 50);
        case 3 -> target.time.advance(6_000);
        case 4 -> target.time.advance(51);
        default -> target.send("{'type':'read','id':'r','$ids':['" + id + "']}");
      }
    }
  }
}
