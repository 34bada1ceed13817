package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeHttp;
import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Route;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots in the log: when they are made, what is in them, and how a rebuild begins at one. */
final class SnapshotsTest {
  private static final String VERB = "store.snapshot";
  private static final double DAY_MS = 86_400_000;

  private final TestStore store = new TestStore();

  @BeforeEach
  void begin() {
    store.withArchive().with("DURABILITY", "pipeline").start();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private FakeHttp ask() {
    FakeHttp reply = new FakeHttp();
    store.store().onRequest(Route.parse("POST", "/stores/test/snapshot", false), reply);
    return reply;
  }

  /** Makes a snapshot, which has to succeed. */
  private void snapshot() {
    FakeHttp reply = ask();
    store.time.advance(100);
    assertEquals(200, reply.status, reply.text);
  }

  private List<ArchivedEvent> rows() {
    store.archive.catchUp();
    return store.archive.rows();
  }

  private List<ArchivedEvent> snapshotRows() {
    return rows().stream().filter(row -> VERB.equals(row.verb())).toList();
  }

  private void erase(Predicate<ArchivedEvent> which) {
    rows().removeIf(which);
  }

  private void eraseUpTo(double seq) {
    erase(row -> !VERB.equals(row.verb()) && row.seq() <= seq);
  }

  private double lastSeq() {
    return store.stats().number("durableSeq");
  }

  /** Starts again with nothing but the archive. */
  private void loseSqlite() {
    for (String table : List.of("segments", "collections", "things")) {
      store.sql.exec("DROP TABLE IF EXISTS " + table);
    }
    store.restart();
    store.time.advance(1_000);
  }

  private void fill(int things) {
    for (int i = 0; i < things; i++) {
      store.createAcked("t" + i);
    }
  }

  @Test
  void rebuildBeginsAtASnapshotAndNeedsNothingBeforeIt() {
    fill(20);
    store.update("t3", "{'n':7}");
    store.delete("t4");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'e'},'expiresIn':50000}");
    JsonObject updated = store.read("t3");
    JsonObject expiring = store.read("e");
    snapshot();
    eraseUpTo(lastSeq());
    store.update("t5", "{'n':8}");
    store.createAcked("late");
    loseSqlite();
    assertNull(store.startError());
    assertEquals(2, store.stats().object("recovery").number("eventsReplayed"));
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    assertEquals(store.print(updated), store.print(store.read("t3")));
    assertEquals(store.print(expiring), store.print(store.read("e")));
    assertNull(store.read("t4"));
    assertEquals(8, store.read("t5").number("n"));
    assertNotNull(store.read("late"));
    assertEquals(21, store.stats().number("entries"));
  }

  @Test
  void snapshotKeepsWhatSubscribersAndSessionsAreTold() {
    fill(3);
    FakeSocket socket = store.socket();
    socket.ask("{'type':'hello','id':1,'session':'s','next':1}");
    socket.ask("{'type':'create','id':2,'n':1,'$type':'T','data':{'$id':'numbered'}}");
    String at = store.ask("{'type':'query','id':3,'$type':'T'}").string("at");
    store.delete("t1");
    snapshot();
    eraseUpTo(lastSeq());
    loseSqlite();
    FakeSocket other = store.socket();
    other.ask("{'type':'hello','id':4,'session':'s','next':1}");
    JsonObject again =
        other.ask("{'type':'create','id':5,'n':1,'$type':'T','data':{'$id':'numbered'}}");
    assertEquals("ack", again.string("status"), store.print(again));
    JsonObject subscribed =
        other.ask("{'type':'subscribe','id':6,'sub':'x','$type':'T','since':'" + at + "'}");
    assertEquals("changes", subscribed.string("mode"), store.print(subscribed));
    store.time.advance(100);
    JsonObject told = other.last("x").object("things");
    assertEquals(List.of("t1"), List.copyOf(told.keys()), "the deletion alone");
  }

  @Test
  void damagedOrIncompleteSnapshotsArePassedOver() {
    fill(5);
    snapshot();
    store.update("t0", "{'n':1}");
    snapshot();
    store.update("t0", "{'n':2}");
    snapshot();
    List<ArchivedEvent> all = rows();
    List<ArchivedEvent> parts =
        snapshotRows().stream().filter(row -> "part".equals(row.entityType())).toList();
    assertEquals(3, parts.size());
    all.remove(parts.get(2));
    ArchivedEvent second = parts.get(1);
    store.archive.replace(
        second,
        new ArchivedEvent(
            second.epoch(),
            second.life(),
            second.seq(),
            second.verb(),
            second.entityId(),
            second.entityType(),
            second.version(),
            second.tsMs(),
            "{\"things\":[[1]]}"));
    eraseUpTo(parts.get(0).seq());
    loseSqlite();
    assertNull(store.startError());
    assertEquals(2, store.stats().object("recovery").number("eventsReplayed"));
    assertEquals(2, store.read("t0").number("n"));
    assertEquals(5, store.stats().number("entries"));
  }

  @Test
  void snapshotOffThePathIsPassedOver() {
    fill(3);
    store.checkpoint();
    byte[] before = store.sql.image();
    store.createAcked("lost");
    store.createAcked("lost2");
    snapshot();
    store.sql.setImage(before);
    // The life ended cleanly in that file: what came behind is a branch.
    store.restart();
    store.time.advance(1_000);
    double seq = lastSeq();
    store.createAcked("after");
    store.checkpoint();
    loseSqlite();
    assertNotNull(store.read("after"));
    assertEquals(seq + 1, lastSeq());
  }

  @Test
  void rebuildOfARunningStoreBeginsAtASnapshotToo() {
    fill(10);
    snapshot();
    eraseUpTo(lastSeq());
    store.update("t0", "{'n':5}");
    String answer = store.post("rebuild");
    store.time.advance(1_000);
    assertTrue(answer == null || answer.startsWith("200"), answer);
    assertEquals(1, store.stats().object("recovery").number("eventsReplayed"));
    assertEquals(5, store.read("t0").number("n"));
    assertEquals(10, store.stats().number("entries"));
  }

  @Test
  void nothingOfBeforeADeletionComesBackFromASnapshot() {
    fill(4);
    snapshot();
    assertTrue(store.deleteStore().startsWith("200"));
    store.createAcked("new");
    loseSqlite();
    assertEquals(1, store.stats().number("entries"));
    assertNotNull(store.read("new"));
  }

  @Test
  void snapshotIsOfOneMomentWhileWritesGoOn() {
    for (int i = 0; i < 30; i++) {
      store.create("t" + i, "T", 40_000);
    }
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    FakeHttp reply = ask();
    for (int i = 0; i < 30; i++) {
      store.update("t" + i, "{'text':'new'}");
    }
    store.delete("t7");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    store.time.advance(1_000);
    assertEquals(200, reply.status, reply.text);
    assertTrue(snapshotRows().size() > 3, "several parts and a head");
    eraseUpTo(30);
    loseSqlite();
    assertEquals(31, store.stats().object("recovery").number("eventsReplayed"));
    assertEquals(29, store.stats().number("entries"));
    assertEquals("new", store.read("t29").string("text"));
  }

  @Test
  void pipelineThatRefusesBreaksItOffAndTheNextOneBeginsAnew() {
    fill(3);
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    FakeHttp reply = ask();
    store.time.advance(120_000);
    assertEquals(503, reply.status);
    assertTrue(reply.text.contains("no snapshot was made"), reply.text);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(60_000);
    snapshot();
    assertFalse(store.stats().object("snapshot").bool("running"));
  }

  @Test
  void partThatIsNotAnsweredIsSentAgainAndCountsOnce() {
    fill(3);
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    FakeHttp reply = ask();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(10_000);
    assertEquals(200, reply.status, reply.text);
    eraseUpTo(lastSeq());
    loseSqlite();
    assertEquals(3, store.stats().number("entries"));
  }

  @Test
  void oneIsMadeADayOnceARebuildWouldReadMoreThanTwiceTheStore() {
    store.createAcked("a");
    for (int i = 0; i < 999; i++) {
      store.update("a", "{'n':" + i + "}");
    }
    store.time.advance(DAY_MS - 10_000);
    assertEquals(0, snapshotRows().size());
    store.time.advance(10_000);
    store.update("a", "{'n':0}");
    store.time.advance(10_000);
    assertEquals(2, snapshotRows().size());
    for (int i = 0; i < 2_000; i++) {
      store.update("a", "{'n':" + i + "}");
    }
    store.time.advance(10_000);
    assertEquals(2, snapshotRows().size(), "not two a day");
    assertTrue(store.stats().object("snapshot").string("at").length() > 2);
  }

  @Test
  void settingSaysAfterHowManyEvents() {
    store.with("SNAPSHOT_EVERY", "5").restart();
    store.time.advance(1_000);
    fill(4);
    store.time.advance(10_000);
    assertEquals(0, snapshotRows().size());
    store.createAcked("one more");
    store.time.advance(10_000);
    assertEquals(2, snapshotRows().size());
    store.with("SNAPSHOT_EVERY", "0").restart();
    store.time.advance(1_000);
    for (int i = 0; i < 20; i++) {
      store.createAcked("more" + i);
    }
    store.time.advance(2 * DAY_MS);
    assertEquals(2, snapshotRows().size());
  }

  @Test
  void storeWithoutEventsOrArchiveSaysSo() {
    FakeHttp none = ask();
    assertEquals(503, none.status);
    assertTrue(none.text.contains("nothing was ever written"), none.text);
    store.withoutArchive().restart();
    store.createAcked("a");
    FakeHttp reply = ask();
    assertEquals(503, reply.status);
    assertTrue(reply.text.contains("no archive reader"), reply.text);
  }

  @Test
  void snapshotAskedForInAStoreThatEvictsHasAllOfIt() {
    store.with("MAX_ENTRIES", "5").with("COLUMNAR_THRESHOLD", "3").restart();
    store.time.advance(1_000);
    fill(40);
    store.checkpoint();
    store.createAcked("fresh");
    snapshot();
    eraseUpTo(lastSeq());
    loseSqlite();
    assertEquals(41, store.stats().number("entries"));
    assertNotNull(store.read("t0"));
    assertNotNull(store.read("fresh"));
  }

  @Test
  void momentBehindASnapshotIsReadFromThereWhereOlderRowsAreErased() {
    fill(6);
    store.delete("t5");
    store.update("t0", "{'n':1}");
    snapshot();
    double seq = lastSeq();
    eraseUpTo(seq);
    store.update("t0", "{'n':2}");
    store.delete("t1");
    store.createAcked("new");
    assertEquals(1, thingThen("t0", seq).number("n"));
    assertEquals(0, thingThen("t1", seq).number("n"));
    assertEquals(2, thingThen("t0", seq + 1).number("n"));
    assertNull(thingThen("t1", seq + 2));
    assertNull(thingThen("new", seq));
    JsonObject all =
        askLater("{'type':'query','id':9,'$type':'T','at':{'seq':" + (long) seq + "}}");
    assertEquals(5, all.array("things").size());
    assertTrue(all.string("at").endsWith("-" + (long) seq), store.print(all));
    JsonObject before = askLater("{'type':'read','id':9,'$ids':['t0'],'at':{'seq':3}}");
    assertEquals("UNAVAILABLE", before.string("code"), store.print(before));
  }

  private JsonObject thingThen(String id, double seq) {
    JsonObject reply =
        askLater("{'type':'read','id':9,'$ids':['" + id + "'],'at':{'seq':" + (long) seq + "}}");
    assertEquals("ok", reply.string("status"), store.print(reply));
    JsonObject things = reply.object("things");
    return things.keys().contains(id) ? things.object(id) : null;
  }

  private JsonObject askLater(String text) {
    int before = store.replies.size();
    store.send(text);
    store.time.advance(1_000);
    assertEquals(before + 1, store.replies.size());
    return store.lastReply();
  }

  @Test
  void historyBeginsWithWhatTheOldestSnapshotHas() {
    fill(2);
    store.update("t0", "{'n':1}");
    snapshot();
    eraseUpTo(lastSeq());
    store.update("t0", "{'n':2}");
    snapshot();
    store.update("t0", "{'n':3}");
    JsonObject history = store.json.parse(store.history("t0"));
    assertEquals(3, history.array("history").size());
    assertEquals("store.snapshot", history.array("history").object(0).string("verb"));
    assertEquals(2, history.array("history").object(0).number("$version"));
    assertEquals("thing.updated", history.array("history").object(1).string("verb"));
    assertEquals(4, history.array("history").object(2).number("$version"));
  }

  @Test
  void rowsBeforeASnapshotThatMayOnlyBeLateAreNotTakenForErased() {
    store.with("ARCHIVE_SETTLE_MS", "60000").restart();
    store.time.advance(120_000);
    fill(2);
    store.delete("t1");
    snapshot();
    List<ArchivedEvent> all = List.copyOf(rows());
    eraseUpTo(lastSeq());
    store.createAcked("later");
    for (String id : List.of("t0", "t1")) {
      String late = store.get("history/" + id);
      assertTrue(late.startsWith("503 ") && late.contains("reaches seq 0"), late);
    }
    store.time.advance(2 * 3_600_000);
    assertTrue(store.get("history/t0").contains("store.snapshot"), store.get("history/t0"));
    assertTrue(store.get("history/t1").startsWith("404 "), store.get("history/t1"));
    store.archive.rows().addAll(0, all.stream().filter(row -> !rows().contains(row)).toList());
    String history = store.get("history/t1");
    assertTrue(history.contains("thing.created") && history.contains("thing.deleted"), history);
  }

  @Test
  void restoreToBehindASnapshotNeedsNothingBeforeIt() {
    fill(3);
    snapshot();
    double seq = lastSeq();
    eraseUpTo(seq);
    store.update("t0", "{'n':9}");
    store.delete("t1");
    store.createAcked("new");
    String restored = store.restoreTo("{'seq':" + (long) seq + "}");
    store.time.advance(1_000);
    assertTrue(restored == null || restored.startsWith("200"), restored);
    assertEquals(0, store.read("t0").number("n"));
    assertNotNull(store.read("t1"));
    assertNull(store.read("new"));
  }

  @Test
  void noneBeginsWhileACrashWouldNeedTheRowsBeforeIt() {
    store.with("SNAPSHOT_EVERY", "5").restart();
    store.time.advance(1_000);
    fill(5);
    store.time.advance(200);
    assertEquals(0, store.stats().number("checkpointSeq"));
    // A moment before a snapshot was begun is one from which on rows may be erased.
    if (!snapshotRows().isEmpty()) {
      eraseUpTo(lastSeq());
    }
    store.restart();
    store.time.advance(1_000);
    assertNull(store.startError());
    assertEquals(5, store.stats().number("entries"));
  }

  @Test
  void snapshotIsFoundBehindAnyNumberOfOthersThatAreOffThePath() {
    fill(3);
    snapshot();
    eraseUpTo(lastSeq());
    store.createAcked("kept");
    store.checkpoint();
    byte[] before = store.sql.image();
    for (int i = 0; i < 40; i++) {
      store.createAcked("lost" + i);
      snapshot();
    }
    store.sql.setImage(before);
    store.restart();
    store.time.advance(1_000);
    store.createAcked("after");
    store.checkpoint();
    loseSqlite();
    assertNull(store.startError());
    assertEquals(5, store.stats().number("entries"));
  }

  @Test
  void fileThatIsPutBackToBeforeTheNewestSnapshotGoesOnFromAnOlderOne() {
    putBackBehindTheOlderOfTwoSnapshots(0);
  }

  @Test
  void olderOneIsFoundHoweverOldItIs() {
    putBackBehindTheOlderOfTwoSnapshots(5 * DAY_MS);
  }

  private void putBackBehindTheOlderOfTwoSnapshots(double apartMs) {
    fill(2);
    store.checkpoint();
    store.restart();
    store.time.advance(1_000);
    store.createAcked("a");
    store.checkpoint();
    byte[] before = store.sql.image();
    snapshot();
    // The fences of both lives go too.
    eraseUpTo(lastSeq());
    store.createAcked("lost");
    store.checkpoint();
    store.restart();
    store.time.advance(1_000 + apartMs);
    store.createAcked("lost too");
    snapshot();
    store.sql.setImage(before);
    store.restart();
    store.time.advance(1_000);
    store.createAcked("b");
    store.checkpoint();
    loseSqlite();
    assertNull(store.startError());
    assertEquals(4, store.stats().number("entries"));
    assertNotNull(store.read("b"));
  }

  @Test
  void whoAsksWhileOneIsUnderWayGetsWhatIsAppliedByThen() {
    fill(3);
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    FakeHttp first = ask();
    store.send("{'type':'create','id':1,'$type':'T','data':{'$id':'n'}}");
    FakeHttp second = ask();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    store.time.advance(2_000);
    assertEquals(3, store.json.parse(first.text).number("things"), first.text);
    assertEquals(4, store.json.parse(second.text).number("things"), second.text);
  }

  @Test
  void soManyMayWaitAndNoMore() {
    fill(3);
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    ask();
    List<FakeHttp> waiting = Stream.generate(this::ask).limit(17).toList();
    assertEquals(503, waiting.get(16).status, waiting.get(16).text);
    assertEquals(0, waiting.get(15).status);
    store.time.advance(1_200_000);
    assertEquals(503, waiting.get(15).status, waiting.get(15).text);
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
  }

  @Test
  void pastBehindASnapshotIsToldAlsoOfAStoreThatWasDeletedBefore() {
    fill(2);
    assertTrue(store.deleteStore().startsWith("200"));
    store.time.advance(1_000);
    fill(2);
    snapshot();
    double seq = lastSeq();
    eraseUpTo(seq);
    store.update("t0", "{'n':1}");
    store.update("t0", "{'n':2}");
    assertEquals(1, thingThen("t0", seq + 1).number("n"));
    // An erased fence cannot be told from a late one, behind which more may come.
    String history = store.history("t0");
    assertTrue(history.contains("lacks the fence"), history);
  }

  @Test
  void storeThatIsOnlyReadSendsItselfOnce() {
    store.with("SNAPSHOT_EVERY", "5").restart();
    store.time.advance(1_000);
    fill(5);
    store.time.advance(60_000);
    assertEquals(2, snapshotRows().size());
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
    store.restart();
    store.time.advance(60_000);
    assertNotNull(store.read("t0"));
    assertEquals(2, snapshotRows().size());
  }

  @Test
  void clockThatWentBackHidesNothingThatASnapshotHas() {
    double hourMs = 3_600_000;
    store.time.jump(hourMs);
    fill(3);
    store.checkpoint();
    store.time.jump(-hourMs);
    snapshot();
    double momentMs = store.time.nowMs();
    eraseUpTo(lastSeq());
    store.time.advance(1_000);
    store.delete("t1");
    store.time.advance(100);
    String restored = store.restoreTo(String.valueOf((long) momentMs));
    store.time.advance(1_000);
    assertTrue(restored == null || restored.startsWith("200"), restored);
    assertNotNull(store.read("t0"));
    assertNotNull(store.read("t1"));
    assertNotNull(store.read("t2"));
  }

  @Test
  void partsThatAreErasedWhileThePastIsReadAreNotTakenForNothing() {
    fill(3);
    snapshot();
    eraseUpTo(lastSeq());
    store.update("t0", "{'n':1}");
    AtomicInteger reads = new AtomicInteger();
    store.archive.beforeEachRead(
        query -> {
          // Their positions are asked for first.
          boolean parts = query.entityIds() != null && !query.entityIds().contains("snapshot");
          if (parts && query.namespace().endsWith("/snapshots") && reads.incrementAndGet() == 2) {
            store.archive.rows().removeIf(row -> "part".equals(row.entityType()));
          }
        });
    JsonObject reply = askLater("{'type':'read','id':9,'$ids':['t0'],'at':{'seq':3}}");
    assertEquals("UNAVAILABLE", reply.string("code"), store.print(reply));
  }

  @Test
  void noStoreHasTheNameOfTheRowsOfAnother() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> UnifiedStoreConfig.of("a/snapshots"));
    assertTrue(String.valueOf(error.getMessage()).contains("got a/snapshots"));
  }

  @Test
  void nothingOfADamagedSnapshotIsKept() {
    fill(1);
    FakeSocket socket = store.socket();
    socket.ask("{'type':'hello','id':1,'session':'s','next':1}");
    socket.ask("{'type':'create','id':2,'n':1,'$type':'T','data':{'$id':'numbered'}}");
    snapshot();
    eraseUpTo(lastSeq());
    store.createAcked("later");
    snapshot();
    ArchivedEvent part =
        snapshotRows().stream()
            .filter(row -> "part".equals(row.entityType()) && row.seq() == 3)
            .findFirst()
            .orElseThrow();
    store.archive.replace(
        part,
        new ArchivedEvent(
            part.epoch(),
            part.life(),
            part.seq(),
            part.verb(),
            part.entityId(),
            part.entityType(),
            part.version(),
            part.tsMs(),
            "{\"v\":1,\"sessions\":[[\"x\",1,0,1,0]],\"things\":[[1]]}"));
    loseSqlite();
    assertNull(store.startError());
    FakeSocket other = store.socket();
    other.ask("{'type':'hello','id':4,'session':'s','next':1}");
    JsonObject again =
        other.ask("{'type':'create','id':5,'n':1,'$type':'T','data':{'$id':'numbered'}}");
    assertTrue(again.bool("replayed"), store.print(again));
  }

  @Test
  void storeOfWhichOnlyAnOldSnapshotIsLeftIsNoNewOne() {
    fill(3);
    snapshot();
    store.time.advance(30 * DAY_MS);
    erase(row -> !VERB.equals(row.verb()));
    loseSqlite();
    assertEquals(3, store.stats().number("entries"));
    assertEquals(3, lastSeq());
  }

  @Test
  void headWaitsForTheEventsBeforeIt() {
    fill(2);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("held", "1");
    store.checkpoint();
    FakeHttp reply = ask();
    assertEquals(2, store.pipeline.held(), "the event, and the part");
    store.pipeline.releaseHeld(1);
    store.time.advance(10);
    assertEquals(1, store.pipeline.held(), "no head before the event");
    store.pipeline.releaseHeld(0);
    store.time.advance(10);
    assertEquals(1, store.pipeline.held(), "the head");
    store.pipeline.releaseHeld(0);
    assertEquals(200, reply.status, reply.text);
  }

  @Test
  void oneThatIsAskedForDuringAnotherHasWhatWasWrittenMeanwhile() {
    fill(2);
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    FakeHttp first = ask();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.createAcked("later");
    FakeHttp second = ask();
    store.pipeline.releaseHeld();
    store.time.advance(1_000);
    assertEquals(2, store.json.parse(first.text).number("things"), first.text);
    assertEquals(3, store.json.parse(second.text).number("things"), second.text);
  }

  @Test
  void momentBeforeADeletionIsNotThePresentBehindARebuild() {
    fill(2);
    store.delete("t1");
    snapshot();
    loseSqlite();
    JsonObject then = askLater("{'type':'query','id':9,'$type':'T','at':{'seq':2}}");
    assertEquals(2, then.array("things").size(), store.print(then));
  }

  @Test
  void storeIsNoNewOneBecauseTheSinkCaughtUpInTheMiddleOfALook() {
    store.archive.setStalled(true);
    fill(3);
    store.archive.setLagging(true);
    int before = store.archive.reads();
    store.archive.beforeRead(
        () -> {
          // Snapshots, events, and snapshots of any age: the sink brings all before the last.
          if (store.archive.reads() == before + 3) {
            store.archive.setStalled(false);
            store.archive.setLagging(false);
          }
        });
    loseSqlite();
    assertEquals(3, store.stats().number("entries"));
  }

  @Test
  void fenceThatIsLateIsNotTakenForAnErasedOne() {
    store.createAcked("t0");
    store.update("t0", "{'n':1}");
    snapshot();
    store.update("t0", "{'n':2}");
    store.archive.catchUp();
    store.archive.setStalled(true);
    assertTrue(store.deleteStore().startsWith("200"));
    store.createAcked("new");
    String history = store.history("t0");
    assertTrue(history.contains("lacks the fence"), history);
  }
}
