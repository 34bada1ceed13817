package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.LazyCheckpointer;
import dev.unifiedstorage.jvm.JvmPlatform;
import dev.unifiedstorage.jvm.RecordsReader;
import dev.unifiedstorage.jvm.memory.ManualTime;
import dev.unifiedstorage.jvm.memory.MemoryArchive;
import dev.unifiedstorage.jvm.memory.MemoryPipeline;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.recovery.ColdStartRecovery;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.state.DirtyTracker;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.store.UnifiedStoreDO;
import dev.unifiedstorage.store.WriteRefusedException;
import dev.unifiedstorage.wal.PipelineEmitter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages of docs/guide about the components show in Java, run. */
class ComponentsGuideTest {
  private static final StoreObserver NO_LOG =
      new StoreObserver() {
        @Override
        public void info(String message) {}

        @Override
        public void warning(String message) {}

        @Override
        public void error(String message) {}
      };

  private final ManualTime time = new ManualTime(1_769_860_800_000.0);
  private final Platform platform = JvmPlatform.over(time, NO_LOG);
  private final SqliteStorage sql = SqliteStorage.inMemory("the guide");
  private final MemoryPipeline pipeline = new MemoryPipeline();
  private final List<String> lines = new ArrayList<>();

  @AfterEach
  void close() {
    sql.close();
  }

  private JsonObject object(String text) {
    return platform.json().parse(text.replace('\'', '"'));
  }

  @Test
  void realPlatform(@TempDir Path folder) {
    // snippet: platform
    try (JvmPlatform jvm = new JvmPlatform();
        SqliteStorage sql = new SqliteStorage("tenant-123", folder.resolve("tenant-123.sqlite"))) {
      Platform on = jvm.platform();
      InMemoryStateManager manager = InMemoryStateManager.builder().on(on).build();
      LazyCheckpointer checkpointer =
          LazyCheckpointer.builder().on(on).sql(sql).dirtyTracker(manager).build();
      PipelineEmitter emitter =
          PipelineEmitter.builder(pipeline).on(on).namespace("tenant-123").build();

      JsonObject alice = on.json().parse("{\"$type\":\"Customer\",\"$id\":\"alice\"}");
      jvm.run(
          () -> {
            manager.create(alice);
            emitter.emit("thing.created", "things", alice);
          });
      jvm.await(emitter::close);
      jvm.run(checkpointer::destroy);
    }
    // end
    assertEquals(1, pipeline.records().size());
  }

  @Test
  void stateManager() {
    // snippet: state
    InMemoryStateManager manager =
        InMemoryStateManager.builder()
            .on(platform)
            .maxEntries(10_000)
            .maxBytes(50 * 1024 * 1024)
            .onEvict(entries -> lines.add("Evicted " + entries.size() + " entries"))
            .build();

    Thing customer = manager.create(object("{'$type':'Customer','name':'Alice'}"));
    Thing retrieved = manager.get(customer.id());
    Thing updated = manager.update(customer.id(), object("{'name':'Alice Smith'}"));
    manager.delete(customer.id());

    Set<String> dirtyIds = manager.getDirtyEntries();
    manager.markClean(dirtyIds);
    // end
    assertTrue(customer.id().startsWith("customer_"));
    assertEquals(1, customer.version());
    assertEquals(customer, retrieved);
    assertEquals(2, updated.version());
    assertEquals(Set.of(customer.id()), dirtyIds);
    assertEquals(0, manager.getDirtyCount());
    assertEquals(List.of(), lines);
  }

  @Test
  void pipelineEmitter() {
    MemoryPipeline letters = new MemoryPipeline();
    // snippet: emitter
    PipelineEmitter emitter =
        PipelineEmitter.builder(pipeline)
            .on(platform)
            .namespace("tenant-123")
            .exponentialBackoff(true)
            .deadLetterQueue(letters)
            .build();

    emitter.emit("thing.created", "things", object("{'$id':'customer_123','name':'Alice'}"));
    time.advance(60_000);
    // end
    JsonObject event = pipeline.records().get(0);
    assertEquals("thing.created", event.string("verb"));
    assertEquals("things", event.string("store"));
    assertEquals("Alice", event.object("payload").string("name"));
    assertEquals("2026-01-31T12:00:00.000Z", event.string("timestamp"));
    assertTrue(event.string("idempotencyKey").startsWith("customer_123:created:1769860800000:"));
    assertEquals("tenant-123", event.object("_meta").string("namespace"));

    pipeline.refuse("down");
    emitter.emit("thing.created", "things", object("{'$id':'customer_124'}"));
    time.advance(60_000 + 1000 + 2000 + 4000);
    assertEquals("down", letters.records().get(0).string("error"));
    assertEquals(1, emitter.stats().deadLettered());
  }

