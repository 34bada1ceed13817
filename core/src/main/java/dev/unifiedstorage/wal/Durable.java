package dev.unifiedstorage.wal;

/**
 * How an event becomes durable at this moment.
 *
 * <pre>
 * from         method       to          when
 * ViaPipeline  beginOutage  ViaSqlite   the Pipeline has refused a batch until its retries were used up,
 *                                       a fork brings more than one send may have, or the archive
 *                                       lags too far behind what the Pipeline has accepted
 * AtOnce       beginOutage  ViaSqlite   likewise: events go on waiting for the Pipeline in SQLite
 * ViaSqlite    caughtUp     the former  the Pipeline has everything, and the archive does not lag;
 *                                       only after an outage
 * </pre>
 */
sealed interface Durable {

  static Durable of(Durability durability) {
    return switch (durability) {
      case PIPELINE -> new ViaPipeline();
      case LOCAL -> new ViaSqlite(false, Durability.LOCAL);
      case MEMORY -> new AtOnce();
    };
  }

  /** When the Pipeline has accepted it. */
  record ViaPipeline() implements Durable {
    @Override
    public Durable beginOutage() {
      return new ViaSqlite(true, Durability.PIPELINE);
    }
  }

  /**
   * When its row of the event log is committed.
   *
   * @param outage whether this lasts only until the Pipeline has caught up
   * @param configured what the store was configured with
   */
  record ViaSqlite(boolean outage, Durability configured) implements Durable {
    @Override
    public Durable caughtUp() {
      if (!outage) {
        throw new IllegalStateException("durable: no caughtUp from ViaSqlite without an outage");
      }
      return of(configured);
    }
  }

  /** As soon as it is applied: a crash may lose it. */
  record AtOnce() implements Durable {
    @Override
    public Durable beginOutage() {
      return new ViaSqlite(true, Durability.MEMORY);
    }
  }

  /** Whether this lasts only until the Pipeline has caught up. */
  default boolean isOutage() {
    return this instanceof ViaSqlite sqlite && sqlite.outage();
  }

  default Durable beginOutage() {
    throw new IllegalStateException("durable: no beginOutage from ViaSqlite");
  }

  default Durable caughtUp() {
    throw new IllegalStateException("durable: no caughtUp but from ViaSqlite");
  }
}
