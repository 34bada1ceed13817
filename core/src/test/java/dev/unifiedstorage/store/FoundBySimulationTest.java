package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Faults that random worlds met before a user did, each as small as it can be told. */
final class FoundBySimulationTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id, String type, int chars) {
    store.send(
        "{'type':'create','id':'c','$type':'"
            + type
            + "','data':{'$id':'"
            + id
            + "','text':'"
            + "x".repeat(chars)
            + "'}}");
  }

  private void delete(String id) {
    store.send("{'type':'delete','id':'d','$id':'" + id + "'}");
  }

  @Test
  void recoveryWhoseFenceIsRefusedDoesNotSayThatTheLastLifeHasClosed() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.restart();
    store.time.advance(20_000);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.archive.setStalled(false);
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.read("b"));
  }

  @Test
  void eventsThatACheckpointOvertookHaveAnAlarm() {
    store.with("DIRTY_COUNT_THRESHOLD", "1").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("a", "T", 1);
    assertEquals(0, store.stats().number("dirty"));
    assertEquals(1, store.time.alarmsSet());
  }

  @Test
  void writesThatWereUndoneLeaveNoTimer() {
    store.with("GROUP_COMMIT_MS", "1000").start();
    create("a", "T", 1);
    store.post("checkpoint");
    create("b", "T", 1);
    store.sql.setFailing(true);
    store.time.advance(1000);
    assertEquals("UNAVAILABLE", store.replies.get(1).string("code"));
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
  }

  @Test
  void writesThatNobodyTakesLeaveNoTimer() {
    store.with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("a", "T", 1);
    store.sql.setFailing(true);
    store.time.advance(20_000);
    assertEquals("UNAVAILABLE", store.replies.get(0).string("code"));
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
  }

  @Test
  void noCheckpointIsTakenInTheMiddleOfARebuild() {
    store.withArchive().with("DURABILITY", "local").start();
    create("a", "T", 1);
    store.archive.setSilent(true);
    String running = store.stats().string("phase");
    store.post("rebuild");
    double rows = store.stats().number("rowsWritten");
    store.time.advance(20_000);
    assertEquals(rows, store.stats().number("rowsWritten"), "half a state may be in memory");
    store.time.advance(20_000);
    assertEquals(running, store.stats().string("phase"), "the archive was silent too long");
    assertEquals(0, store.stats().number("dirty"), "checkpoints go on");
  }

  @Test
  void writesAfterARebuildThatFailedHaveAnEpochOfTheirOwn() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setFailure("gone");
    store.post("rebuild");
    assertEquals("running", store.stats().string("phase"));
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    assertEquals(3, store.stats().number("epoch"), "2 was the rebuild's");
  }

  @Test
  void writesAfterARecoveryThatCouldNotBePersistedWaitUntilItIs() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setStalled(true);
    store.restart();
    store.sql.setFailing(true);
    store.archive.setStalled(false);
    store.time.advance(1000);
    String write = "{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}";
    assertEquals("UNAVAILABLE", store.ask(write).string("code"));
    store.sql.setFailing(false);
    assertEquals("ack", store.ask(write).string("status"));
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.read("b"));
    assertEquals(3, store.stats().number("epoch"), "2 was the recovery's, and had a write");
  }

  @Test
  void outboxBehindTheEventLogDoesNotPassIt() {
    outboxInRowsAndInTheCommitRecord();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), store.sent());
  }

  @Test
  void outboxBetweenTwoRowsOfTheEventLogIsKept() {
    outboxInRowsAndInTheCommitRecord();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.time.advance(30_000);
    create("logged", "T", 1);
    store.time.advance(1000);
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), store.sent());
  }

  private void outboxInRowsAndInTheCommitRecord() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    for (int i = 0; i < 5; i++) {
      create("large" + i, "T", 60_000);
    }
    store.post("checkpoint");
    create("small", "T", 1);
    store.post("checkpoint");
  }

  @Test
  void rebuildOverADamagedRowThatCrashedBeginsAgain() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.sql.exec("UPDATE segments SET epoch = 7");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.restart();
    assertEquals("recovering", store.stats().string("phase"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(1000);
    assertNull(store.startError());
    assertNotNull(store.read("a"));
  }

  @Test
  void damagedRowIsGoneOnceTheArchiveHasReplacedIt() {
    store.withArchive().with("DURABILITY", "local").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.time.advance(10_000);
    store.sql.exec("UPDATE segments SET body = body || 'x' WHERE kind = 2");
    store.restart();
    store.time.advance(1000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
  }

  @Test
  void packedRowWhoseTransactionIsDamagedIsNotTakenForAVoidOne() {
    store.with("COLUMNAR_THRESHOLD", "0").start();
    create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(100);
    store.send("{'type':'update','id':'u','$id':'a','data':{'text':'new'}}");
    store.post("checkpoint");
    store.sql.exec(
        "UPDATE segments SET tx = 0 WHERE kind = 1 AND tx = (SELECT max(tx) FROM segments)");
    store.restart();
    assertTrue(store.startError().contains("row segments"), store.startError());
  }

  @Test
  void checkpointAfterARebuildOverDamageDoesNotOverwriteWhatTheRebuildWrote() {
    store.withArchive().with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.ask("{'type':'update','id':2,'$id':'a','data':{'text':'new'}}");
    store.post("checkpoint");
    store.sql.exec(
        "UPDATE segments SET body = body || 'x' WHERE tx = (SELECT max(tx) FROM segments)");
    store.restart();
    store.time.advance(1000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    store.ask("{'type':'create','id':3,'$type':'T','data':{'$id':'b'}}");
    store.post("checkpoint");
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertNotNull(store.read("b"));
    assertEquals("new", store.read("a").string("text"));
  }

  @Test
  void rebuildThatCrashedGoesOnInItsEpochWhateverTheDamagedRowSays() {
    store.withArchive().with("DURABILITY", "local").start();
    create("a", "T", 1);
    for (int i = 0; i < 3; i++) {
      store.send("{'type':'update','id':'u','$id':'a','data':{'i':" + i + "}}");
      store.time.advance(10_000);
    }
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.restart();
    store.time.advance(100);
    store.restart();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(10_000);
    assertNotNull(store.read("a"));
    List<String> fences =
        store.pipeline.stored().stream()
            .filter(record -> record.number("seq") == 0)
            .map(record -> record.number("epoch") + " at " + record.number("ts"))
            .distinct()
            .toList();
    long epochs = fences.stream().map(fence -> fence.split(" ")[0]).distinct().count();
    assertEquals(epochs, fences.size(), "two fences of one epoch in " + fences);
  }

  @Test
  void eventsInADamagedCommitRecordAreNotSentAsTheyAre() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.send("{'type':'create','id':2,'$type':'T','data':{'$id':'b','x':'second'}}");
    store.time.advance(20_000);
    assertEquals("ack", store.replies.get(store.replies.size() - 1).string("status"));
    store.sql.exec("UPDATE collections SET head = replace(head, 'second', 'sEcond')");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(10_000);
    assertNotNull(store.read("a"));
    assertNull(store.read("b"), "nobody has what it was");
    assertTrue(store.log.toString().contains("its commit record has the checksum"));
  }

  @Test
  void recordThatAnEpochVoidsIsNotThePastWhileNothingOfThatEpochHasLanded() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.sql.setFailing(true);
    store.send("{'type':'update','id':2,'$id':'a','data':{'x':'undone'}}");
    store.time.advance(20_000);
    assertEquals("UNAVAILABLE", store.replies.get(1).string("code"));
    store.sql.setFailing(false);
    store.archive.ingest(store.pipeline.stored());
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.ask("{'type':'update','id':4,'$id':'a','data':{'x':'done'}}");
    store.ask("{'type':'update','id':5,'$id':'a','data':{'x':'again'}}");
    JsonObject past = store.ask("{'type':'read','id':6,'$ids':['a'],'at':{'seq':2}}");
    assertEquals("UNAVAILABLE", past.string("code"), store.print(past));
  }

  @Test
  void alarmThatRingsInTheMiddleOfARebuildRingsAgain() {
    store.withArchive().with("DURABILITY", "local").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("a", "T", 1);
    store.archive.setSilent(true);
    store.post("rebuild");
    assertEquals("recovering", store.stats().string("phase"));
    int alarmsSet = store.time.alarmsSet();
    store.store().onAlarm();
    assertEquals(alarmsSet + 1, store.time.alarmsSet(), "only SQLite has the event");
  }

  @Test
  void rowOfEventsWhoseKindIsDamagedIsNotTakenForAVoidPackedOne() {
    store.with("COLUMNAR_THRESHOLD", "0").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(100);
    store.send("{'type':'update','id':'u','$id':'a','data':{'text':'new'}}");
    store.post("checkpoint");
    store.sql.exec("UPDATE segments SET kind = 1 WHERE kind = 2 AND first_seq = 1");
    store.restart();
    assertTrue(store.startError().contains("row segments[slot=1] is damaged"), store.startError());
  }

  @Test
  void evictedThingWhoseIdIsDamagedOnDiskIsNotTakenForAnAbsentOne() {
    store.withArchive().with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1").start();
    List.of("a", "b", "c", "d").forEach(id -> create(id, "T", 1));
    store.post("checkpoint");
    store.restart();
    byte[] file = store.sql.image();
    String text = new String(file, StandardCharsets.ISO_8859_1);
    file[text.indexOf("\"b\"\"T\"") + 1] ^= 0x20;
    store.sql.setImage(file);
    String read = "{'type':'read','id':1,'$ids':['b']}";
    assertEquals("UNAVAILABLE", store.ask(read).string("code"));
    String update = "{'type':'update','id':1,'$id':'b','data':{}}";
    assertTrue(store.ask(update).string("error").contains("row things[id=\"B\"] is damaged"));
    assertNotNull(store.read("d"), "others are there");
    store.post("rebuild");
    store.time.advance(1000);
    assertNotNull(store.read("b"), "the archive has brought it back");
  }

  private JsonObject at(String id, int seq) {
    return store.ask("{'type':'read','id':1,'$ids':['" + id + "'],'at':{'seq':" + seq + "}}");
  }

  private String history(String id) {
    String[] body = new String[1];
    store
        .store()
        .onRequest(
            Route.parse("GET", "/stores/test/history/" + id, false),
            (status, type, text) -> body[0] = text);
    return body[0];
  }

  @Test
  void pastBehindARowThatLandsLateIsNotToldWithoutIt() {
    store.withArchive().start();
    List.of("a", "b", "c").forEach(id -> create(id, "T", 1));
    delete("a");
    store.time.advance(1000);
    assertNotNull(at("a", 3).object("things").object("a"));
    ArchivedEvent late = store.archive.rows().remove(2);
    assertEquals(2, late.seq());
    assertEquals("UNAVAILABLE", at("a", 3).string("code"));
    assertTrue(history("c").contains("the archive reaches seq 1, expected 3"), history("c"));
    store.archive.rows().add(2, late);
    assertNotNull(at("a", 3).object("things").object("a"));
  }

  @Test
  void eventThatTheStoreDoesNotHaveIsNoPast() {
    store.withArchive().start();
    create("a", "T", 1);
    store.time.advance(1000);
    String payload = "{\"$id\":\"b\"}";
    store.archive.rows().add(new ArchivedEvent(1, 2, "thing.created", "b", "T", 1, 5, payload));
    assertEquals(List.of(), at("b", 2).object("things").keys());
    assertTrue(history("b").contains("NOT_FOUND"), history("b"));
  }

  @Test
  void eventThatOnlyAClaimRemembersIsWaitedForBehindItsFence() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "T", 1);
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("b", "T", 1);
    rebuildWithoutACheckpoint();
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    // The fence lands, and the event that was sent before it does not yet.
    store.archive.ingest(
        store.pipeline.stored().stream().filter(record -> record.number("seq") != 2).toList());
    store.time.advance(1000);
    JsonObject early = store.ask("{'type':'read','id':1,'$ids':['b']}");
    assertEquals("RECOVERING", early.string("code"), store.print(early));
    store.archive.setStalled(false);
    store.time.advance(10_000);
    assertNotNull(store.read("b"));
  }

  @Test
  void pastThatWouldShowAWriteUndoneMeanwhileIsUnavailable() {
    store.withArchive().with("DURABILITY", "local").start();
    create("a", "T", 1);
    delete("a");
    store.time.advance(60);
    store.archive.setSilent(true);
    create("b", "T", 1);
    create("b2", "T", 1);
    store.send("{'type':'read','id':'past','$ids':['b2','a'],'at':{'seq':4}}");
    store.sql.setFailing(true);
    store.time.advance(1000);
    store.sql.setFailing(false);
    store.archive.answer();
    store.archive.answer();
    JsonObject past = store.replies.get(store.replies.size() - 1);
    assertEquals("past", past.string("id"));
    assertEquals("UNAVAILABLE", past.string("code"), store.print(past));
  }

  @Test
  void rebuildThatBrokeOffDoesNotHideWhereThisLifeBegan() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "T", 1);
    store.restart();
    store.time.advance(1000);
    store.archive.setStalled(true);
    store.ask("{'type':'update','id':'u','$id':'a','data':{'n':2}}");
    // Of the first life; the first record of the second one voids it, and has not landed yet.
    String payload = "{\"$id\":\"other\"}";
    store
        .archive
        .rows()
        .add(2, new ArchivedEvent(1, 2, "thing.created", "other", "T", 1, 5, payload));
    store.archive.setFailure("the connection broke");
    assertTrue(store.post("rebuild").startsWith("503"));
    store.archive.setFailure(null);
    assertTrue(history("a").endsWith("\"more\":false,\"archivedSeq\":1}"), history("a"));
  }

  @Test
  void pastIsNotToldFromRecordsThatTheStoreMayYetUndo() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    create("a", "T", 1);
    store.send("{'type':'update','id':'u','$id':'a','data':{'n':2}}");
    int replies = store.replies.size();
    store.send("{'type':'read','id':'past','$ids':['a'],'at':{'seq':1}}");
    assertEquals(replies, store.replies.size());
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(10_000);
    JsonObject past = store.replyTo("past");
    assertEquals(1, past.object("things").object("a").number("$version"), store.print(past));
  }

  @Test
  void readErrorBehindTheArchivesAnswerToADamagedStoreFailsTheStart() {
    store.withArchive().with("DURABILITY", "local").start();
    create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(1000);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("b", "T", 2);
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    store.archive.setSilent(true);
    store.restart();
    store.sql.damage();
    store.archive.answer();
    assertTrue(store.startError().contains("malformed"), store.startError());
    assertEquals("UNAVAILABLE", store.ask("{'type':'read','id':1,'$ids':['a']}").string("code"));
  }

  @Test
  void pastOfAnEvictedThingThatCannotBeReadIsUnavailable() {
    evictingStore();
    store.sql.damage();
    assertEquals("UNAVAILABLE", at("a", 3).string("code"));
  }

  @Test
  void readOfThePastEvictsWhatItBroughtBack() {
    evictingStore();
    for (String id : List.of("a", "b", "c")) {
      assertNotNull(at(id, 3).object("things").object(id));
    }
    assertEquals(1, store.stats().number("entriesInMemory"));
  }

  private void evictingStore() {
    store.withArchive().with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1").start();
    List.of("a", "b", "c").forEach(id -> create(id, "T", 1));
    store.post("checkpoint");
    store.restart();
  }

  @Test
  void deletedThingStaysDeletedWhenItsSuccessorOfAnotherTypeHasMovedAway() {
    store.with("COLUMNAR_THRESHOLD", "4").start();
    for (String id : List.of("x", "a", "b", "c", "d")) {
      create(id, "Old", 1);
    }
    store.post("checkpoint");
    delete("x");
    for (String id : List.of("x", "e", "f", "g")) {
      create(id, "New", 1);
    }
    store.time.advance(100);
    store.post("checkpoint");
    delete("e");
    delete("f");
    store.time.advance(100);
    store.post("checkpoint");
    store.restart();
    JsonObject successor = store.read("x");
    assertEquals("New", successor.string("$type"));
    delete("x");
    store.time.advance(100);
    store.post("checkpoint");
    store.restart();
    assertNull(store.startError());
    assertNull(store.read("x"));
  }

  @Test
  void eventsThatNobodyHadTakenAreInSqliteBeforeTheNextEpochBegins() {
    store.with("DURABILITY", "memory").with("CHECKPOINT_INTERVAL", "60000").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    for (int i = 0; i < 50; i++) {
      create("large" + i, "T", 60_000);
    }
    store.sql.setFailing(true);
    store.time.advance(20_000);
    store.sql.setFailing(false);
    assertEquals("ok", store.ask("{'type':'delete','id':1,'$id':'large0'}").string("status"));
    store.restart();
    assertEquals(50, store.stats().number("entries"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    assertEquals(50, store.sent().size());
  }

  @Test
  void rebuildDoesNotBringBackWhatAReplacedInstanceHasSent() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(1000);
    String payload = "{\"$id\":\"z\",\"$type\":\"T\",\"$version\":1}";
    store.archive.rows().add(new ArchivedEvent(1, 2, "thing.created", "z", "T", 1, 5, payload));
    store.post("rebuild");
    store.time.advance(10_000);
    assertEquals("running", store.stats().string("phase"));
    assertNotNull(store.read("a"));
    assertNull(store.read("z"), "an event of the next epoch voids it, and may come late");
    assertEquals(1, store.stats().number("appliedSeq"));
  }

  @Test
  void fenceOfARebuildOverDamageGoesOutBehindEventsThatAreAcceptedAtOnce() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "T", 1);
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("b", "T", 1);
    store.time.advance(20_000);
    create("c", "T", 1);
    store.time.advance(100);
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("b"));
    assertNotNull(store.read("c"));
  }

  @Test
  void checkpointBeforeAWriteEvictsNothingThatTheWriteHasFound() {
    store.with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "0").with("MAX_BYTES", "6");
    store.start();
    create("a", "T", 1);
    store.with("DURABILITY", "pipeline").restart();
    store.ask("{'type':'update','id':1,'$id':'a','data':{}}");
    store.post("checkpoint");
    assertEquals(1, store.stats().number("entries"));
  }

  @Test
  void eventsThatOnlyAClaimToRecoverHasAreInTheStateOnceThereIsNoArchive() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    claimToRebuild();
    store.withoutArchive().with("DURABILITY", "local").restart();
    assertNull(store.read("a"));
    assertNotNull(store.read("b"));
    assertEquals(3, store.stats().number("appliedSeq"));
    create("c", "T", 1);
    store.time.advance(100);
    store.restart();
    assertNotNull(store.read("b"));
    assertNotNull(store.read("c"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0), store.sent());
  }

  @Test
  void eventsBehindOnesThatOnlyThePipelineHasDoNotCountForThoseThatGetTheirSeqs() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    create("lost", "T", 1);
    store.time.advance(1000);
    claimToRebuild();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.withoutArchive().with("DURABILITY", "local").restart();
    assertEquals(0, store.stats().number("entries"));
    for (String id : List.of("d", "e", "f", "g", "h")) {
      create(id, "T", 1);
    }
    store.time.advance(100);
    store.post("checkpoint");
    store.time.advance(100_000);
    assertEquals(5, store.stats().number("entries"));
    assertEquals(
        List.of(1.0, 2.0, 3.0, 4.0, 5.0),
        store.pipeline.stored().stream()
            .filter(record -> record.number("epoch") > 2)
            .map(record -> record.number("seq"))
            .filter(seq -> seq > 0)
            .distinct()
            .toList());
  }

  /** A rebuild claims an epoch over three events that the Pipeline does not take. */
  private void claimToRebuild() {
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("a", "T", 1);
    delete("a");
    create("b", "T", 1);
    rebuildWithoutACheckpoint();
  }

  /** A rebuild whose checkpoint SQLite refuses, and whose claim it does not. */
  private void rebuildWithoutACheckpoint() {
    store.sql.setFailing(true);
    store.onError = () -> store.sql.setFailing(false);
    store.post("rebuild");
  }
}