  @Test
  void emittersNeverShareAPlaceInTheLog() {
    for (int i = 0; i < 50; i++) {
      PipelineEmitter emitter =
          PipelineEmitter.builder(pipeline).on(platform).namespace("t").flushInterval(0).build();
      emitter.emit("thing.updated", "things", object("{'$id':'a'}"));
      emitter.emit("thing.updated", "things", object("{'$id':'a'}"));
    }
    long places =
        pipeline.records().stream()
            .map(record -> record.number("epoch") + "." + record.number("seq"))
            .distinct()
            .count();
    assertEquals(100, places);
  }

  @Test
  void checkpointerAndRecovery() {
    InMemoryStateManager manager = InMemoryStateManager.builder().on(platform).build();
    // snippet: checkpointer
    LazyCheckpointer checkpointer =
        LazyCheckpointer.builder()
            .on(platform)
            .sql(sql)
            .dirtyTracker(manager)
            .onCheckpoint(stats -> lines.add("Checkpointed " + stats.entityCount() + " entities"))
            .onError(error -> lines.add("Checkpoint failed: " + error.getMessage()))
            .build();
    checkpointer.start();

    manager.create(object("{'$type':'Customer','$id':'alice','name':'Alice'}"));
    checkpointer.notifyDirty();
    time.advance(10_000);
    CheckpointStats nothing = checkpointer.checkpoint();
    checkpointer.destroy();
    // end
    assertEquals(List.of("Checkpointed 1 entities"), lines);
    assertEquals(0, nothing.entityCount());
    assertEquals(1, checkpointer.getStats().columnarWrites());

    // snippet: recovery
    ColdStartRecovery recovery =
        ColdStartRecovery.builder()
            .on(platform)
            .namespace("tenant-123")
            .sql(sql)
            .iceberg(new MemoryArchive(pipeline))
            .onProgress(progress -> lines.add(progress.phase() + ": " + progress.loaded()))
            .build();
    RecoveryResult result = recovery.recover();
    Map<String, Thing> state = recovery.getState();
    // end
    assertEquals(RecoveryResult.Source.SQLITE, result.source());
    assertEquals(1, result.thingsLoaded());
    assertEquals(1, state.get("alice").version());
    assertTrue(recovery.validateState().valid());
    assertEquals("SQLITE: 1.0", lines.get(1));
    assertEquals(0, recovery.forceRebuildFromIceberg().thingsLoaded());
    assertEquals(1, recovery.recover().thingsLoaded());
    assertEquals(state.keySet(), recovery.getState().keySet());
  }

  @Test
  void recordsOfTheOriginalsShape() {
    // snippet: records
    RecordsReader.Source records =
        namespace ->
            List.of(
                object(
                    "{'verb':'thing.created','store':'things',"
                        + "'payload':{'$id':'alice','$type':'Customer','name':'Alice'},"
                        + "'timestamp':'2026-01-31T11:00:00.000Z',"
                        + "'idempotencyKey':'alice:created:1769857200000',"
                        + "'_meta':{'namespace':'tenant-123'}}"));
    ColdStartRecovery recovery =
        ColdStartRecovery.builder()
            .on(platform)
            .namespace("tenant-123")
            .sql(sql)
            .iceberg(new RecordsReader(records))
            .build();
    recovery.recover();
    Thing alice = recovery.getState().get("alice");
    // end
    assertEquals("Customer", alice.type());
    assertEquals("{\"name\":\"Alice\"}", alice.fields().text(platform.json()));
    assertEquals(1_769_857_200_000.0, alice.createdAtMs());
  }

  @Test
  void checkpointerKeepsWhatIsClean() {
    InMemoryStateManager manager = InMemoryStateManager.builder().on(platform).build();
    LazyCheckpointer checkpointer =
        LazyCheckpointer.builder().on(platform).sql(sql).dirtyTracker(manager).build();
    for (int i = 0; i < 10; i++) {
      manager.create(object("{'$type':'T','$id':'t" + i + "'}"));
    }
    checkpointer.checkpoint();
    manager.update("t3", object("{'n':3}"));
    manager.delete("t4");
    checkpointer.checkpoint();
    ColdStartRecovery recovery =
        ColdStartRecovery.builder().on(platform).namespace("t").sql(sql).build();
    assertEquals(9, recovery.recover().thingsLoaded());
    assertEquals(2, recovery.getState().get("t3").version());
    assertThrows(RuntimeException.class, recovery::forceRebuildFromIceberg);
    assertEquals(9, recovery.getState().size());
  }

