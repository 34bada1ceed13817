package dev.unifiedstorage.benchmark.cost;

import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.Map;

/**
 * One Durable Object in simulated time: it leaves the memory when it may hibernate for 10 s, and
 * the next message or alarm starts it again from its SQLite.
 */
final class SimulatedObject implements AutoCloseable {
  private static final double HIBERNATION_MS = 10_000;

  private final Map<String, String> vars;
  private final SimulatedTime time = new SimulatedTime();
  private final JsoniterJson json = new JsoniterJson();
  private final CountingPipeline pipeline = new CountingPipeline(time, json);
  private final SqliteStorage sql = SqliteStorage.inMemory("the simulated object");
  private UnifiedStore store;
  private double lastEventMs;
  private double messages;
  private double alarmsRung;
  private double starts;
  private double refusals;

  SimulatedObject(Map<String, String> vars) {
    this.vars = vars;
  }

  double nowMs() {
    return time.nowMs();
  }

  /** Lets time pass until a message arrives, and handles it. */
  void message(double atMs, String text) {
    passUntil(atMs);
    messages++;
    time.message();
    awake().onMessage(this::reply, text);
  }

  /** Lets time pass, running what is due. */
  void passUntil(double untilMs) {
    while (time.nextMs() <= untilMs) {
      double dueMs = time.nextMs();
      hibernate(dueMs);
      time.runNext(
          () -> {
            alarmsRung++;
            awake().onAlarm();
          });
      lastEventMs = time.nowMs();
    }
    hibernate(untilMs);
    time.moveTo(untilMs);
    lastEventMs = untilMs;
  }

  private void hibernate(double atMs) {
    if (store != null && time.isIdle() && atMs - lastEventMs >= HIBERNATION_MS) {
      store = null;
    }
  }

  private void reply(String text) {
    if (text.contains("\"status\":\"error\"")) {
      refusals++;
    }
  }

  private UnifiedStore awake() {
    if (store != null) {
      return store;
    }
    starts++;
    StorePorts ports =
        StorePorts.builder(new Platform(json, time, time, new CountedIds(), SILENT), "cost")
            .pipeline(pipeline)
            .sql(sql)
            .build();
    store = new UnifiedStore(UnifiedStoreConfig.fromVars("simulated", vars), ports);
    store.onStart(
        new Completion() {
          @Override
          public void succeeded() {}

          @Override
          public void failed(String error) {
            throw new IllegalStateException(error);
          }
        });
    return store;
  }

  /** Everything that costs, up to now. */
  Usage usage() {
    if (refusals > 0) {
      throw new IllegalStateException(refusals + " requests were refused: that is no fair day");
    }
    return new Usage(
        sql.rowsWritten() + time.alarmsSet(),
        time.alarmsSet(),
        messages / PriceSheet.MESSAGES_PER_REQUEST + alarmsRung,
        time.billedMs() / 1000 * PriceSheet.OBJECT_GB,
        pipeline.bytes(),
        starts);
  }

  /** Rows that checkpoints wrote since the object last came into memory. */
  double checkpointRows() {
    if (store == null) {
      return 0;
    }
    double[] rows = new double[1];
    store.onRequest(
        Route.parse("GET", "/stores/simulated/stats", false),
        (status, type, body) -> {
          JsonObject checkpoints = json.parse(body).object("checkpoints");
          rows[0] =
              checkpoints.number("columnarWrites")
                  + checkpoints.number("packedWrites")
                  + checkpoints.number("normalizedWrites");
        });
    return rows[0];
  }

  @Override
  public void close() {
    sql.close();
  }

  private static final StoreObserver SILENT =
      new StoreObserver() {
        @Override
        public void info(String message) {}

        @Override
        public void warning(String message) {}

        @Override
        public void error(String message) {
          throw new IllegalStateException(message);
        }
      };

  /** Ids in a row: a simulation is the same every time. */
  private static final class CountedIds implements Ids {
    private int last;

    @Override
    public String uuid() {
      return "00000000-0000-4000-8000-" + (100_000_000_000L + ++last);
    }

    @Override
    public String thingId(String type) {
      return type + "_" + uuid();
    }
  }
}
