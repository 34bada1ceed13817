package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointerStats;
import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.past.ArchiveWatch;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Durability;
import dev.unifiedstorage.wal.EmitterStats;
import dev.unifiedstorage.wal.Seqs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A store's figures at one moment; counters count from the moment this instance woke.
 *
 * @param tailRecoverable whether everything acknowledged can be read back by this object
 * @param failure why the state could not be had, or "" when it could
 * @param types how many things of each type there are, of the first types in order
 * @param pipelineBytes what the Pipeline has accepted, snapshots included
 * @param archive how the archive stands, empty until somebody has looked
 * @param snapshot the last one, empty until there is one
 * @param recovery null until it has ended
 * @param slowest the slowest requests of the last minutes, the slowest first
 * @param queueWait how long events had waited when the Pipeline had them
 * @param bootId new for every instance in memory
 */
record StoreStats(
    String namespace,
    String phase,
    String failure,
    int entries,
    int entriesInMemory,
    Map<String, Integer> types,
    int dirty,
    double estimatedBytes,
    String durability,
    boolean tailRecoverable,
    double epoch,
    double appliedSeq,
    double durableSeq,
    double checkpointSeq,
    double rowsWritten,
    double naiveRowsWritten,
    int alarms,
    CheckpointerStats checkpoints,
    EmitterStats pipeline,
    double pipelineBytes,
    Optional<ArchiveWatch.Stats> archive,
    Optional<Snapshots.Stats> snapshot,
    @Nullable RecoveryResult recovery,
    int subscriptions,
    int sessions,
    int sockets,
    double maxStoreBytes,
    Traffic traffic,
    List<SlowRequests.Slow> slowest,
    Histogram queueWait,
    String bootId) {
  /** More types than that are not told one by one. */
  private static final int MAX_TYPES = 100;

  static StoreStats of(
      UnifiedStoreConfig config, StorePorts ports, Assembly parts, int sockets, String bootId) {
    Durability durability = config.durability(ports.archive() != null);
    Seqs seqs = parts.wal().seqs();
    return new StoreStats(
        config.namespace(),
        parts.lifecycle().state().label(),
        parts.lifecycle().failure(),
        parts.state().size(),
        parts.state().sizeInMemory(),
        typeCounts(parts.state()),
        parts.state().dirtyCount(),
        parts.state().estimatedBytes() + parts.queryEngine().indexBytes(),
        durability.label(),
        durability.isTailRecoverable(ports.archive() != null),
        seqs.epoch(),
        seqs.applied(),
        seqs.durable(),
        seqs.checkpointed(),
        ports.sql().rowsWritten(),
        parts.cost().naiveRowsWritten(),
        parts.committer().alarms(),
        parts.committer().stats(),
        parts.wal().outgoing().stats(),
        parts.wal().outgoing().stats().sentBytes() + parts.snapshots().sentBytes(),
        parts.watch().stats(),
        parts.snapshots().stats(),
        parts.lifecycle().lastRecovery(),
        parts.feed().subscriptions(),
        parts.sessions().size(),
        sockets,
        config.maxStoreBytes(),
        parts.traffic(),
        parts.traffic().slow().told(ports.clock().nowMs()),
        parts.wal().outgoing().waits(),
        bootId);
  }

  /** Whether requests are answered. */
  boolean isRunning() {
    return phase.equals(Lifecycle.State.Running.LABEL);
  }

  /** What differs from the naive way: rows, alarms among them, and what the sink is sent. */
  double dollars() {
    return PriceSheet.dollarsForRowsWritten(rowsWritten)
        + PriceSheet.dollarsForPipelineBytes(pipelineBytes);
  }

  /** In the order of their names: that in which they are in memory is another after a start. */
  private static Map<String, Integer> typeCounts(Things things) {
    List<TypedCollection> collections = new ArrayList<>();
    for (TypedCollection collection : things.collections()) {
      if (collection.size() > 0) {
        collections.add(collection);
      }
    }
    collections.sort((a, b) -> a.type().compareTo(b.type()));
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (int i = 0; i < collections.size() && i < MAX_TYPES; i++) {
      counts.put(collections.get(i).type(), collections.get(i).size());
    }
    return counts;
  }
}