  @Test
  void ownTracker() {
    Map<String, Thing> dirty = new HashMap<>();
    Thing made =
        Thing.created("a", "T", Fields.ofText("{\"n\":1}"), time.nowMs(), 0, "{\"n\":1}".length());
    dirty.put("a", made);
    // snippet: tracker
    DirtyTracker tracker =
        new DirtyTracker() {
          @Override
          public Set<String> getDirtyEntries() {
            return Set.copyOf(dirty.keySet());
          }

          @Override
          public Thing get(String id) {
            return dirty.get(id);
          }

          @Override
          public void markClean(Collection<String> ids) {
            dirty.keySet().removeAll(ids);
          }
        };
    // end
    LazyCheckpointer checkpointer =
        LazyCheckpointer.builder().on(platform).sql(sql).dirtyTracker(tracker).build();
    assertEquals(1, checkpointer.checkpoint().entityCount());
    assertEquals(Map.of(), dirty);
    ColdStartRecovery recovery =
        ColdStartRecovery.builder().on(platform).namespace("t").sql(sql).build();
    recovery.recover();
    assertEquals("{\"n\":1}", recovery.getState().get("a").fields().text(platform.json()));
  }

  @Test
  void lowCountThresholdTriggersOnceASecond() {
    InMemoryStateManager manager = InMemoryStateManager.builder().on(platform).build();
    LazyCheckpointer checkpointer =
        LazyCheckpointer.builder().on(platform).sql(sql).dirtyTracker(manager).build();
    checkpointer.start();
    for (int i = 0; i < 1000; i++) {
      manager.create(object("{'$type':'T','$id':'t" + i + "'}"));
    }
    for (int ms = 0; ms < 20_000; ms++) {
      manager.update("t" + ms % 1000, object("{'n':1}"));
      checkpointer.notifyDirty();
      time.advance(1);
    }
    assertTrue(checkpointer.getStats().count() <= 21, "" + checkpointer.getStats().count());
  }

  @Test
  void wholeStore() {
    List<String> replies = new ArrayList<>();
    // snippet: store
    UnifiedStoreDO store =
        UnifiedStoreDO.builder()
            .on(platform)
            .namespace("tenant-123")
            .sql(sql)
            .pipeline(pipeline)
            .checkpointInterval(5000)
            .columnarThreshold(1000)
            .dirtyCountThreshold(100)
            .iceberg(new MemoryArchive(pipeline))
            .set("ARCHIVE_SETTLE_MS", "0")
            .build();
    store.onStart(LOGGED);
    store.handleCreate(
        replies::add, object("{'id':1,'$type':'Customer','data':{'$id':'alice','name':'Alice'}}"));
    Thing alice = store.get("alice");
    store.beforeHibernation(LOGGED);
    // end
    assertEquals("{\"id\":1,\"status\":\"ack\",\"$id\":\"alice\",\"$version\":1}", replies.get(0));
    assertEquals(1, alice.version());
    assertEquals(Set.of(), store.getDirtyEntries());
    store.handleUpdate(replies::add, object("{'id':2,'$id':'alice','data':{'name':'A. Smith'}}"));
    store.handleRead(replies::add, object("{'id':3,'$ids':['alice']}"));
    store.handleBatch(
        replies::add,
        object("{'id':4,'operations':[{'type':'create','$type':'T','data':{'$id':'t'}}]}"));
    store.handleDelete(replies::add, object("{'id':5,'$id':'alice'}"));
    store.handleMessage(replies::add, "no JSON");
    assertEquals(6, replies.size());
    assertTrue(replies.get(2).contains("A. Smith"), replies.get(2));
    assertTrue(replies.get(5).contains("PARSE_ERROR"), replies.get(5));
    assertEquals(Set.of("alice", "t"), store.getDirtyEntries());
    assertEquals(2, store.checkpoint().entityCount());
    assertEquals(List.of(), lines);
  }

  @Test
  void ruleHasASayInEveryWrite() {
    UnifiedStoreDO store =
        UnifiedStoreDO.builder().on(platform).namespace("t").sql(sql).pipeline(pipeline).build();
    store.onStart(LOGGED);
    List<String> replies = new ArrayList<>();
    store.onWrite(
        (operation, from) -> {
          if ("Secret".equals(operation.string("$type"))) {
            throw new WriteRefusedException("TOO_SECRET", "not here", "{\"why\":1}");
          }
          operation.object("data").set("seen", 1);
          return operation;
        });
    store.handleMessage(
        replies::add,
        """
        {"id":1,"type":"batch","operations":[
          {"type":"create","$type":"T","data":{"$id":"a"}},
          {"type":"create","$type":"Secret","data":{}}]}
        """);
    assertTrue(replies.get(0).contains("\"code\":\"VALIDATION_ERROR\""), replies.get(0));
    time.advance(100);
    assertEquals("{\"seen\":1}", store.get("a").fields().text(platform.json()));
    store.handleCreate(replies::add, object("{'id':2,'$type':'Secret','data':{}}"));
    assertTrue(
        replies.get(1).contains("\"details\":{\"why\":1,\"code\":\"TOO_SECRET\"}"), replies.get(1));
    store.handleRead(replies::add, object("{'id':3,'$ids':['a']}"));
    assertEquals(3, replies.size(), "a rule has no say in reads");
  }

  private static final Completion LOGGED =
      new Completion() {
        @Override
        public void succeeded() {}

        @Override
        public void failed(String error) {
          throw new AssertionError(error);
        }
      };
}
