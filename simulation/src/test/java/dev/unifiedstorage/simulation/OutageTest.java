package dev.unifiedstorage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ten minutes without a Pipeline at 1,000 writes a second, in virtual time. */
final class OutageTest {
  private static final int SECONDS = 600;
  private static final int WRITES_PER_SECOND = 1_000;
  private static final int THINGS = 5_000;
  private static final long LIMIT_BYTES = 128L << 20;

  private final JacksonJson json = new JacksonJson();
  private final FakeTime time = new FakeTime();
  private boolean down;
  private double lastSeq;
  private long acks;
  private long refusals;

  /** It keeps no record, only whether they come in order. */
  private final Pipeline pipeline =
      new Pipeline() {
        @Override
        public void send(List<? extends PipelineRecord> records, Completion completion) {
          if (down) {
            completion.failed("down");
            return;
          }
          for (PipelineRecord record : records) {
            JsonWriter writer = json.writer();
            record.writeTo(writer);
            double seq = json.parse(writer.text()).number("seq");
            assertTrue(seq <= lastSeq + 1, "seq " + seq + " behind " + lastSeq);
            lastSeq = Math.max(lastSeq, seq);
          }
          time.after(5, completion::succeeded);
        }
      };

  private final Connection client =
      text -> {
        if (text.contains("\"ack\"")) {
          acks++;
        } else {
          refusals++;
        }
      };

  private static final StoreObserver QUIET = new SilentObserver();

  @Test
  void tenMinutesOfOutageAreServedInBoundedMemoryAndDeliveredInOrder() {
    long before = usedBytes();
    try (SqliteFile sql = new SqliteFile()) {
      StorePorts ports =
          StorePorts.builder(new Platform(json, time, time, new RandomIds(), QUIET), "outage")
              .pipeline(pipeline)
              .sql(sql)
              .build();
      UnifiedStore store =
          new UnifiedStore(
              UnifiedStoreConfig.fromVars("outage", Map.of("DURABILITY", "pipeline")), ports);
      store.onStart(
          new Completion() {
            @Override
            public void succeeded() {}

            @Override
            public void failed(String error) {
              throw new AssertionError(error);
            }
          });
      for (int i = 0; i < THINGS; i++) {
        ask(store, "{'type':'create','id':1,'$type':'T','data':{'$id':'t" + i + "','n':0}}");
      }
      time.advance(10_000);
      down = true;
      long most = 0;
      int writes = 0;
      for (int second = 0; second < SECONDS; second++) {
        for (int i = 0; i < WRITES_PER_SECOND; i++) {
          String id = "t" + (writes++ * 7919L) % THINGS;
          ask(store, "{'type':'update','id':1,'$id':'" + id + "','data':{'n':" + writes + "}}");
          if (i % 10 == 9) {
            time.advance(10);
          }
        }
        if (second % 60 == 59) {
          most = Math.max(most, usedBytes() - before);
        }
      }
      assertTrue(most < LIMIT_BYTES, "the store took " + (most >> 20) + " MB");
      down = false;
      time.advance(600_000);
      assertEquals(THINGS + writes, acks);
      assertEquals(0, refusals);
      assertEquals(THINGS + writes, lastSeq, "every event has come, in order");
      assertTrue(store.isIdle());
      System.out.printf(
          "outage: %d writes, at most %d MB, all %.0f events delivered in order%n",
          writes, most >> 20, lastSeq);
    }
  }

  private void ask(UnifiedStore store, String text) {
    store.onMessage(client, text.replace('\'', '"'));
  }

  private static long usedBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
