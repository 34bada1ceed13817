package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.CheckpointerStats;
import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.past.ArchiveWatch;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.RequestType;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.wal.EmitterStats;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Prints a store's figures, as JSON and as Prometheus text. */
final class StatsWriter {
  private final Json json;

  StatsWriter(Json json) {
    this.json = json;
  }

  String stats(StoreStats stats) {
    JsonWriter writer = json.writer().raw("{");
    number(writer, "entries", stats.entries()).raw(",");
    number(writer, "entriesInMemory", stats.entriesInMemory()).raw(",");
    writer.raw("\"types\":{");
    String separator = "";
    for (Map.Entry<String, Integer> type : stats.types().entrySet()) {
      number(writer.raw(separator), type.getKey(), type.getValue());
      separator = ",";
    }
    number(writer.raw("},"), "dirty", stats.dirty()).raw(",");
    number(writer, "estimatedBytes", stats.estimatedBytes()).raw(",");
    text(writer, "phase", stats.phase()).raw(",");
    if (!stats.failure().isEmpty()) {
      text(writer, "failure", stats.failure()).raw(",");
    }
    text(writer, "durability", stats.durability()).raw(",");
    writer.raw("\"tailRecoverable\":").raw(stats.tailRecoverable() ? "true," : "false,");
    number(writer, "epoch", stats.epoch()).raw(",");
    number(writer, "appliedSeq", stats.appliedSeq()).raw(",");
    number(writer, "durableSeq", stats.durableSeq()).raw(",");
    number(writer, "checkpointSeq", stats.checkpointSeq()).raw(",");
    number(writer, "subscriptions", stats.subscriptions()).raw(",");
    number(writer, "sessions", stats.sessions()).raw(",");
    number(writer, "sockets", stats.sockets()).raw(",");
    number(writer, "requests", stats.traffic().requests()).raw(",");
    errors(writer, stats.traffic());
    slowest(writer, stats.slowest());
    number(writer, "rowsWritten", stats.rowsWritten()).raw(",\"cost\":{");
    number(writer, "naiveRowsWritten", stats.naiveRowsWritten()).raw(",");
    number(writer, "alarms", stats.alarms()).raw(",");
    number(writer, "pipelineBytes", stats.pipelineBytes()).raw(",");
    number(writer, "dollars", stats.dollars()).raw(",");
    number(writer, "naiveDollars", PriceSheet.dollarsForRowsWritten(stats.naiveRowsWritten()));
    boolean missed = CostMeter.isMissed(stats.rowsWritten(), stats.naiveRowsWritten());
    writer.raw(",\"overATenth\":").raw(missed ? "true" : "false");
    writer.raw("},\"checkpoints\":");
    checkpoints(writer, stats.checkpoints());
    writer.raw(",\"pipeline\":");
    pipeline(writer, stats.pipeline());
    writer.raw(",\"archive\":");
    archive(writer, stats.archive());
    writer.raw(",\"snapshot\":").raw(stats.snapshot().map(this::snapshot).orElse("null"));
    writer.raw(",\"recovery\":");
    recovery(writer, stats.recovery());
    writer.raw(",");
    return text(writer, "bootId", stats.bootId()).raw("}").text();
  }

  /** How many requests were refused, by their code: those that there were. */
  private static void errors(JsonWriter writer, Traffic traffic) {
    writer.raw("\"errors\":{");
    String separator = "";
    for (ErrorCode code : ErrorCode.values()) {
      if (traffic.refusals(code) > 0) {
        number(writer.raw(separator), code.name(), traffic.refusals(code));
        separator = ",";
      }
    }
    writer.raw("},");
  }

