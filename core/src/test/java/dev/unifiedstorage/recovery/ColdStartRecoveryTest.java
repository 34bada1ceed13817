package dev.unifiedstorage.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ColdStartRecoveryTest {
  private final TestStore store = new TestStore();
  private final List<String> warnings = new ArrayList<>();
  private final List<RecoveryProgress> progress = new ArrayList<>();
  private RecoveryResult result;
  private String failure;

  @AfterEach
  void close() {
    store.close();
  }

  private ColdStartRecovery recovery() {
    StoreObserver log =
        new StoreObserver() {
          @Override
          public void info(String message) {}

          @Override
          public void warning(String message) {
            warnings.add(message);
          }

          @Override
          public void error(String message) {}
        };
    return ColdStartRecovery.builder()
        .on(new Platform(store.json, store.time, store.time, new RandomIds(), log))
        .namespace("test")
        .sql(store.sql)
        .iceberg(store.archive)
        .onProgress(progress::add)
        .build();
  }

  /** Recovers, from the archive too if need be, without waiting for a fence. */
  private ColdStartRecovery recover() {
    ColdStartRecovery recovery = recovery();
    recovery.recover(
        new ColdStartRecovery.End() {
          @Override
          public void completed(RecoveryResult total) {
            result = total;
          }

          @Override
          public void failed(RuntimeException error) {
            failure = error.getMessage();
          }
        });
    return recovery;
  }

  private void archiveThings(int count) {
    store.start();
    for (int i = 0; i < count; i++) {
      store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'t" + i + "','n':1}}");
    }
    store.ask("{'type':'update','id':2,'$id':'t0','data':{'n':2}}");
    store.ask("{'type':'delete','id':3,'$id':'t1'}");
    store.time.advance(1000);
    store.archive.ingest(store.pipeline.stored());
  }

  private void emptySqlite() {
    for (String table : List.of("segments", "collections", "things")) {
      store.sql.exec("DROP TABLE IF EXISTS " + table);
    }
  }

  @Test
  void nothingAnywhereIsANewStore() {
    ColdStartRecovery recovery = recover();
    assertEquals(RecoveryResult.Source.EMPTY, result.source());
    assertEquals(RecoveryProgress.Phase.SQLITE, progress.get(0).phase());
    assertTrue(recovery.validateState().valid());
  }

  @Test
  void emptySqliteIsRebuiltFromTheArchive() {
    archiveThings(20);
    store.archive.ingest(store.pipeline.stored());
    emptySqlite();
    ColdStartRecovery recovery = recover();
    assertEquals(RecoveryResult.Source.ICEBERG, result.source());
    assertEquals(19, result.thingsLoaded());
    assertEquals(22, result.eventsReplayed());
    assertEquals(22, result.duplicatesSkipped());
    assertEquals(2, recovery.getState().get("t0").version());
    assertNull(recovery.getState().get("t1"));
    assertTrue(recovery.validateState().valid());
    assertTrue(progress.size() >= 2);
  }

  @Test
  void recoveryAloneTakesTheArchiveWhenSqliteCannotBeRead() {
    archiveThings(20);
    store.sql.damage();
    ColdStartRecovery recovery = recover();
    assertNull(failure);
    assertEquals(RecoveryResult.Source.ICEBERG, result.source());
    assertEquals(19, recovery.getState().size());
    assertTrue(warnings.toString().contains("malformed"), warnings.toString());
  }

  @Test
  void rebuiltStoreIsLocalAtItsNextStart() {
    archiveThings(20);
    emptySqlite();
    store.withArchive().restart();
    store.time.advance(1000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(19, store.stats().number("entries"));
    assertEquals(2, store.read("t0").number("$version"));
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'after'}}");
    assertEquals(23, store.stats().number("appliedSeq"));
  }

  @Test
  void forcedRebuildReplacesEverything() {
    store.withArchive().with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "5");
    archiveThings(20);
    store.time.advance(10_000);
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'late'}}");
    String[] answer = postRebuild();
    store.time.advance(1000);
    assertTrue(answer[0].startsWith("200 "), answer[0]);
    assertTrue(answer[0].contains("\"source\":\"iceberg\""), answer[0]);
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(20, store.stats().number("entries"));
    assertNotNull(store.read("late"));
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'after'}}");
    store.time.advance(10_000);
    assertEquals(24, store.stats().number("appliedSeq"));
  }

  private String[] postRebuild() {
    String[] answer = {"none yet"};
    store
        .store()
        .onRequest(
            Route.parse("POST", "/stores/test/rebuild", false),
            (status, type, text) -> answer[0] = status + " " + text);
    return answer;
  }

  @Test
  void rebuildThatTheArchiveDoesNotReachLeavesTheStateAlone() {
    store.withArchive().with("DURABILITY", "local");
    archiveThings(3);
    store.archive.setStalled(true);
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'late'}}");
    String[] answer = postRebuild();
    store.time.advance(1000);
    JsonObject meanwhile = store.ask("{'type':'read','id':1,'$ids':['late']}");
    assertEquals("RECOVERING", meanwhile.string("code"));
    assertTrue(meanwhile.string("error").contains("the probe"), meanwhile.string("error"));
    store.time.advance(100_000);
    assertTrue(answer[0].startsWith("503 "), answer[0]);
    assertNotNull(store.read("late"));
    store.restart();
    assertNull(store.startError());
  }

  @Test
  void rebuildThatCannotClaimAnEpochChangesNothing() {
    store.withArchive().with("DURABILITY", "local");
    archiveThings(3);
    store.sql.setFailing(true);
    String[] answer = postRebuild();
    assertTrue(answer[0].startsWith("503 "), answer[0]);
    store.sql.setFailing(false);
    assertEquals(1, store.stats().number("epoch"));
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'next'}}");
    store.time.advance(10_000);
    store.restart();
    assertNotNull(store.read("next"));
    assertEquals("running", store.stats().string("phase"));
  }

  @Test
  void tailOfAnOpenLifeComesBackFromTheArchive() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':1}}");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    store.archive.setStalled(true);
    store.restart();
    assertEquals("RECOVERING", store.ask("{'type':'read','id':1,'$ids':[]}").string("code"));
    store.restart();
    store.restart();
    store.archive.setStalled(false);
    store.time.advance(1000);
    assertEquals(1, store.read("a").number("n"));
    assertNotNull(store.read("b"));
    assertEquals(2, store.stats().object("recovery").number("eventsReplayed"));
    assertEquals(2, store.stats().number("epoch"), "crashed recoveries are no lives");
    long fences =
        store.pipeline.stored().stream()
            .filter(r -> r.string("verb").equals("store.fence"))
            .map(store::print)
            .distinct()
            .count();
    assertEquals(2, fences, "and claim nothing");
    int reads = store.archive.reads();
    store.restart();
    assertEquals(reads, store.archive.reads(), "a clean start never reads the archive");
    assertNotNull(store.read("b"));
  }

  @Test
  void settleTimeLetsLateRowsIn() {
    store.withArchive().with("DURABILITY", "pipeline").with("ARCHIVE_SETTLE_MS", "60000").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.restart();
    store.time.advance(59_000);
    assertEquals("recovering", store.stats().string("phase"));
    store.time.advance(2_000);
    assertNotNull(store.read("a"));
  }

  @Test
  void stalledSinkIsAnErrorAfterTheTimeoutAndTheNextStartGoesOn() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setStalled(true);
    store.restart();
    store.time.advance(100_000);
    assertTrue(store.startError().contains("waiting for the probe"), store.startError());
    store.archive.setStalled(false);
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.read("a"));
  }

  @Test
  void rebuildThatBreaksOffLeavesTheFutureOfAFileThatWasPutBackABranch() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.time.advance(60_000);
    store.sql.exec("CREATE TABLE kept AS SELECT * FROM segments");
    store.sql.exec("CREATE TABLE keptToo AS SELECT * FROM collections");
    store.createAcked("b");
    store.time.advance(60_000);
    store.sql.exec("DELETE FROM segments");
    store.sql.exec("INSERT INTO segments SELECT * FROM kept");
    store.sql.exec("DELETE FROM collections");
    store.sql.exec("INSERT INTO collections SELECT * FROM keptToo");
    store.restart();
    assertNull(store.read("b"));
    store.archive.setStalled(true);
    assertNull(store.post("rebuild"), "it waits for its probe");
    store.archive.setStalled(false);
    store.restart();
    store.time.advance(1_000);
    assertNotNull(store.read("a"));
    assertNull(store.read("b"), "it was not there when the rebuild began");
  }

  @Test
  void damagedRowIsRebuiltFromTheArchiveWithAWarningThatNamesIt() {
    store.withArchive().with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "5");
    archiveThings(10);
    store.time.advance(10_000);
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'late'}}");
    store.sql.exec("UPDATE segments SET body = replace(body, 't3', 't4') WHERE kind = 1");
    store.restart();
    store.time.advance(1000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    assertTrue(store.log.toString().contains("row segments[slot="), store.log.toString());
    assertNotNull(store.read("t3"));
    assertNotNull(store.read("late"));
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(10, store.stats().number("entries"));
  }

  @Test
  void databaseThatCannotBeReadIsSetAsideAndRebuilt() {
    store.withArchive().with("DURABILITY", "pipeline");
    archiveThings(10);
    store.sql.damage();
    store.restart();
    store.time.advance(1000);
    assertNull(store.startError());
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    assertTrue(store.log.toString().contains("malformed. It is kept as a copy"), "" + store.log);
    assertEquals(2, store.read("t0").number("$version"));
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(9, store.stats().number("entries"));
  }

  @Test
  void damageIsNotGivenUpForAnArchiveThatHasNothingYet() {
    store.withArchive().with("DURABILITY", "pipeline");
    store.archive.setStalled(true);
    store.start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.sql.damage();
    store.restart();
    assertTrue(store.startError().contains("malformed"), store.startError());
    store.archive.setStalled(false);
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.read("a"));
  }

  @Test
  void damagedCommitRecordIsNotTakenForANewStore() {
    store.withArchive().with("DURABILITY", "pipeline");
    store.archive.setStalled(true);
    store.start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.sql.exec("UPDATE segments SET head = 'damaged'");
    store.restart();
    assertTrue(store.startError().contains("row segments[slot="), store.startError());
  }

  @Test
  void emptySqliteWaitsUntilTheArchiveHasCaughtUp() {
    store.withArchive().with("DURABILITY", "pipeline");
    store.archive.setStalled(true);
    store.start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    emptySqlite();
    store.archive.setLagging(true);
    store.restart();
    store.time.advance(10_000);
    String error = store.ask("{'type':'read','id':1,'$ids':['a']}").string("error");
    assertTrue(error.contains("waiting for the sink to catch up"), error);
    store.archive.setStalled(false);
    store.archive.setLagging(false);
    store.time.advance(10_000);
    assertNotNull(store.read("a"));
  }

  @Test
  void epochThatTheArchiveDoesNotHaveYetIsNotUsedAgain() {
    store.withArchive().with("DURABILITY", "pipeline");
    archiveThings(2);
    store.restart();
    store.time.advance(1000);
    store.archive.setStalled(true);
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'unarchived'}}");
    double lost = store.stats().number("epoch");
    emptySqlite();
    store.restart();
    store.archive.setStalled(false);
    store.time.advance(1000);
    assertNotNull(store.read("unarchived"));
    assertTrue(store.stats().number("epoch") > lost, "epoch " + store.stats().number("epoch"));
  }

  @Test
  void idWithHalfASurrogatePairComesBackAsItWas() {
    store.archive.ingest(List.of());
    List<ArchivedEvent> rows = store.archive.rows();
    String created = "{\"$id\":\"a\\ud800\",\"$type\":\"T\",\"$version\":1}";
    rows.add(new ArchivedEvent(1, 0, 1, "thing.created", "a?", "T", 1, 5, created));
    rows.add(
        new ArchivedEvent(1, 0, 2, "thing.deleted", "a?", "T", 1, 6, "{\"$id\":\"a\\ud800\"}"));
    created = created.replace("ud800", "ud801");
    rows.add(new ArchivedEvent(1, 0, 3, "thing.created", "a?", "T", 1, 7, created));
    ColdStartRecovery recovery = recover();
    assertNull(failure);
    assertNotNull(recovery.getState().get("a\ud801"));
    assertEquals(1, result.thingsLoaded());
  }

  @Test
  void firstRequestOfANewStoreWaitsForTheArchivesAnswer() {
    store.withArchive();
    store.archive.setSilent(true);
    store.start();
    store.send("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.send("{'type':'read','id':2,'$ids':['a']}");
    store.send("{'type':'ping','id':3}");
    assertEquals(1, store.replies.size(), "a ping waits for nothing");
    store.archive.answerEmpty();
    assertEquals("ack", store.replies.get(1).string("status"));
    assertTrue(store.replies.get(2).object("things").keys().contains("a"));
  }

  @Test
  void requestOfANewStoreIsToldToComeBackWhenTheArchiveTakesLong() {
    store.withArchive();
    store.archive.setSilent(true);
    store.start();
    String filler = "x".repeat(200_000);
    for (int i = 0; i < 8; i++) {
      store.send("{'type':'create','id':" + i + ",'$type':'T','data':{'f':'" + filler + "'}}");
    }
    assertEquals(3, store.replies.size(), "what does not fit is not kept");
    store.time.advance(3_000);
    assertEquals(8, store.replies.size());
    store.replies.forEach(reply -> assertEquals("RECOVERING", reply.string("code")));
    assertEquals("RECOVERING", store.ask("{'type':'read','id':1,'$ids':[]}").string("code"));
    store.time.advance(30_000);
    assertEquals("UNAVAILABLE", store.ask("{'type':'read','id':1,'$ids':[]}").string("code"));
  }

  @Test
  void longReadThatIsStillLookingIsNotTakenForASilentOne() {
    store.archive.setSilent(true);
    recover();
    for (int rows = 1; rows <= 5; rows++) {
      store.archive.progress(rows * 1000);
      store.time.advance(20_000);
    }
    assertNull(failure);
    store.time.advance(60_000);
    assertTrue(failure.contains("nothing new"), failure);
  }

  @Test
  void recordsOfAPassedEpochBehindANewerOneAreVoid() {
    store.archive.ingest(List.of());
    List<ArchivedEvent> rows = store.archive.rows();
    rows.add(
        new ArchivedEvent(1, 0, 1, "thing.created", "a", "T", 1, 5, "{\"$id\":\"a\",\"n\":1}"));
    rows.add(
        new ArchivedEvent(1, 0, 2, "thing.updated", "a", "T", 2, 6, "{\"$id\":\"a\",\"n\":2}"));
    rows.add(new ArchivedEvent(2, 0, 0, "store.fence", null, null, 0, 7, "{}"));
    rows.add(
        new ArchivedEvent(2, 0, 2, "thing.updated", "a", "T", 2, 8, "{\"$id\":\"a\",\"n\":3}"));
    ColdStartRecovery recovery = recover();
    assertEquals("{\"n\":3}", recovery.getState().get("a").fields().text(store.json));
    assertEquals(1, result.branches());
    assertEquals(1, result.branchEvents());
    assertTrue(warnings.toString().contains("1 events of 1 lives"), warnings.toString());
  }

  @Test
  void gapIsAnErrorThatNamesTheMissingRange() {
    archiveThings(10);
    store.archive.rows().removeIf(row -> row.seq() >= 4 && row.seq() <= 6);
    emptySqlite();
    recover();
    store.time.advance(100_000);
    assertTrue(failure.contains("events 4 to 6 are missing"), failure);
  }

  @Test
  void silentArchiveIsAnErrorAfterTheTimeoutAndNeverAnEmptyStore() {
    store.archive.setSilent(true);
    recover();
    assertNull(failure);
    store.time.advance(30_000);
    assertTrue(
        failure.contains("nothing new for 30000 ms while waiting for the archive's first answer"),
        failure);
    assertNull(result);
    assertEquals(0, store.time.armed());
  }

  @Test
  void unreadableArchiveIsAnError() {
    store.archive.setFailure("401 from the catalog");
    recover();
    assertTrue(failure.contains("401 from the catalog"), failure);
  }

  @Test
  void damagedRowStopsTheStartAndIsNamed() {
    store.with("COLUMNAR_THRESHOLD", "5");
    archiveThings(10);
    store.time.advance(10_000);
    store.sql.exec("UPDATE segments SET body = replace(body, 't3', 't4') WHERE kind = 1");
    store.restart();
    assertTrue(store.startError().contains("row segments[slot="), store.startError());
    assertEquals("UNAVAILABLE", store.ask("{'type':'read','id':1,'$ids':[]}").string("code"));
    assertTrue(store.store().isIdle());
  }

  @Test
  void validationFindsWhatDoesNotFit() {
    ColdStartRecovery recovery = recover();
    recovery.things().put(Thing.created("a", "T", Fields.ofText("{}"), 1, 0, 2));
    recovery.things().load(Thing.loaded("b", "T", 0.5, 1, 1, 0, "{broken"));
    ValidationResult result = recovery.validateState();
    assertEquals(2, result.errors().size(), result.errors().toString());
  }

  @Test
  void validationReadsThingsThatStillLieInTheirRows() {
    store.with("COLUMNAR_THRESHOLD", "5");
    archiveThings(10);
    store.time.advance(10_000);
    ColdStartRecovery recovery = recover();
    assertEquals(9, recovery.getState().size());
    assertEquals(List.of(), recovery.validateState().errors());
  }
}
