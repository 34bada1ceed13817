package dev.unifiedstorage.store;

import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.wal.Durability;

/**
 * Says once, in the log, that {@code local} durability costs more than a tenth of the naive way.
 */
final class Thrift {
  private final UnifiedStoreConfig config;
  private final StorePorts ports;
  private final CostMeter cost;
  private boolean told;

  Thrift(UnifiedStoreConfig config, StorePorts ports, CostMeter cost) {
    this.config = config;
    this.ports = ports;
    this.cost = cost;
  }

  void look() {
    double rows = ports.sql().rowsWritten();
    if (told
        || config.durability(ports.archive() != null) != Durability.LOCAL
        || !CostMeter.isMissed(rows, cost.naiveRowsWritten())) {
      return;
    }
    told = true;
    ports
        .observer()
        .warning(
            "namespace "
                + config.namespace()
                + ": durability local has written "
                + (long) rows
                + " rows where one row a write would be "
                + (long) cost.naiveRowsWritten()
                + ", more than a tenth; a longer GROUP_COMMIT_MS than "
                + (long) config.gathering().rowMs()
                + " gathers more writes in a row");
  }
}