  private static void slowest(JsonWriter writer, List<SlowRequests.Slow> slowest) {
    writer.raw("\"slowest\":[");
    String separator = "{";
    for (SlowRequests.Slow slow : slowest) {
      text(writer.raw(separator), "type", slow.type().label()).raw(",");
      separator = ",{";
      if (slow.thingType() != null) {
        text(writer, "$type", slow.thingType()).raw(",");
      }
      if (slow.sub() != null) {
        text(writer, "sub", slow.sub()).raw(",");
      }
      if (!slow.code().isEmpty()) {
        text(writer, "code", slow.code()).raw(",");
      }
      number(writer, "ms", slow.tookMs()).raw(",");
      number(writer, "atMs", slow.atMs()).raw(",");
      number(writer, "chars", slow.chars()).raw(",");
      number(writer, "replyChars", slow.replyChars()).raw("}");
    }
    writer.raw("],");
  }

  private void checkpoints(JsonWriter writer, CheckpointerStats stats) {
    number(writer.raw("{"), "count", stats.count()).raw(",");
    String trigger = stats.lastTrigger() == null ? null : stats.lastTrigger().label();
    text(writer, "lastTrigger", trigger).raw(",");
    number(writer, "lastDurationMs", stats.lastDurationMs()).raw(",");
    number(writer, "columnarWrites", stats.columnarWrites()).raw(",");
    number(writer, "packedWrites", stats.packedWrites()).raw(",");
    number(writer, "normalizedWrites", stats.normalizedWrites()).raw(",");
    text(writer, "lastError", stats.lastError()).raw("}");
  }

  private void pipeline(JsonWriter writer, EmitterStats stats) {
    text(writer.raw("{"), "status", stats.status().label()).raw(",");
    number(writer, "queued", stats.queued()).raw(",");
    number(writer, "sent", stats.sent()).raw(",");
    number(writer, "retries", stats.retries()).raw(",");
    number(writer, "deadLettered", stats.deadLettered()).raw(",");
    text(writer, "lastError", stats.lastError()).raw("}");
  }

  private void archive(JsonWriter writer, Optional<ArchiveWatch.Stats> looked) {
    if (looked.isEmpty()) {
      writer.raw("null");
      return;
    }
    ArchiveWatch.Stats stats = looked.get();
    number(writer.raw("{"), "lastSeq", stats.lastSeq()).raw(",");
    number(writer, "lagMs", stats.lagMs()).raw(",");
    number(writer, "holes", stats.holes()).raw(",");
    if (stats.holes() > 0) {
      writer.raw("\"firstHole\":[").number(stats.firstHoleFrom()).raw(",");
      writer.number(stats.firstHoleTo()).raw("],");
    }
    number(writer, "checkedAtMs", stats.checkedAtMs()).raw(",\"limited\":");
    writer.raw(stats.limited() ? "true}" : "false}");
  }

  String snapshot(Snapshots.Stats stats) {
    JsonWriter writer = json.writer();
    text(writer.raw("{"), "at", stats.at()).raw(",");
    number(writer, "atMs", stats.atMs()).raw(",");
    number(writer, "parts", stats.parts()).raw(",");
    number(writer, "things", stats.things()).raw(",\"running\":");
    return writer.raw(stats.running() ? "true}" : "false}").text();
  }

  private void recovery(JsonWriter writer, @Nullable RecoveryResult result) {
    if (result == null) {
      writer.raw("null");
      return;
    }
    text(writer.raw("{"), "source", result.source().label()).raw(",");
    number(writer, "thingsLoaded", result.thingsLoaded()).raw(",");
    number(writer, "eventsReplayed", result.eventsReplayed()).raw(",");
    number(writer, "duplicatesSkipped", result.duplicatesSkipped()).raw(",");
    number(writer, "branches", result.branches()).raw(",");
    writer.raw("\"branchLives\":[");
    String separator = "";
    for (double life : result.branchLives()) {
      writer.raw(separator).number(life);
      separator = ",";
    }
    number(writer.raw("],"), "branchEvents", result.branchEvents()).raw(",");
    if (result.from() != null) {
      text(writer.raw("\"from\":{"), "namespace", result.from().namespace()).raw(",");
      text(writer, "writer", result.from().writer()).raw(",");
      text(writer, "at", result.from().at()).raw("},");
    }
    number(writer, "durationMs", result.durationMs()).raw(",\"clean\":");
    writer.raw(result.clean() ? "true}" : "false}");
  }

