package dev.unifiedstorage.simulation;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A store on the JVM's own JSON and SQLite, in a moment that does not end: its Pipeline accepts at
 * once and no timer rings, so that a message has its reply before the next one comes.
 *
 * <p>Its SQLite outlives a restart; what was in memory does not.
 */
final class FuzzedStore
    implements Clock, Timers, Ids, Pipeline, StoreObserver, Completion, AutoCloseable {
  private static final double NOW_MS = 1_769_860_800_000.0;
  private static final String NOW = "2026-01-31T12:00:00.000Z";

  private final Map<String, String> vars;
  private final JsoniterJson json = new JsoniterJson();
  private final SqliteStorage sql = SqliteStorage.inMemory("the fuzzed store");
  private UnifiedStore store;
  private int ids;

  FuzzedStore(Map<String, String> vars) {
    this.vars = vars;
    start();
  }

  /** A new instance over the same SQLite. */
  void start() {
    StorePorts ports =
        StorePorts.builder(new Platform(json, this, this, this, this), "fuzz")
            .pipeline(this)
            .sql(sql)
            .build();
    store = new UnifiedStore(UnifiedStoreConfig.fromVars("fuzzed", vars), ports);
    store.onStart(this);
  }

  /** Hands a message over and gives the replies that came of it, as they were sent. */
  List<String> message(String text) {
    List<String> replies = new ArrayList<>();
    store.onMessage(replies::add, text);
    return replies;
  }

  Map<String, Object> stats() {
    return Texts.parse(request("GET", "stats"));
  }

  void checkpoint() {
    request("POST", "checkpoint");
  }

  private String request(String method, String action) {
    StringBuilder answer = new StringBuilder();
    store.onRequest(
        Route.parse(method, "/stores/fuzzed/" + action, false),
        (status, type, body) -> answer.append(body));
    return answer.toString();
  }

  @Override
  public void close() {
    sql.close();
  }

  // ---- ports

  @Override
  public double nowMs() {
    return NOW_MS;
  }

  @Override
  public String iso(double epochMs) {
    return NOW;
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
    return type.toLowerCase(Locale.ROOT) + "_" + uuid();
  }

  /** Accepts what can be read again. */
  @Override
  public void send(List<? extends PipelineRecord> records, Completion completion) {
    for (PipelineRecord record : records) {
      JsonWriter writer = json.writer();
      record.writeTo(writer);
      json.parse(writer.text());
    }
    completion.succeeded();
  }

  @Override
  public void info(String message) {}

  @Override
  public void warning(String message) {}

  /** Nothing that a client sends is a reason for the store to report an error. */
  @Override
  public void error(String message) {
    throw new Violation("no exception escapes", message);
  }

  @Override
  public void succeeded() {}

  @Override
  public void failed(String error) {
    throw new Violation("a start succeeds", error);
  }
}
