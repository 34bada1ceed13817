package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointWriter;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.StoreDirectory;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.wal.Seqs;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the directory lists this store from its first durable event on, and not once it
 * was deleted.
 *
 * <p>That it is listed is told by each commit record that is written anyway, which costs no row.
 * What fails is tried again, later and later, and then by the next life.
 *
 * <p>A file that was put back tells what was so once. So a life that writes, or finds its store
 * deleted, says once what the record says already: that mostly changes nothing, and is not tried
 * again.
 */
final class Listing {
  private static final double FIRST_RETRY_MS = 1_000;

  /** How often it is tried in one life: a minute in all. */
  private static final int TRIES = 6;

  private final String namespace;
  private final @Nullable StoreDirectory directory;
  private final CheckpointWriter record;
  private final Lifecycle lifecycle;
  private final Seqs seqs;
  private final Clock clock;
  private final Timers timers;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;
  private boolean asking;
  private boolean waiting;
  private int tries;

  /** What was durable when this life began; negative before that. */
  private double durableAtStart = -1;

  /** Whether the directory was told in this life. */
  private boolean told;

  /** When the store was seen to be there first; 0 while it is not. */
  private double createdAtMs;

  Listing(String namespace, Assembly parts, StorePorts ports) {
    this.namespace = namespace;
    this.directory = ports.directory();
    this.record = parts.record();
    this.lifecycle = parts.lifecycle();
    this.seqs = parts.wal().seqs();
    this.clock = ports.clock();
    this.timers = parts.turns().timers(ports.timers());
    this.observer = ports.observer();
    this.about = parts.about();
  }

  /** Whether the directory has answered, or is not asked again in this life. */
  boolean isIdle() {
    return !asking && !waiting;
  }

  void turn() {
    if (directory == null || asking || waiting || tries == TRIES || !lifecycle.isRunning()) {
      return;
    }
    Life life = seqs.life();
    double durable = seqs.durable();
    durableAtStart = durableAtStart < 0 ? durable : durableAtStart;
    boolean emptied = life.isEmptied(durable);
    boolean exists = durable > 0 && !emptied;
    boolean known = exists == record.isListed();
    if (!known || !told && (emptied || durable > durableAtStart)) {
      ask(directory, exists, known);
    }
  }

  /**
   * @param known whether the record says that it is so already
   */
  private void ask(StoreDirectory directory, boolean exists, boolean known) {
    asking = true;
    told = true;
    tries += known ? 0 : 1;
    if (createdAtMs == 0 || !exists) {
      createdAtMs = clock.nowMs();
    }
    Completion done =
        new Completion() {
          @Override
          public void succeeded() {
            asking = false;
            tries = 0;
            createdAtMs = 0;
            record.setListed(exists);
          }

          @Override
          public void failed(String error) {
            asking = false;
            if (!known) {
              retry(error);
            }
          }
        };
    if (exists) {
      directory.list(namespace, createdAtMs, done);
    } else {
      directory.unlist(namespace, done);
    }
  }

  private void retry(String error) {
    observer.warning(about.apply("the directory of stores could not be told: " + error));
    if (tries < TRIES) {
      waiting = true;
      timers.after(FIRST_RETRY_MS * (1 << (tries - 1)), () -> waiting = false);
    }
  }
}
