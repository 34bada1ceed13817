package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader.Query;
import dev.unifiedstorage.port.IcebergReader.Visitor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * One read on its way: the table is read on a thread of the archive's, the visitor is called on the
 * object's event loop.
 *
 * <p>Events cross in batches, and the reading thread waits when two of them have not been taken, so
 * that a slow object holds a bounded part of the table in memory. A read that was cancelled calls
 * no visitor, and its thread stops at the next row.
 */
final class ArchiveRead {
  private static final int BATCH_EVENTS = 512;
  private static final int BATCH_BYTES = 1 << 18;
  private static final int BATCHES_UNDER_WAY = 2;
  private static final int PROGRESS_ROWS = 100_000;

  private final Query query;
  private final Visitor visitor;
  private final Executor loop;
  private final Consumer<ArchiveRead> ended;
  private final Semaphore room = new Semaphore(BATCHES_UNDER_WAY);
  private List<ArchivedEvent> batch = new ArrayList<>();
  private int batchBytes;
  private long looked;
  private volatile boolean cancelled;

  /**
   * @param ended called on the event loop before the visitor learns of the end
   */
  ArchiveRead(Query query, Visitor visitor, Executor loop, Consumer<ArchiveRead> ended) {
    this.query = query;
    this.visitor = visitor;
    this.loop = loop;
    this.ended = ended;
  }

  Query query() {
    return query;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Stops it; the event loop's, or anyone's once the event loop runs nothing more. */
  void cancel() {
    cancelled = true;
    room.release();
  }

  /** Takes note that one more row of the table was looked at. */
  void looked() {
    if (++looked % PROGRESS_ROWS == 0) {
      long rows = looked;
      loop.execute(
          () -> {
            if (!cancelled) {
              visitor.progress(rows);
            }
          });
    }
  }

  /**
   * Takes the next event, and waits while the object is busy with those before.
   *
   * @return whether more are wanted
   */
  boolean event(ArchivedEvent event, int bytes) {
    batch.add(event);
    batchBytes += bytes;
    if (batch.size() >= BATCH_EVENTS || batchBytes >= BATCH_BYTES) {
      handOver();
    }
    return !cancelled;
  }

  void completed(boolean upToDate) {
    handOver();
    end(() -> visitor.completed(upToDate));
  }

  void failed(String error) {
    end(() -> visitor.failed(error));
  }

  private void handOver() {
    List<ArchivedEvent> events = batch;
    batch = new ArrayList<>();
    batchBytes = 0;
    room.acquireUninterruptibly();
    if (!cancelled) {
      loop.execute(
          () -> {
            try {
              for (ArchivedEvent event : events) {
                if (cancelled) {
                  return;
                }
                visitor.event(event);
              }
            } finally {
              room.release();
            }
          });
    }
  }

  private void end(Runnable tell) {
    loop.execute(
        () -> {
          if (!cancelled) {
            ended.accept(this);
            tell.run();
          }
        });
  }
}
