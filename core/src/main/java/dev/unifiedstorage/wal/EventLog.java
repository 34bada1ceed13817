package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.LineWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events in SQLite: what {@code local} durability rests on, and the outbox of what the Pipeline
 * does not have yet.
 *
 * <p>A row stands for a range of seqs. It is kept until the checkpoint that covers the range has
 * committed and the Pipeline has accepted it; then its slot is free. The number of rows is bounded.
 */
public final class EventLog {
  /** The most rows of events; at the bound writes are refused until the Pipeline accepts some. */
  static final int MAX_ROWS = 20_000;

  private record Row(int slot, double firstSeq, double lastSeq) {}

  /** Rows of a transaction that has not committed yet. */
  public static final class Written {
    /** No rows. */
    public static final Written NONE = new Written(List.of());

    private final List<Row> rows;

    private Written(List<Row> rows) {
      this.rows = rows;
    }

    public boolean isEmpty() {
      return rows.isEmpty();
    }
  }

  private final Tables tables;
  private final TableReader reader;
  private final Slots slots;
  private final Origin origin;
  private final ArrayDeque<Row> rows = new ArrayDeque<>();

  public EventLog(Tables tables, TableReader reader, Slots slots, Origin origin) {
    this.tables = tables;
    this.reader = reader;
    this.slots = slots;
    this.origin = origin;
  }

  boolean hasRoom() {
    return rows.size() < MAX_ROWS;
  }

  /** Takes over a row found at start-up; rows come in the order they were written. */
  public void found(SegmentRow row) {
    rows.add(new Row(row.slot(), row.firstSeq(), row.lastSeq()));
  }

  /** Visits the events of one row. */
  public void forEachEvent(SegmentRow row, Consumer<Event> visitor) {
    EventLine.readAll(row.body(), origin, SegmentRow.name(row.slot()), visitor);
  }

  /** The lines of events, as they ride in a commit record. */
  public String lines(List<Event> events) {
    LineWriter lines = origin.json().lines();
    for (Event event : events) {
      lines.add(EventLine.write(event));
    }
    return lines.text();
  }

  /** The events of such lines. */
  public List<Event> parseLines(String lines) {
    List<Event> events = new ArrayList<>();
    EventLine.readAll(lines, origin, "with the commit record", events::add);
    return events;
  }

  /**
   * How many of some events go to rows: the fences behind the last event stay in the commit record.
   * A row is read for its events, and these have theirs in another one.
   */
  public static int endOfEvents(List<Event> events) {
    int end = events.size();
    while (end > 0 && events.get(end - 1).seq() == 0) {
      end--;
    }
    return end;
  }

  /**
   * Writes events, as few rows as they fit; called inside a transaction.
   *
   * @return the rows, to be {@link #committed} once the transaction has; without that the slots
   *     stay unused, which costs nothing but their numbers
   */
  public Written write(List<Event> events, double tx) {
    List<Row> written = new ArrayList<>();
    Json json = origin.json();
    LineWriter body = json.lines();
    int bytes = 0;
    int first = 0;
    for (int i = 0; i < events.size(); i++) {
      String line = EventLine.write(events.get(i));
      int lineBytes = json.utf8Length(line) + 1;
      // A row stands for seqs, and a fence has none: it stays with what is before it.
      boolean fence = events.get(i).seq() == 0;
      if (bytes > 0 && bytes + lineBytes > Tables.ROW_LIMIT_BYTES && !fence) {
        written.add(writeRow(events.subList(first, i), body.text(), tx));
        body = json.lines();
        bytes = 0;
        first = i;
      }
      body.add(line);
      bytes += lineBytes;
    }
    written.add(writeRow(events.subList(first, events.size()), body.text(), tx));
    return new Written(written);
  }

  /** The transaction that wrote them has committed. */
  public void committed(Written written) {
    rows.addAll(written.rows);
  }

  private Row writeRow(List<Event> events, String body, double tx) {
    double firstSeq = 0;
    double lastSeq = 0;
    for (Event event : events) {
      firstSeq = firstSeq == 0 ? event.seq() : firstSeq;
      lastSeq = Math.max(lastSeq, event.seq());
    }
    Event last = events.get(events.size() - 1);
    int slot = slots.take();
    tables.writeSegment(
        new SegmentRow(slot, SegmentRow.Kind.LOG, tx, last.epoch(), firstSeq, lastSeq, body), null);
    return new Row(slot, firstSeq, lastSeq);
  }

  /** Which seqs are in rows, for one look at rising seqs. */
  final class Ranges {
    private final Iterator<Row> rest = rows.iterator();
    private @Nullable Row row = rest.hasNext() ? rest.next() : null;

    /** Whether a row has the event; seqs must not fall from one call to the next. */
    boolean contain(double seq) {
      while (row != null && row.lastSeq() < seq) {
        row = rest.hasNext() ? rest.next() : null;
      }
      return row != null && row.firstSeq() <= seq;
    }
  }

  Ranges ranges() {
    return new Ranges();
  }

  /** The first seq in the rows that hold any event past {@code seq}; infinite when none does. */
  double firstSeqAfter(double seq) {
    for (Row row : rows) {
      if (row.lastSeq() > seq) {
        return row.firstSeq();
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Frees the rows up to a seq that a checkpoint covers and the Pipeline has. */
  void release(double upToSeq) {
    while (!rows.isEmpty() && rows.peek().lastSeq() <= upToSeq) {
      slots.release(rows.poll().slot());
    }
  }

  /**
   * The logged events past a seq, each with the fences before it, from as few rows as hold {@code
   * atLeast} of them.
   */
  List<Event> readAfter(double seq, int atLeast) {
    List<Event> found = new ArrayList<>();
    for (Row row : rows) {
      if (found.size() >= atLeast) {
        break;
      }
      if (row.lastSeq() > seq) {
        FencedEvents later = new FencedEvents(event -> event.seq() > seq);
        forEachEvent(reader.segment(row.slot()), later::add);
        found.addAll(later.picked());
      }
    }
    return found;
  }
}
