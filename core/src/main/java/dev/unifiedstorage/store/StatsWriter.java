package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.CheckpointerStats;
import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.figures.Traffic;
import dev.unifiedstorage.past.ArchiveWatch;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.wal.EmitterStats;
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
    number(writer, "rowsWritten", stats.rowsWritten()).raw(",\"cost\":{");
    number(writer, "naiveRowsWritten", stats.naiveRowsWritten()).raw(",");
    number(writer, "alarms", stats.alarms()).raw(",");
    number(writer, "pipelineBytes", stats.pipelineBytes()).raw(",");
    number(writer, "dollars", dollars(stats)).raw(",");
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

  /** What differs from the naive way: rows, alarms among them, and what the sink is sent. */
  private static double dollars(StoreStats stats) {
    return PriceSheet.dollarsForRowsWritten(stats.rowsWritten())
        + PriceSheet.dollarsForPipelineBytes(stats.pipelineBytes());
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
    gauge(writer, "up", labels, "1 while requests are answered.", stats.isRunning() ? 1 : 0);
    gauge(writer, "entries", labels, "Things that exist.", stats.entries());
    gauge(writer, "entries_in_memory", labels, "Things in memory.", stats.entriesInMemory());
    gauge(writer, "dirty", labels, "Things and deletions not in SQLite.", stats.dirty());
    gauge(writer, "estimated_bytes", labels, "Size of things in memory.", stats.estimatedBytes());
    gauge(writer, "max_store_bytes", labels, "The size it may have.", stats.maxStoreBytes());
    gauge(writer, "sockets", labels, "Open sockets.", stats.sockets());
    gauge(writer, "subscriptions", labels, "Subscriptions of clients.", stats.subscriptions());
    gauge(writer, "sessions", labels, "Sessions of clients that are kept.", stats.sessions());
    gauge(writer, "epoch", labels, "Current epoch.", stats.epoch());
    gauge(writer, "applied_seq", labels, "Last applied event.", stats.appliedSeq());
    gauge(writer, "durable_seq", labels, "Last durable event.", stats.durableSeq());
    gauge(writer, "checkpoint_seq", labels, "Last checkpointed event.", stats.checkpointSeq());
    traffic(writer, labels, stats.traffic());
    counter(writer, "rows_written", labels, "SQLite rows written.", stats.rowsWritten());
    counter(
        writer,
        "naive_rows_written",
        labels,
        "Rows that one row a write would have cost.",
        stats.naiveRowsWritten());
    counter(writer, "alarms", labels, "Alarms set, each a row.", stats.alarms());
    counter(writer, "dollars", labels, "Rows and Pipeline at list price.", dollars(stats));
    counter(
        writer,
        "naive_dollars",
        labels,
        "The naive rows at list price.",
        PriceSheet.dollarsForRowsWritten(stats.naiveRowsWritten()));
    if (stats.recovery() != null) {
      RecoveryResult recovery = stats.recovery();
      gauge(
          writer,
          "recovery_duration_ms",
          labels,
          "How long the start took.",
          recovery.durationMs());
      gauge(writer, "branches", labels, "Lives that do not count.", recovery.branches());
    }
    if (stats.archive().isPresent()) {
      ArchiveWatch.Stats archive = stats.archive().get();
      gauge(writer, "archive_last_seq", labels, "Last event in the archive.", archive.lastSeq());
      gauge(writer, "archive_lag_ms", labels, "How far the archive is behind.", archive.lagMs());
      gauge(writer, "archive_holes", labels, "Ranges of events it lacks.", archive.holes());
      gauge(writer, "archive_checked_ms", labels, "When it was looked at.", archive.checkedAtMs());
      double limited = archive.limited() ? 1 : 0;
      gauge(writer, "archive_limited", labels, "1 while its lag has writes go to SQLite.", limited);
    }
    double snapshotAtMs = stats.snapshot().map(Snapshots.Stats::atMs).orElse(0.0);
    gauge(writer, "snapshot_ms", labels, "When the last snapshot was begun.", snapshotAtMs);
    CheckpointerStats checkpoints = stats.checkpoints();
    counter(writer, "checkpoints", labels, "Checkpoints taken.", checkpoints.count());
    gauge(
        writer,
        "checkpoint_duration_ms",
        labels,
        "How long the last checkpoint took.",
        checkpoints.lastDurationMs());
    double failed = checkpoints.lastError() == null ? 0 : 1;
    gauge(writer, "checkpoint_failed", labels, "1 if the last one failed.", failed);
    counter(
        writer, "columnar_writes", labels, "Columnar rows written.", checkpoints.columnarWrites());
    counter(writer, "packed_writes", labels, "Packed rows written.", checkpoints.packedWrites());
    counter(
        writer,
        "normalized_writes",
        labels,
        "Normalized rows written.",
        checkpoints.normalizedWrites());
    EmitterStats pipeline = stats.pipeline();
    double degraded = pipeline.status() == EmitterStats.Status.DEGRADED ? 1 : 0;
    gauge(writer, "pipeline_degraded", labels, "1 while events go to SQLite first.", degraded);
    gauge(writer, "pipeline_queued", labels, "Events not yet accepted.", pipeline.queued());
    counter(writer, "pipeline_sent", labels, "Events accepted.", pipeline.sent());
    counter(writer, "pipeline_bytes", labels, "Their size at most.", pipeline.sentBytes());
    counter(writer, "pipeline_retries", labels, "Sends repeated.", pipeline.retries());
    counter(
        writer,
        "pipeline_dead_lettered",
        labels,
        "Events given to the dead-letter queue.",
        pipeline.deadLettered());
    return writer.text();
  }

  private static void gauge(
      JsonWriter writer, String name, String labels, String help, double value) {
    metric(writer, name, "gauge", labels, help, value);
  }

  private static void counter(
      JsonWriter writer, String name, String labels, String help, double value) {
    metric(writer, name + "_total", "counter", labels, help, value);
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

  private static void traffic(JsonWriter writer, String labels, Traffic traffic) {
    counter(writer, "requests", labels, "Requests of clients.", traffic.requests());
    String errors = "unified_storage_errors_total";
    head(writer, errors, "counter", "Requests that were refused, by code.");
    for (ErrorCode code : ErrorCode.values()) {
      writer.raw(errors + "{" + labels + ",code=\"" + code.name() + "\"} ");
      writer.number(traffic.refusals(code)).raw("\n");
    }
    String wait = "unified_storage_reply_wait_ms";
    head(writer, wait, "histogram", "How long replies to writes waited for durability.");
    traffic.replyWait().writeTo(writer, wait, labels);
    String checkpoint = "unified_storage_checkpoint_ms";
    head(writer, checkpoint, "histogram", "How long checkpoints took.");
    traffic.checkpoints().writeTo(writer, checkpoint, labels);
  }

  private static JsonWriter number(JsonWriter writer, String name, double value) {
    return writer.string(name).raw(":").number(value);
  }

  private static JsonWriter text(JsonWriter writer, String name, @Nullable String value) {
    writer.string(name).raw(":");
    return value == null ? writer.raw("null") : writer.string(value);
  }
}
