package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.protocol.Route;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a store that was deleted, and how it goes on. */
final class StoreDeletionTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void start(String durability) {
    store.withArchive().with("DURABILITY", durability).start();
  }

  private double rows() {
    double rows = 0;
    for (String table : List.of("segments", "collections", "things")) {
      SqlCursor exists =
          store.sql.exec("SELECT name FROM sqlite_master WHERE name = '" + table + "'");
      if (exists.next()) {
        SqlCursor count = store.sql.exec("SELECT count(*) FROM " + table);
        count.next();
        rows += count.number(0);
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline", "local"})
  void oneRowIsLeftAndNoAlarm(String durability) {
    start(durability);
    for (int i = 0; i < 30; i++) {
      store.createAcked("t" + i);
    }
    store.checkpoint();
    store.delete("t7");
    store.createAcked("late");
    String answer = store.deleteStore();
    store.time.advance(1_000);
    assertEquals("200 {\"deleted\":30}", answer == null ? store.deleteStore() : answer);
    assertEquals(1, rows());
    assertEquals(0, store.time.alarmMs());
    assertEquals(0, store.stats().number("entries"));
    assertNull(store.read("t3"));
    assertEquals(0, store.time.armed());
    store.restart();
    assertNull(store.startError());
    assertNull(store.read("t3"));
    assertEquals(1, rows());
  }

  @Test
  void logGoesOnBehindTheDeletionAndARebuildBringsNothingBack() {
    start("pipeline");
    store.createAcked("a");
    store.createAcked("b");
    assertEquals("200 {\"deleted\":2}", store.deleteStore());
    store.createAcked("a");
    assertEquals(List.of(1.0, 2.0, 3.0), store.sent());
    assertEquals(1, store.read("a").number("$version"));
    assertTrue(store.post("rebuild").startsWith("200"), "nothing of before comes back");
    assertNotNull(store.read("a"));
    assertNull(store.read("b"));
    store.sql.exec("DELETE FROM segments");
    store.sql.exec("DELETE FROM collections");
    store.restart();
    store.time.advance(60_000);
    assertNull(store.startError());
    assertNotNull(store.read("a"));
    assertNull(store.read("b"));
  }

  @Test
  void crashBehindTheDeletionLeavesItDeleted() {
    start("pipeline");
    store.createAcked("a");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    assertNull(store.deleteStore(), "its record has not been accepted");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(5_000);
    assertNull(store.read("a"));
    assertTrue(
        store.pipeline.stored().stream()
            .anyMatch(record -> record.string("verb").equals("store.deleted")));
    store.createAcked("b");
    store.restart();
    store.time.advance(60_000);
    assertNull(store.read("a"));
    assertNotNull(store.read("b"));
  }

  @Test
  void deletionThatSqliteRefusesChangesNothing() {
    start("pipeline");
    store.createAcked("a");
    store.checkpoint();
    store.sql.setFailing(true);
    assertTrue(store.deleteStore().startsWith("503"));
    store.sql.setFailing(false);
    assertNotNull(store.read("a"));
    store.time.advance(60_000);
    store.createAcked("b");
    store.restart();
    store.time.advance(60_000);
    assertNotNull(store.read("a"));
    assertNotNull(store.read("b"));
  }

  @Test
  void answerDoesNotWaitForAPipelineForEver() {
    start("pipeline");
    store.createAcked("a");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    String[] answer = new String[1];
    store
        .store()
        .onRequest(
            Route.parse("DELETE", "/stores/test", false),
            (status, type, text) -> answer[0] = status + " " + text);
    store.time.advance(StoreDeletion.ANSWER_MS + 1);
    assertTrue(answer[0].startsWith("503"), answer[0]);
    assertNull(store.read("a"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(600_000);
    assertEquals("200 {\"deleted\":0}", store.deleteStore());
    assertEquals(1, rows());
  }

  @Test
  void deletionBehindWhichAWriteWasUndoneIsSweptAllTheSame() {
    store.with("DURABILITY", "memory").start();
    store.createAcked("a");
    store.time.advance(20_000);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.deleteStore();
    store.sql.setFailing(true);
    store.create("b", "T", 1);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    store.sql.setFailing(false);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    assertTrue(store.store().isIdle() || store.time.armed() > 0, "nothing would go on with it");
    store.time.advance(120_000);
    assertTrue(store.store().isIdle());
    assertEquals(0, store.stats().number("entries"));
    store.restart();
    assertNull(store.read("a"));
    assertNull(store.read("b"));
  }

  @Test
  void sweptRecordNamesNoLifeWhoseFenceHasNotLeft() {
    store.with("DURABILITY", "local").start();
    store.createAcked("a");
    store.time.advance(20_000);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.deleteStore();
    store.restart();
    store.sql.setFailing(true);
    store.create("b", "T", 1);
    store.time.advance(100);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    store.sql.setFailing(false);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    store.time.advance(600_000);
    assertTrue(store.store().isIdle());
    assertEquals(1, rows());
    store.restart();
    store.createAcked("c");
    store.time.advance(20_000);
    List<JsonObject> sent = store.pipeline.stored();
    JsonObject fence = sent.get(sent.size() - 2);
    assertEquals("store.fence", fence.string("verb"));
    JsonObject deleted = sent.get(sent.size() - 3);
    assertEquals("store.deleted", deleted.string("verb"));
    assertEquals(deleted.number("life"), fence.object("payload").number("parent"));
  }

  @Test
  void storeThatNeverWasIsDeletedWithoutARow() {
    start("pipeline");
    assertEquals("200 {\"deleted\":0}", store.deleteStore());
    assertEquals(0, rows());
    store.createAcked("a");
    store.deleteStore();
    double rows = store.stats().number("rowsWritten");
    assertEquals("200 {\"deleted\":0}", store.deleteStore());
    assertEquals(rows, store.stats().number("rowsWritten"));
  }

  @Test
  void subscribersGetNullsAndWhatIsOfBeforeIsASnapshot() {
    start("pipeline");
    store.createAcked("a");
    FakeSocket socket = store.socket();
    socket.ask("{'type':'subscribe','id':9,'sub':'s','$type':'T'}");
    store.time.advance(60);
    String since = socket.last("s").string("at");
    store.deleteStore();
    store.time.advance(60);
    JsonObject last = socket.last("s");
    assertEquals(JsonKind.NULL, last.object("things").kind("a"));
    String follow = "{'type':'subscribe','id':9,'sub':'t','$type':'T','since':'%s'}";
    assertEquals("snapshot", socket.ask(String.format(follow, since)).string("mode"));
    assertEquals("changes", socket.ask(String.format(follow, last.string("at"))).string("mode"));
  }

  @Test
  void deletionWhoseCheckpointEvictsIsFollowedByOthers() {
    store.with("MAX_ENTRIES", "1").with("COLUMNAR_THRESHOLD", "0");
    store.with("LARGE_COLLECTIONS", "normalized").with("CHECKPOINT_INTERVAL", "60000");
    start("pipeline");
    store.createAcked("a");
    store.createAcked("b");
    String follow = "{'type':'subscribe','id':9,'sub':'s','$type':'T'}";
    store.socket().ask(follow);
    store.time.advance(60);
    store.deleteStore();
    FakeSocket socket = store.socket();
    assertEquals("snapshot", socket.ask(follow).string("mode"));
    store.createAcked("c");
    store.time.advance(60);
    assertEquals(List.of("c"), List.copyOf(socket.last("s").object("things").keys()));
    store.time.advance(120_000);
    assertTrue(store.store().isIdle());
  }

  @Test
  void sessionsAreForgotten() {
    start("pipeline");
    FakeSocket socket = store.socket();
    socket.ask("{'type':'hello','id':1,'session':'s','next':1}");
    socket.ask("{'type':'create','id':2,'n':1,'$type':'T','data':{'$id':'a'}}");
    store.deleteStore();
    assertEquals(0, store.stats().number("sessions"));
  }

  @Test
  void deletionStaysAMomentWhenLivesThatWriteNothingComeBehindIt() {
    start("pipeline");
    store.createAcked("a");
    store.createAcked("b");
    store.deleteStore();
    String count = "{'type':'count','id':1,'$type':'T'}";
    String at = store.ask(count).string("at");
    for (String id : List.of("a", "c")) {
      // Of the life that began with the deletion nothing counts.
      store.restart();
      store.createAcked(id);
    }
    JsonObject then = store.ask("{'type':'read','id':1,'$ids':['a','b'],'at':'" + at + "'}");
    assertEquals(List.of(), then.object("things").keys());
    assertEquals(List.of(), store.readAt("b", 4).object("things").keys());
    assertEquals(List.of("b"), store.readAt("b", 2).object("things").keys());
    assertTrue(store.history("a").contains("\"seq\":3"), store.history("a"));
  }

  @Test
  void eachOfTwoDeletionsStaysAMoment() {
    start("pipeline");
    for (String id : List.of("a", "b", "c")) {
      store.restart();
      store.createAcked("a");
      store.restart();
      store.createAcked(id + id);
      store.deleteStore();
    }
    assertTrue(store.history("a").contains("\"seq\":5"), store.history("a"));
    assertEquals(List.of("bb"), store.readAt("bb", 4).object("things").keys());
    assertEquals(List.of(), store.readAt("aa", 4).object("things").keys());
  }

  @Test
  void pastOfBeforeCanStillBeRead() {
    start("pipeline");
    store.createAcked("a");
    double beforeMs = store.time.nowMs();
    store.time.advance(1000);
    store.deleteStore();
    store.time.advance(1000);
    store.createAcked("a");
    store.time.advance(1000);
    assertEquals(List.of("a"), store.readAt("a", 1).object("things").keys());
    JsonObject then = store.ask("{'type':'read','id':1,'$ids':['a'],'at':" + (long) beforeMs + "}");
    assertEquals(List.of("a"), then.object("things").keys());
    JsonObject between =
        store.ask("{'type':'read','id':1,'$ids':['a'],'at':" + (long) (beforeMs + 1500) + "}");
    assertEquals(List.of(), between.object("things").keys());
    assertTrue(store.history("a").contains("\"seq\":2"), store.history("a"));
  }

  @Test
  void rowsOfBeforeThatMayOnlyBeLateAreNotTakenForErased() {
    store.withArchive().with("DURABILITY", "pipeline").with("ARCHIVE_SETTLE_MS", "60000").start();
    store.time.advance(120_000);
    store.createAcked("a");
    store.deleteStore();
    store.time.advance(1000);
    store.createAcked("b");
    store.archive.catchUp();
    ArchivedEvent first =
        store.archive.rows().stream().filter(row -> row.seq() == 1).findAny().get();
    store.archive.rows().remove(first);
    String late = store.get("history/a");
    assertTrue(late.startsWith("503 ") && late.contains("reaches seq 0"), late);
    store.time.advance(2 * 3_600_000);
    assertTrue(store.get("history/a").startsWith("404 "), store.get("history/a"));
    store.archive.rows().add(0, first);
    assertTrue(store.history("a").contains("thing.created"), store.history("a"));
  }
}
