package dev.unifiedstorage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.recovery.ColdStartRecovery;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The checkpointer as the seed describes it, without a store around it; and the rows it writes. */
final class LazyCheckpointerTest {
  private final Json json = new JacksonJson();
  private final FakeTime time = new FakeTime();
  private final SqliteFile sql = new SqliteFile();
  private final List<CheckpointStats> done = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private InMemoryStateManager state;
  private LazyCheckpointer checkpointer;
  private Persistence persistence;

  @AfterEach
  void close() {
    sql.close();
  }

  private LazyCheckpointerOptions options(int columnarThreshold, Layout large) {
    LazyCheckpointerOptions defaults = LazyCheckpointerOptions.defaults();
    return new LazyCheckpointerOptions(
        defaults.intervalMs(),
        defaults.dirtyCountThreshold(),
        defaults.memoryThresholdBytes(),
        columnarThreshold,
        large,
        0,
        done::add,
        error -> errors.add(error.getMessage()));
  }

  @Test
  void callbacksThatThereAreNotAreNone() {
    Platform platform = new Platform(json, time, time, new RandomIds(), new SilentObserver());
    InMemoryStateManager manager =
        InMemoryStateManager.builder().on(platform).maxEntries(1).onEvict(null).build();
    LazyCheckpointer alone =
        LazyCheckpointer.builder()
            .on(platform)
            .sql(sql)
            .dirtyTracker(manager)
            .onCheckpoint(null)
            .onError(null)
            .build();
    manager.create(json.parse("{\"$type\":\"T\",\"$id\":\"a\"}"));
    assertEquals(1, alone.checkpoint().entityCount());
    manager.create(json.parse("{\"$type\":\"T\",\"$id\":\"b\"}"));
    sql.setFailing(true);
    assertThrows(RuntimeException.class, alone::checkpoint);
    sql.setFailing(false);
    ColdStartRecovery recovery =
        ColdStartRecovery.builder()
            .on(platform)
            .namespace("t")
            .sql(sql)
            .iceberg(null)
            .onProgress(null)
            .build();
    assertEquals(1, recovery.recover().thingsLoaded());
  }

  @Test
  void whatOnCheckpointThrowsIsNoFailedCheckpoint() {
    Platform platform = new Platform(json, time, time, new RandomIds(), new SilentObserver());
    InMemoryStateManager manager = InMemoryStateManager.builder().on(platform).build();
    LazyCheckpointer alone =
        LazyCheckpointer.builder()
            .on(platform)
            .sql(sql)
            .dirtyTracker(manager)
            .onCheckpoint(
                stats -> {
                  throw new IllegalStateException("the caller failed");
                })
            .onError(error -> errors.add(error.getMessage()))
            .build();
    manager.create(json.parse("{\"$type\":\"T\",\"$id\":\"a\"}"));
    assertEquals(1, alone.checkpoint().entityCount());
    assertEquals(List.of("the caller failed"), errors);
    assertEquals(0, manager.getDirtyCount());
    assertEquals(1, alone.getStats().count());
  }

  /** A new state and checkpointer over what SQLite holds. */
  private void open(LazyCheckpointerOptions options) {
    Origin origin = new Origin("t", time, json);
    Platform platform = new Platform(json, time, time, new RandomIds(), new SilentObserver());
    state = InMemoryStateManager.builder().on(platform).build();
    persistence = new Persistence(sql, state.things(), origin, options, false);
    checkpointer = new LazyCheckpointer(options, persistence, platform);
  }

  private void openLoaded(LazyCheckpointerOptions options) {
    open(options);
    persistence.loader().load();
    checkpointer.start();
  }

  private void create(String type, int from, int to, int chars) {
    for (int i = from; i < to; i++) {
      state.create(
          json.parse(
              "{\"$type\":\""
                  + type
                  + "\",\"$id\":\""
                  + type
                  + i
                  + "\",\"n\":"
                  + i
                  + ",\"text\":\""
                  + "x".repeat(chars)
                  + "\"}"));
      checkpointer.notifyDirty();
    }
  }

  private void update(String type, int from, int to) {
    for (int i = from; i < to; i++) {
      state.update(type + i, json.parse("{\"m\":" + i + "}"));
      checkpointer.notifyDirty();
    }
  }

  @Test
  void timerCheckpointComesOnceAnIntervalWhileDirty() {
    openLoaded(options(50, Layout.NORMALIZED));
    create("A", 0, 3, 0);
    time.advance(9_999);
    assertEquals(0, done.size());
    time.advance(1);
    assertEquals(1, done.size());
    assertEquals(Trigger.INTERVAL, done.get(0).trigger());
    assertEquals(3, done.get(0).entityCount());
    assertEquals(0, time.armed());
    time.advance(100_000);
    assertEquals(1, done.size());
  }

