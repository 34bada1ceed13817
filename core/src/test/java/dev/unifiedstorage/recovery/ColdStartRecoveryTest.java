package dev.unifiedstorage.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.checkpoint.LazyCheckpointerOptions;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.wal.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ColdStartRecoveryTest {
  private final TestStore store = new TestStore();
  private final List<RecoveryProgress> progress = new ArrayList<>();
  private Recovered recovered;
  private String failure;

  @AfterEach
  void close() {
    store.close();
  }

  private ColdStartRecovery recovery() {
    Origin origin = new Origin("test", store.time, store.json);
    InMemoryStateManager state =
        new InMemoryStateManager(
            StateOptions.unlimited(), store.json, store.time, () -> UUID.randomUUID().toString());
    Persistence persistence =
        new Persistence(store.sql, state, origin, LazyCheckpointerOptions.defaults(), false);
    RecoveryOptions options = new RecoveryOptions("test", 30_000, progress::add);
    return new ColdStartRecovery(options, persistence, store.archive, store.time, origin);
  }

  private final ColdStartRecovery.End end =
      new ColdStartRecovery.End() {
        @Override
        public void recovered(Recovered result) {
          recovered = result;
        }

        @Override
        public void failed(RuntimeException error) {
          failure = error.getMessage();
        }
      };

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
    ColdStartRecovery recovery = recovery();
    recovery.recover(end);
    assertEquals(RecoveryResult.Source.EMPTY, recovered.result().source());
    assertTrue(recovery.validateState().valid());
  }

  @Test
  void emptySqliteIsRebuiltFromTheArchive() {
    archiveThings(20);
    store.archive.ingest(store.pipeline.stored());
    emptySqlite();
    ColdStartRecovery recovery = recovery();
    recovery.recover(end);
    assertEquals(RecoveryResult.Source.ICEBERG, recovered.result().source());
    assertEquals(19, recovered.result().thingsLoaded());
    assertEquals(22, recovered.result().eventsReplayed());
    assertEquals(22, recovered.result().duplicatesSkipped());
    assertEquals(2, recovery.getState().get("t0").version());
    assertNull(recovery.getState().get("t1"));
    assertTrue(recovery.validateState().valid());
    assertTrue(progress.size() >= 2);
  }

  @Test
  void rebuiltStoreIsLocalAtItsNextStart() {
    archiveThings(20);
    emptySqlite();
    store.withArchive().restart();
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    store.time.advance(20_000);
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(19, store.stats().number("entries"));
    assertEquals(2, store.read("t0").number("$version"));
  }

  @Test
  void forcedRebuildReplacesEverything() {
    store.withArchive().with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "5");
    archiveThings(20);
    store.time.advance(10_000);
    String answer = store.post("rebuild");
    assertTrue(answer.startsWith("200 "), answer);
    assertTrue(answer.contains("\"source\":\"iceberg\""), answer);
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(19, store.stats().number("entries"));
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'after'}}");
    store.time.advance(10_000);
    assertEquals(23, store.stats().number("appliedSeq"));
  }

  @Test
  void rebuildRefusesAnArchiveThatIsBehind() {
    store.withArchive().with("DURABILITY", "local");
    archiveThings(3);
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'late'}}");
    store.time.advance(1000);
    String answer = store.post("rebuild");
    assertTrue(answer.startsWith("503 "), answer);
    assertTrue(answer.contains("reach seq 6, it reaches 5"), answer);
    store.restart();
    assertNotNull(store.read("late"));
  }

  @Test
  void recordsOfAPassedEpochBehindANewerOneAreVoid() {
    store.archive.ingest(List.of());
    List<ArchivedEvent> rows = store.archive.rows();
    rows.add(new ArchivedEvent(1, 1, "thing.created", "a", "T", 1, 5, "{\"$id\":\"a\",\"n\":1}"));
    rows.add(new ArchivedEvent(1, 2, "thing.updated", "a", "T", 2, 6, "{\"$id\":\"a\",\"n\":2}"));
    rows.add(new ArchivedEvent(2, 0, "store.fence", null, null, 0, 7, "{}"));
    rows.add(new ArchivedEvent(2, 2, "thing.updated", "a", "T", 2, 8, "{\"$id\":\"a\",\"n\":3}"));
    ColdStartRecovery recovery = recovery();
    recovery.recover(end);
    assertEquals("{\"n\":3}", recovery.getState().get("a").fields().text(store.json));
    assertEquals(2, recovered.point().epoch());
  }

  @Test
  void gapIsAnErrorThatNamesTheMissingRange() {
    archiveThings(10);
    store.archive.rows().removeIf(row -> row.seq() >= 4 && row.seq() <= 6);
    emptySqlite();
    recovery().recover(end);
    assertTrue(failure.contains("events 4 to 6 are missing"), failure);
  }

  @Test
  void silentArchiveIsAnErrorAfterTheTimeoutAndNeverAnEmptyStore() {
    store.archive.setSilent(true);
    recovery().recover(end);
    assertNull(failure);
    store.time.advance(30_000);
    assertTrue(failure.contains("gave nothing for 30000 ms"), failure);
    assertNull(recovered);
    assertEquals(0, store.time.armed());
  }

  @Test
  void requestsAreToldToComeBackMeanwhile() {
    store.archive.setSilent(true);
    store.withArchive().start();
    assertEquals("RECOVERING", store.ask("{'type':'read','id':1,'$ids':[]}").string("code"));
    store.time.advance(30_000);
    assertEquals("UNAVAILABLE", store.ask("{'type':'read','id':1,'$ids':[]}").string("code"));
    assertTrue(store.startError().contains("gave nothing"), store.startError());
  }

  @Test
  void unreadableArchiveIsAnError() {
    store.archive.setFailure("401 from the catalog");
    recovery().recover(end);
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
    ColdStartRecovery recovery = recovery();
    recovery.recover(end);
    recovery.getState().create(store.json.parse("{\"$type\":\"T\",\"$id\":\"a\"}"));
    recovery.getState().load(dev.unifiedstorage.state.Thing.loaded("b", "T", 0.5, 1, 1, "{broken"));
    ValidationResult result = recovery.validateState();
    assertEquals(2, result.errors().size(), result.errors().toString());
  }
}
