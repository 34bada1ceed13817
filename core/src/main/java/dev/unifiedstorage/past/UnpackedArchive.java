package dev.unifiedstorage.past;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.PackedRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The archive with its packed rows taken apart: its reader gets the events that they stand for,
 * each where it belongs, and need not know of packed rows.
 *
 * <p>A packed row stands where its first event does, so a read begins as far before the events that
 * are asked for as such a row can reach, and what is not asked for is left out here. Events of a
 * row are held until the next row's place has passed theirs. After a crash a store may send again
 * in other groups, so rows can overlap; as many are held as do.
 */
public final class UnpackedArchive implements IcebergReader {
  private final IcebergReader archive;
  private final Origin origin;

  public UnpackedArchive(IcebergReader archive, Origin origin) {
    this.archive = archive;
    this.origin = origin;
  }

  @Override
  public Read read(Query query, Visitor visitor) {
    Unpacking unpacking = new Unpacking(query, visitor);
    unpacking.began(archive.read(widened(query), unpacking));
    return unpacking::cancel;
  }

  private static Query widened(Query query) {
    double afterSeq = Math.max(0, query.afterSeq() - (ArchivedEvent.MOST_PACKED - 1));
    // Of which thing a packed event is, its position does not say.
    boolean positions = query.positionsOnly() && query.entityIds() == null;
    // The fences alone need nothing before them.
    return query.untilSeq() == 0
        ? query
        : new Query(
            query.namespace(),
            afterSeq,
            query.untilSeq(),
            query.entityIds(),
            positions,
            query.sinceMs());
  }

  /** The events of a packed row that are asked for and have not been passed on. */
  private static final class Held {
    private final PackedRow row;
    private final ArchivedEvent first;
    private final int end;
    private int next;

    Held(ArchivedEvent row, Query query, Origin origin) {
      this.row = new PackedRow(row, origin);
      this.first = row;
      this.next = (int) Math.max(0, query.afterSeq() + 1 - row.seq());
      this.end = (int) Math.min(this.row.size(), query.untilSeq() + 1 - row.seq());
    }

    boolean isDone() {
      return next >= end;
    }

    ArchivedEvent take() {
      return row.event(next++);
    }

    boolean isBefore(Held other) {
      return compare(other.first, other.row.seq(other.next)) < 0;
    }

    /** How its next event stands to a place of another row's. */
    int compare(ArchivedEvent other, double otherSeq) {
      int byEpoch = Double.compare(first.epoch(), other.epoch());
      int bySeq = byEpoch != 0 ? byEpoch : Double.compare(row.seq(next), otherSeq);
      return bySeq != 0 ? bySeq : Double.compare(first.life(), other.life());
    }
  }

  /** One read. */
  private final class Unpacking implements Visitor {
    private final Query query;
    private final Visitor visitor;
    private final List<Held> held = new ArrayList<>();
    private Optional<Read> read = Optional.empty();
    private boolean ended;

    Unpacking(Query query, Visitor visitor) {
      this.query = query;
      this.visitor = visitor;
    }

    void began(Read under) {
      read = Optional.of(under);
      if (ended) {
        under.cancel();
      }
    }

    void cancel() {
      ended = true;
      held.clear();
      read.ifPresent(Read::cancel);
    }

    @Override
    public void event(ArchivedEvent row) {
      passOn(Optional.of(row));
      if (ended) {
        return;
      }
      if (row.events() == 0 && !ArchivedEvent.PACKED.equals(row.verb())) {
        give(row);
        return;
      }
      try {
        hold(new Held(row, query, origin));
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    private void hold(Held events) {
      if (!events.isDone()) {
        held.add(events);
      }
    }

    /** Passes on what is held up to a row; all of it where there is none. */
    private void passOn(Optional<ArchivedEvent> row) {
      while (!ended && !held.isEmpty()) {
        Held first = held.get(0);
        for (Held other : held) {
          first = other.isBefore(first) ? other : first;
        }
        if (row.isPresent() && first.compare(row.get(), row.get().seq()) > 0) {
          return;
        }
        ArchivedEvent event;
        try {
          event = first.take();
        } catch (RuntimeException e) {
          fail(e);
          return;
        }
        if (first.isDone()) {
          held.remove(first);
        }
        give(event);
      }
    }

    private void give(ArchivedEvent event) {
      if (query.wants(event)) {
        visitor.event(query.positionsOnly() ? event.position() : event);
      }
    }

    private void fail(RuntimeException error) {
      cancel();
      visitor.failed(String.valueOf(error.getMessage()));
    }

    @Override
    public void progress(double rows) {
      if (!ended) {
        visitor.progress(rows);
      }
    }

    @Override
    public void completed(boolean upToDate) {
      passOn(Optional.empty());
      if (!ended) {
        ended = true;
        visitor.completed(upToDate);
      }
    }

    @Override
    public void failed(String error) {
      if (!ended) {
        ended = true;
        visitor.failed(error);
      }
    }
  }
}