  @Test
  void countAndMemoryTriggerAtOnce() {
    openLoaded(options(50, Layout.NORMALIZED));
    create("A", 0, 100, 0);
    assertEquals(Trigger.COUNT, done.get(0).trigger());
    create("B", 0, 20, 600_000);
    assertEquals(Trigger.MEMORY, done.get(1).trigger());
  }

  @Test
  void smallCollectionsAreOneRowAndLargeOnesARowAThing() {
    openLoaded(options(50, Layout.NORMALIZED));
    create("Small", 0, 49, 0);
    create("Large", 0, 50, 0);
    checkpointer.checkpoint(Trigger.MANUAL);
    CheckpointerStats stats = checkpointer.getStats();
    assertEquals(1, stats.columnarWrites());
    assertEquals(50, stats.normalizedWrites());
  }

  @Test
  void failedCheckpointLeavesEverythingDirtyAndIsTriedAgain() {
    openLoaded(options(50, Layout.PACKED));
    create("A", 0, 60, 0);
    sql.setFailing(true);
    time.advance(10_000);
    assertEquals(1, errors.size());
    assertEquals(60, state.getDirtyCount());
    assertEquals("disk full, as the test wants", checkpointer.getStats().lastError());
    sql.setFailing(false);
    time.advance(10_000);
    assertEquals(1, done.size());
    assertEquals(0, state.getDirtyCount());
    openLoaded(options(50, Layout.PACKED));
    assertEquals(60, state.size());
  }

  @Test
  void hibernationHookAndDestroyPersistAndDestroyDisarms() {
    openLoaded(options(50, Layout.PACKED));
    create("A", 0, 1, 0);
    List<String> ends = new ArrayList<>();
    checkpointer.beforeHibernation(
        new Completion() {
          @Override
          public void succeeded() {
            ends.add("ok");
          }

          @Override
          public void failed(String error) {
            ends.add(error);
          }
        });
    assertEquals(List.of("ok"), ends);
    assertEquals(Trigger.HIBERNATION, done.get(0).trigger());
    create("A", 1, 2, 0);
    checkpointer.destroy();
    assertEquals(2, done.size(), "what is dirty is saved");
    create("A", 2, 3, 0);
    time.advance(100_000);
    assertEquals(2, done.size());
  }

  @Test
  void databaseIsLoadedBeforeItIsWritten() {
    open(options(50, Layout.PACKED));
    checkpointer.start();
    create("A", 0, 1, 0);
    assertThrows(IllegalStateException.class, () -> checkpointer.checkpoint(Trigger.MANUAL));
  }

  @Test
  void hotThingsTakeOneRowACheckpointForEver() {
    openLoaded(options(50, Layout.PACKED));
    create("Hot", 0, 90, 100);
    checkpointer.checkpoint(Trigger.MANUAL);
    double before = sql.rowsWritten();
    for (int i = 0; i < 200; i++) {
      update("Hot", 0, 90);
      checkpointer.checkpoint(Trigger.MANUAL);
    }
    assertEquals(200, sql.rowsWritten() - before);
    assertTrue(segments() <= 4, "rows that pile up: " + segments());
    openLoaded(options(50, Layout.PACKED));
    assertEquals(90, state.size());
    assertEquals(201, state.get("Hot7").version());
  }

  @Test
  void deadLinesAreCleanedAwayAndDeletionsStay() {
    openLoaded(options(50, Layout.PACKED));
    create("Cold", 0, 4000, 200);
    for (int round = 0; round < 60; round++) {
      create("Feed", round * 90, round * 90 + 90, 3000);
      if (round > 2) {
        for (int i = 0; i < 90; i++) {
          state.delete("Feed" + ((round - 3) * 90 + i));
        }
      }
      update("Cold", round * 20, round * 20 + 20);
      checkpointer.checkpoint(Trigger.MANUAL);
    }
    double bytes = storedBytes();
    double living = state.estimatedBytes();
    assertTrue(bytes < 3 * living + 8_000_000, "stored " + bytes + " for " + living);
    int expected = state.size();
    openLoaded(options(50, Layout.PACKED));
    assertEquals(expected, state.size());
    assertEquals(2, state.get("Cold100").version());
    assertEquals(1, state.get("Cold3999").version());
  }

