package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.port.DataPoint;
import dev.unifiedstorage.port.DataPoints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Leaves the figures of each checkpoint as one data point, where somebody takes them.
 *
 * <p>The numbers are metrics. A gauge is as it is; of a counter there is what has come since the
 * point before, so that points of several instances, and of several stores, can be added up. What
 * comes behind the last checkpoint of an instance is in no point.
 *
 * <p>A column never changes its place, because older points are read by it.
 */
final class Points {
  /** What each number is: {@code double1} is the first. */
  static final List<String> DOUBLES =
      List.of(
          "entries",
          "estimated_bytes",
          "max_store_bytes",
          "sockets",
          "subscriptions",
          "requests_total",
          "errors_total",
          "reply_wait_ms_sum",
          "reply_wait_ms_count",
          "checkpoint_duration_ms",
          "rows_written_total",
          "naive_rows_written_total",
          "dollars_total",
          "pipeline_sent_total",
          "pipeline_queued",
          "pipeline_degraded",
          "archive_lag_ms",
          "archive_holes");

  /** Checkpoints of a few rows come many a second. */
  private static final double LEAST_MS_BETWEEN_COUNTS = 1_000;

  private static final int MOST_INDEX_BYTES = 96;

  /** Of an error: a point has 16 KB of text at most. */
  private static final int MOST_ERROR_LENGTH = 1_000;

  private final @Nullable DataPoints to;
  private final StorePorts ports;
  private final UnifiedStoreConfig config;

  /** What the counters were at the last point that was taken. */
  private Map<String, Double> before = new HashMap<>();

  private @Nullable Supplier<StoreStats> stats;
  private double lastMs;
  private boolean refused;

  Points(UnifiedStoreConfig config, StorePorts ports) {
    this.to = ports.points();
    this.ports = ports;
    this.config = config;
  }

  void readFrom(Supplier<StoreStats> source) {
    stats = source;
  }

  /**
   * Leaves a point; of those for the count of dirty things one a second, which has the figures of
   * all since the one before.
   *
   * @param trigger of the checkpoint, null of one that failed
   * @param error why it failed, "" when it did not
   */
  void write(@Nullable Trigger trigger, String error) {
    if (to == null || stats == null || (trigger == Trigger.COUNT && isTooSoon())) {
      return;
    }
    lastMs = ports.clock().nowMs();
    StoreStats now = stats.get();
    List<String> blobs =
        List.of(
            now.namespace(),
            trigger == null ? "" : trigger.label(),
            now.durability(),
            shortened(error));
    Map<String, Double> counters = new HashMap<>();
    try {
      to.write(new DataPoint(index(now.namespace()), blobs, doubles(now, counters)));
      before = counters;
    } catch (RuntimeException e) {
      if (!refused) {
        ports
            .observer()
            .warning(
                "namespace "
                    + config.namespace()
                    + ": a checkpoint's figures could not be left: "
                    + e.getMessage());
      }
      refused = true;
    }
  }

  private boolean isTooSoon() {
    double sinceMs = ports.clock().nowMs() - lastMs;
    return sinceMs >= 0 && sinceMs < LEAST_MS_BETWEEN_COUNTS;
  }

  private static String shortened(String error) {
    return error.length() > MOST_ERROR_LENGTH ? error.substring(0, MOST_ERROR_LENGTH) : error;
  }

  private String index(String namespace) {
    String index = namespace;
    while (ports.json().utf8Length(index) > MOST_INDEX_BYTES) {
      index = index.substring(0, index.length() - 1);
    }
    return index;
  }

  private List<Double> doubles(StoreStats now, Map<String, Double> counters) {
    Map<String, Double> values = new HashMap<>();
    Metrics.Visitor gather =
        new Metrics.Visitor() {
          @Override
          public void gauge(String name, String help, double value) {
            values.put(name, value);
          }

          @Override
          public void counter(String name, String help, double value) {
            values.put(name + "_total", since(name, value, counters));
          }
        };
    Metrics.visit(now, gather);
    Traffic traffic = now.traffic();
    gather.counter("requests", "", traffic.requests());
    gather.counter("errors", "", traffic.refusals());
    values.put(
        "reply_wait_ms_sum", since("reply_wait_ms_sum", traffic.replyWait().sumMs(), counters));
    values.put(
        "reply_wait_ms_count", since("reply_wait_ms_count", traffic.replyWait().count(), counters));
    List<Double> doubles = new ArrayList<>();
    for (String name : DOUBLES) {
      // Before the first look at the archive there is nothing to say of it.
      doubles.add(values.getOrDefault(name, 0.0));
    }
    return doubles;
  }

  /** What a counter has come to since the last point. */
  private double since(String counter, double value, Map<String, Double> counters) {
    counters.put(counter, value);
    Double last = before.get(counter);
    return value - (last == null ? 0 : last);
  }
}
