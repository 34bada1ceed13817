package dev.unifiedstorage.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.memory.ManualTime;
import dev.unifiedstorage.jvm.memory.MemoryPipeline;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.recovery.ColdStartRecovery;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.store.UnifiedStoreDO;
import dev.unifiedstorage.wal.PipelineEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Records as the seed has them, recovered from. */
class RecordsReaderTest {
  private static final List<String> RECORDS =
      List.of(
          """
          {"verb":"thing.updated","payload":{"$id":"a","n":2},"timestamp":"2024-01-01T00:00:02.000Z"}""",
          """
          {"verb":"thing.created","store":"things","payload":{"$id":"a","$type":"T","$version":1,"n":1},\
          "timestamp":"2024-01-01T00:00:01.000Z","idempotencyKey":"a:created:1704067201000",\
          "_meta":{"namespace":"t"}}""",
          """
          {"verb":"thing.created","store":"things","payload":{"$id":"a","$type":"T","$version":1,"n":1},\
          "timestamp":"2024-01-01T00:00:01.000Z","idempotencyKey":"a:created:1704067201000",\
          "_meta":{"namespace":"t"}}""",
          """
          {"verb":"thing.created","payload":"{\\"$id\\":\\"b\\",\\"$type\\":\\"T\\"}",\
          "timestamp":"2024-01-01T00:00:03.000Z"}""",
          """
          {"verb":"thing.deleted","payload":{"$id":"b"},"timestamp":"2024-01-01T00:00:04.000Z"}""",
          """
          {"verb":"page.viewed","payload":{"$id":"a"},"timestamp":"2024-01-01T00:00:05.000Z"}""",
          """
          {"verb":"thing.created","ns":"other","payload":{"$id":"c","$type":"T"},"timestamp":0}""",
          """
          {"verb":"thing.created","payload":{"$id":"d","$type":"T"},"timestamp":0,\
          "_meta":{"namespace":"other"}}""");

  private final ManualTime time = new ManualTime(1_769_860_800_000.0);
  private final Platform platform = JvmPlatform.over(time, new SilentObserver());
  private final MemoryPipeline pipeline = new MemoryPipeline();

  private JsonObject object(String text) {
    return new JsoniterJson().parse(text);
  }

  private ColdStartRecovery recovery(SqliteStorage sql, RecordsReader.Source source) {
    return ColdStartRecovery.builder()
        .on(platform)
        .namespace("t")
        .sql(sql)
        .iceberg(new RecordsReader(source))
        .build();
  }

  private List<JsonObject> records(String... texts) {
    return Stream.of(texts).map(this::object).toList();
  }

  @Test
  void recordsOfTheSeedAreReplayedInTheOrderOfTheirTime() {
    List<String> asked = new ArrayList<>();
    try (SqliteStorage sql = SqliteStorage.inMemory("records")) {
      ColdStartRecovery recovery =
          recovery(
              sql,
              namespace -> {
                asked.add(namespace);
                return records(RECORDS.toArray(new String[0]));
              });
      RecoveryResult result = recovery.recover();
      assertEquals(RecoveryResult.Source.ICEBERG, result.source());
      assertEquals(1, result.thingsLoaded());
      assertEquals(4, result.eventsReplayed());
      assertEquals(Set.of("a"), recovery.getState().keySet());
      Thing a = recovery.getState().get("a");
      assertEquals("T", a.type());
      assertEquals(2, a.version());
      assertEquals("{\"n\":2}", a.fields().text(platform.json()));
      assertEquals(1_704_067_201_000.0, a.createdAtMs());
      assertEquals(1_704_067_202_000.0, a.updatedAtMs());
      assertTrue(recovery.validateState().valid());
      assertEquals(Set.of("t"), Set.copyOf(asked));
      assertEquals(1, recovery.forceRebuildFromIceberg().thingsLoaded());
    }
  }

  @Test
  void recordsThatDoNotFitAreMadeToFit() {
    try (SqliteStorage sql = SqliteStorage.inMemory("records")) {
      ColdStartRecovery recovery =
          recovery(
              sql,
              namespace ->
                  records(
                      "{'verb':'thing.updated','payload':{'$id':'a','$type':'T','n':1},'timestamp':1}"
                          .replace('\'', '"'),
                      "{'verb':'thing.created','payload':{'$id':'a','$type':'T','m':1},'timestamp':2}"
                          .replace('\'', '"'),
                      "{'verb':'thing.deleted','payload':{'$id':'nobody'},'timestamp':3}"
                          .replace('\'', '"')));
      recovery.recover();
      assertEquals("{\"m\":1}", recovery.getState().get("a").fields().text(platform.json()));
      assertEquals(1, recovery.getState().get("a").version());
    }
  }

  @Test
  void whatAnEmitterSentIsReplayed() {
    PipelineEmitter emitter =
        PipelineEmitter.builder(pipeline).on(platform).namespace("t").flushInterval(0).build();
    for (String verb : List.of("thing.created", "thing.updated", "thing.updated")) {
      emitter.emit(verb, "things", object("{\"$id\":\"a\",\"$type\":\"T\"}"));
      time.advance(1);
    }
    try (SqliteStorage sql = SqliteStorage.inMemory("records")) {
      ColdStartRecovery recovery = recovery(sql, namespace -> pipeline.records());
      recovery.recover();
      assertEquals(3, recovery.getState().get("a").version());
    }
  }

  @Test
  void recordsOfAStoreAreTakenAsTheyAre() {
    try (SqliteStorage sql = SqliteStorage.inMemory("store");
        SqliteStorage empty = SqliteStorage.inMemory("records")) {
      UnifiedStoreDO store =
          UnifiedStoreDO.builder()
              .on(platform)
              .namespace("t")
              .sql(sql)
              .pipeline(pipeline)
              .iceberg(new RecordsReader(namespace -> pipeline.records()))
              .set("ARCHIVE_SETTLE_MS", "0")
              .build();
      store.onStart(NOTHING);
      store.handleCreate(
          reply -> {}, object("{\"id\":1,\"$type\":\"T\",\"data\":{\"$id\":\"a\",\"n\":1}}"));
      store.handleUpdate(reply -> {}, object("{\"id\":2,\"$id\":\"a\",\"data\":{\"n\":2}}"));
      time.advance(1000);
      ColdStartRecovery recovery = recovery(empty, namespace -> pipeline.records());
      recovery.recover();
      assertEquals(2, recovery.getState().get("a").version());
      assertEquals("{\"n\":2}", recovery.getState().get("a").fields().text(platform.json()));
    }
  }

  @Test
  void sourceThatFailsIsAnErrorAndNeverAnEmptyState() {
    try (SqliteStorage sql = SqliteStorage.inMemory("records")) {
      ColdStartRecovery recovery =
          recovery(
              sql,
              namespace -> {
                throw new IllegalStateException("401 from the catalog");
              });
      RuntimeException error = assertThrows(RuntimeException.class, recovery::recover);
      assertTrue(error.getMessage().contains("401 from the catalog"), error.getMessage());
    }
  }

  @Test
  void emptySourceIsANewState() {
    try (SqliteStorage sql = SqliteStorage.inMemory("records")) {
      ColdStartRecovery recovery = recovery(sql, namespace -> List.of());
      assertEquals(RecoveryResult.Source.EMPTY, recovery.recover().source());
    }
  }

  private static final Completion NOTHING =
      new Completion() {
        @Override
        public void succeeded() {}

        @Override
        public void failed(String error) {
          throw new AssertionError(error);
        }
      };
}