  String recovery(@Nullable RecoveryResult result) {
    JsonWriter writer = json.writer();
    recovery(writer, result);
    return writer.text();
  }

  String checkpoint(CheckpointStats stats) {
    JsonWriter writer = json.writer().raw("{");
    text(writer, "trigger", stats.trigger().label()).raw(",");
    number(writer, "entityCount", stats.entityCount()).raw(",");
    number(writer, "rowsWritten", stats.rowsWritten()).raw(",");
    number(writer, "columnarWrites", stats.columnarWrites()).raw(",");
    number(writer, "packedWrites", stats.packedWrites()).raw(",");
    number(writer, "normalizedWrites", stats.normalizedWrites()).raw(",");
    return number(writer, "durationMs", stats.durationMs()).raw("}").text();
  }

  String metrics(StoreStats stats) {
    JsonWriter writer = json.writer();
    String labels = "namespace=" + json.writer().string(stats.namespace()).text();
    Metrics.visit(
        stats,
        new Metrics.Visitor() {
          @Override
          public void gauge(String name, String help, double value) {
            metric(writer, name, "gauge", labels, help, value);
          }

          @Override
          public void counter(String name, String help, double value) {
            metric(writer, name + "_total", "counter", labels, help, value);
          }
        });
    traffic(writer, labels, stats);
    return writer.text();
  }

  private static void metric(
      JsonWriter writer, String name, String kind, String labels, String help, double value) {
    String full = "unified_storage_" + name;
    head(writer, full, kind, help);
    writer.raw(full + "{" + labels + "} ").number(value).raw("\n");
  }

  private static void head(JsonWriter writer, String full, String kind, String help) {
    writer.raw("# HELP " + full + " " + help + "\n# TYPE " + full + " " + kind + "\n");
  }

  /** What has more labels, or more lines than one. */
  private static void traffic(JsonWriter writer, String labels, StoreStats stats) {
    Traffic traffic = stats.traffic();
    String requests = "unified_storage_requests_total";
    head(writer, requests, "counter", "Requests of clients, by type.");
    for (RequestType type : RequestType.values()) {
      if (type != RequestType.LATER) {
        writer.raw(requests + "{" + labels + ",type=\"" + type.label() + "\"} ");
        writer.number(traffic.requests(type)).raw("\n");
      }
    }
    String errors = "unified_storage_errors_total";
    head(writer, errors, "counter", "Requests that were refused, by type and code.");
    for (RequestType type : RequestType.values()) {
      for (ErrorCode code : ErrorCode.values()) {
        double refusals = traffic.refusals(type, code);
        // A rate begins with the second of a series; of faults the first has to count.
        if (refusals > 0 || code == ErrorCode.INTERNAL_ERROR) {
          writer.raw(errors + "{" + labels + ",type=\"" + type.label() + "\",code=\"");
          writer.raw(code.name() + "\"} ").number(refusals).raw("\n");
        }
      }
    }
    histogram(
        writer,
        "reply_wait_ms",
        "How long replies to writes waited for durability, by durability.",
        labels + ",durability=\"" + stats.durability() + "\"",
        traffic.replyWait());
    histogram(
        writer,
        "queue_wait_ms",
        "How long the oldest event of a send waited until the Pipeline had it.",
        labels,
        stats.queueWait());
    String checkpoints = "How long checkpoints took.";
    histogram(writer, "checkpoint_ms", checkpoints, labels, traffic.checkpoints());
    String recoveries = "How long the start took, and rebuilds.";
    histogram(writer, "recovery_ms", recoveries, labels, traffic.recoveries());
  }

  private static void histogram(
      JsonWriter writer, String name, String help, String labels, Histogram histogram) {
    String full = "unified_storage_" + name;
    head(writer, full, "histogram", help);
    histogram.writeTo(writer, full, labels);
  }

  private static JsonWriter number(JsonWriter writer, String name, double value) {
    return writer.string(name).raw(":").number(value);
  }

  private static JsonWriter text(JsonWriter writer, String name, @Nullable String value) {
    writer.string(name).raw(":");
    return value == null ? writer.raw("null") : writer.string(value);
  }
}
