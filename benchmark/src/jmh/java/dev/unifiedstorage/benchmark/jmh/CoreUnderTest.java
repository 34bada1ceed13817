package dev.unifiedstorage.benchmark.jmh;

import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.List;
import java.util.Map;

/**
 * A store whose Pipeline accepts at once and whose timers never fire, over SQLite in memory.
 *
 * <p>Messages and rows are real; nothing happens that the measurement does not ask for.
 */
final class CoreUnderTest implements Clock, Timers, Ids, Pipeline, StoreObserver {
  private final SqliteStorage sql = SqliteStorage.inMemory("the measured store");
  private double nowMs = 1_769_860_800_000.0;
  private int ids;
  private int chars;
  private UnifiedStore store;

  CoreUnderTest() {
    start();
  }

  /** A new instance over the same SQLite, loaded. */
  void start() {
    StorePorts ports =
        StorePorts.builder(new Platform(new JsoniterJson(), this, this, this, this), "bench").pipeline(this).sql(sql).build();
    Map<String, String> vars =
        Map.of(
            "DURABILITY", "pipeline",
            "DIRTY_COUNT_THRESHOLD", "100000000",
            "MEMORY_THRESHOLD_BYTES", "1000000000");
    store = new UnifiedStore(UnifiedStoreConfig.fromVars("measured", vars), ports);
    store.onStart(
        new Completion() {
          @Override
          public void succeeded() {}

          @Override
          public void failed(String error) {
            throw new IllegalStateException(error);
          }
        });
  }

  /** Handles a message; what comes back grows with every reply, so that none can be left out. */
  int message(String text) {
    store.onMessage(reply -> chars += reply.length(), text);
    return chars;
  }

  int create(String id, int reading) {
    return message(
        "{\"id\":\"1\",\"type\":\"create\",\"$type\":\"Sensor\",\"data\":{\"$id\":\""
            + id
            + "\",\"reading\":"
            + reading
            + ",\"note\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}");
  }

  int update(String id, int reading) {
    return message(
        "{\"id\":\"1\",\"type\":\"update\",\"$id\":\""
            + id
            + "\",\"data\":{\"reading\":"
            + reading
            + ",\"unit\":\"celsius\"}}");
  }

  int read(String id) {
    return message("{\"id\":\"1\",\"type\":\"read\",\"$ids\":[\"" + id + "\"]}");
  }

  /** Takes a checkpoint. */
  String checkpoint() {
    StringBuilder answer = new StringBuilder();
    store.onRequest(
        Route.parse("POST", "/stores/measured/checkpoint", false),
        (status, type, text) -> answer.append(text));
    return answer.toString();
  }

  void close() {
    sql.close();
  }

  @Override
  public double nowMs() {
    return nowMs++;
  }

  @Override
  public String iso(double epochMs) {
    return "2026-01-31T12:00:00.000Z";
  }

  @Override
  public Timer after(double delayMs, Runnable task) {
    return () -> {};
  }

  @Override
  public void setAlarm(double epochMs) {}

  @Override
  public String uuid() {
    return "00000000-0000-4000-8000-" + (100_000_000_000L + ++ids);
  }

  @Override
  public String thingId(String type) {
    return type + "_" + uuid();
  }

  @Override
  public void send(
      List<? extends PipelineRecord> records,
      Completion completion) {
    JsoniterJson json = new JsoniterJson();
    for (PipelineRecord record : records) {
      record.writeTo(json.writer());
    }
    completion.succeeded();
  }

  @Override
  public void info(String message) {}

  @Override
  public void warning(String message) {}

  @Override
  public void error(String message) {
    throw new IllegalStateException(message);
  }
}
