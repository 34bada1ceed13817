package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointerStats;
import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.past.ArchiveWatch;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.wal.EmitterStats;

/** The metrics of a store that are one number each: for Prometheus, and for data points. */
final class Metrics {
  /** Receives one metric after the other. */
  interface Visitor {
    /** What is so now. */
    void gauge(String name, String help, double value);

    /** What has come together since this instance woke. */
    void counter(String name, String help, double value);
  }

  private Metrics() {}

  static void visit(StoreStats stats, Visitor to) {
    to.gauge("up", "1 while requests are answered.", stats.isRunning() ? 1 : 0);
    to.gauge("entries", "Things that exist.", stats.entries());
    to.gauge("entries_in_memory", "Things in memory.", stats.entriesInMemory());
    to.gauge("dirty", "Things and deletions not in SQLite.", stats.dirty());
    to.gauge("estimated_bytes", "Size of things in memory.", stats.estimatedBytes());
    to.gauge("max_store_bytes", "The size it may have.", stats.maxStoreBytes());
    to.gauge("sockets", "Open sockets.", stats.sockets());
    to.gauge("subscriptions", "Subscriptions of clients.", stats.subscriptions());
    to.gauge("sessions", "Sessions of clients that are kept.", stats.sessions());
    to.gauge("epoch", "Current epoch.", stats.epoch());
    to.gauge("applied_seq", "Last applied event.", stats.appliedSeq());
    to.gauge("durable_seq", "Last durable event.", stats.durableSeq());
    to.gauge("checkpoint_seq", "Last checkpointed event.", stats.checkpointSeq());
    to.counter("rows_written", "SQLite rows written.", stats.rowsWritten());
    to.counter(
        "naive_rows_written",
        "Rows that one row a write would have cost.",
        stats.naiveRowsWritten());
    to.counter("alarms", "Alarms set, each a row.", stats.alarms());
    to.counter("dollars", "Rows and Pipeline at list price.", stats.dollars());
    to.counter(
        "naive_dollars",
        "The naive rows at list price.",
        PriceSheet.dollarsForRowsWritten(stats.naiveRowsWritten()));
    if (stats.recovery() != null) {
      RecoveryResult recovery = stats.recovery();
      to.gauge("recovery_duration_ms", "How long the start took.", recovery.durationMs());
      to.gauge("branches", "Lives that do not count.", recovery.branches());
    }
    if (stats.archive().isPresent()) {
      ArchiveWatch.Stats archive = stats.archive().get();
      to.gauge("archive_last_seq", "Last event in the archive.", archive.lastSeq());
      to.gauge("archive_lag_ms", "How far the archive is behind.", archive.lagMs());
      to.gauge("archive_holes", "Ranges of events it lacks.", archive.holes());
      to.gauge("archive_checked_ms", "When it was looked at.", archive.checkedAtMs());
      double limited = archive.limited() ? 1 : 0;
      to.gauge("archive_limited", "1 while its lag has writes go to SQLite.", limited);
    }
    double snapshotAtMs = stats.snapshot().map(Snapshots.Stats::atMs).orElse(0.0);
    to.gauge("snapshot_ms", "When the last snapshot was begun.", snapshotAtMs);
    CheckpointerStats checkpoints = stats.checkpoints();
    to.counter("checkpoints", "Checkpoints taken.", checkpoints.count());
    to.gauge(
        "checkpoint_duration_ms",
        "How long the last checkpoint took.",
        checkpoints.lastDurationMs());
    double failed = checkpoints.lastError() == null ? 0 : 1;
    to.gauge("checkpoint_failed", "1 if the last one failed.", failed);
    to.counter("columnar_writes", "Columnar rows written.", checkpoints.columnarWrites());
    to.counter("packed_writes", "Packed rows written.", checkpoints.packedWrites());
    to.counter("normalized_writes", "Normalized rows written.", checkpoints.normalizedWrites());
    EmitterStats pipeline = stats.pipeline();
    double degraded = pipeline.status() == EmitterStats.Status.DEGRADED ? 1 : 0;
    to.gauge("pipeline_degraded", "1 while events go to SQLite first.", degraded);
    to.gauge("pipeline_queued", "Events not yet accepted.", pipeline.queued());
    to.counter("pipeline_sent", "Events accepted.", pipeline.sent());
    to.counter("pipeline_bytes", "Their size at most.", pipeline.sentBytes());
    to.counter("pipeline_retries", "Sends repeated.", pipeline.retries());
    to.counter(
        "pipeline_dead_lettered",
        "Events given to the dead-letter queue.",
        pipeline.deadLettered());
  }
}