  @Test
  void rowsStayUnderThePlatformsLimit() {
    openLoaded(options(50, Layout.PACKED));
    for (int i = 0; i < 5; i++) {
      state.create(
          json.parse(
              "{\"$type\":\"Big\",\"$id\":\"b"
                  + i
                  + "\",\"text\":\""
                  + "é".repeat(500_000)
                  + "\"}"));
    }
    checkpointer.checkpoint(Trigger.MANUAL);
    var cursor = sql.exec("SELECT MAX(LENGTH(CAST(body AS BLOB))) FROM segments");
    cursor.next();
    assertTrue(cursor.number(0) <= 4_000_000, "bytes: " + cursor.number(0));
    openLoaded(options(50, Layout.PACKED));
    assertEquals(5, state.size(), "five large things do not fit one columnar row");
  }

  @Test
  void collectionMovesBothWaysWithHysteresis() {
    for (Layout large : List.of(Layout.PACKED, Layout.NORMALIZED)) {
      String type = "Move" + large;
      openLoaded(options(10, large));
      create(type, 0, 9, 0);
      checkpointer.checkpoint(Trigger.MANUAL);
      assertEquals(1, lastWrites().columnarWrites());
      create(type, 9, 12, 0);
      checkpointer.checkpoint(Trigger.MANUAL);
      assertEquals(0, lastWrites().columnarWrites());
      for (int i = 7; i < 12; i++) {
        state.delete(type + i);
      }
      checkpointer.checkpoint(Trigger.MANUAL);
      assertEquals(0, lastWrites().columnarWrites(), "seven of ten is not few enough");
      state.delete(type + 5);
      state.delete(type + 6);
      checkpointer.checkpoint(Trigger.MANUAL);
      assertEquals(1, lastWrites().columnarWrites());
      openLoaded(options(10, large));
      assertEquals(5, state.things().collection(type).size());
    }
  }

  @Test
  void changedLargeLayoutMovesTheCollectionAtItsNextCheckpoint() {
    openLoaded(options(10, Layout.NORMALIZED));
    create("A", 0, 30, 0);
    checkpointer.checkpoint(Trigger.MANUAL);
    openLoaded(options(10, Layout.PACKED));
    update("A", 3, 4);
    checkpointer.checkpoint(Trigger.MANUAL);
    assertEquals(0, count("things"));
    openLoaded(options(10, Layout.PACKED));
    assertEquals(30, state.size());
    assertEquals(2, state.get("A3").version());
  }

  @Test
  void sizeInMemoryIsOfWhatIsThereWhereverItLies() {
    for (Layout next : List.of(Layout.PACKED, Layout.NORMALIZED, Layout.PACKED)) {
      openLoaded(options(10, next));
      create("A", state.size(), state.size() + 30, 50);
      update("A", 3, 9);
      checkpointer.checkpoint(Trigger.MANUAL);
      assertEquals("x".repeat(50), state.get("A2").fields().object(json).string("text"));
    }
    openLoaded(options(10, Layout.NORMALIZED));
    update("A", 0, 5);
    checkpointer.checkpoint(Trigger.MANUAL);
    update("A", 4, 5);
    for (int i = 0; i < 90; i++) {
      assertTrue(state.delete("A" + i));
    }
    assertEquals(0, state.estimatedBytes());
    assertEquals(0, state.things().dirtyBytes());
  }

  /**
   * Of an outage in which thousands of instances have written: fences have no rows of their own.
   */
  @Test
  void outboxOfFencesAloneIsInTheCommitRecord() {
    openLoaded(options(50, Layout.PACKED));
    Origin origin = new Origin("t", time, json);
    List<Event> fences = new ArrayList<>();
    Life life = Life.NONE;
    for (int i = 1; i <= 4_000; i++) {
      life = life.child(Life.LEAST_DRAWN + i, i, 0, time.nowMs());
      fences.add(Event.fence(origin, life));
    }
    persistence.writer().writeAnew(CommitPoint.NONE, fences);
    open(options(50, Layout.PACKED));
    String outbox = persistence.loader().load().record().outbox();
    assertEquals(4_000, persistence.log().parseLines(outbox).size());
  }

  private CheckpointStats lastWrites() {
    return done.get(done.size() - 1);
  }

  private double count(String table) {
    var cursor = sql.exec("SELECT COUNT(*) FROM " + table);
    cursor.next();
    return cursor.number(0);
  }

  private double segments() {
    return count("segments");
  }

  private double storedBytes() {
    var cursor = sql.exec("SELECT SUM(LENGTH(body)) FROM segments");
    cursor.next();
    return cursor.number(0);
  }
}
