package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.LogFollower;
import dev.unifiedstorage.past.ArchiveSurvey;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.data.parquet.InternalWriter;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;

/**
 * Moves the stream {@code events} from its log into the table, every record once.
 *
 * <p>A batch is one file and one commit: it is written and synced, then committed together with the
 * offset it reaches to, and then the log may be cut. Whatever step the process dies after, the next
 * one asks the table how far it is and goes on from there. A file that was written and not
 * committed is written over by the next try, which gives it the same name. Nothing about the
 * position is kept outside of the table.
 *
 * <p>Records that do not fit the schema are dropped after they were accepted, as on the platform;
 * the first one is logged, and all are counted.
 *
 * <p>It belongs to one thread.
 */
final class Sink {
  /** A batch is cut off here, which makes files of some 10 MB and a pause for other things. */
  static final long BATCH_BYTES = 64L << 20;

  /** Snapshots are metadata that every commit writes again: more than this many are thinned out. */
  static final int MOST_SNAPSHOTS = 200;

  static final int KEPT_SNAPSHOTS = 100;

  /**
   * A part of the log as a file that is synced and not yet in the table.
   *
   * @param file null when no record fitted
   * @param to the offset behind the last record
   */
  record Batch(Table table, DataFile file, long from, long to, long dropped) {}

  private final EventsTable events;
  private final EmbeddedPipeline pipeline;
  private final Faults faults;
  private final Clock clock;
  private final StoreObserver observer;
  private final EventRow row = new EventRow();
  private final RecordLine line = new RecordLine();
  private final Sightings sightings;
  private ArchiveSurvey written = new ArchiveSurvey();
  private LogFollower follower;
  private long droppedInBatch;
  private volatile long dropped;
  private volatile long position;

  Sink(
      EventsTable events,
      EmbeddedPipeline pipeline,
      Faults faults,
      Sightings sightings,
      Clock clock,
      StoreObserver observer) {
    this.events = events;
    this.pipeline = pipeline;
    this.faults = faults;
    this.clock = clock;
    this.sightings = sightings;
    this.observer = observer;
  }

  /** How many records did not fit, since the process began. */
  long dropped() {
    return dropped;
  }

  /** The offset up to which the log was in the table when last looked at. */
  long position() {
    return position;
  }

  /** How much of the log is not in the table, in bytes. */
  long bytesBehind() throws IOException {
    return follower == null ? 0 : follower.bytesBehind();
  }

  /**
   * Moves everything that is there at the beginning, batch by batch, while {@code goOn} says so.
   * What comes meanwhile mostly waits for the next roll, or a busy stream would never let one end.
   */
  void roll(BooleanSupplier goOn) throws IOException {
    boolean moved = false;
    try {
      long until = pipeline.end(EmbeddedPipeline.EVENTS);
      Batch batch = write(goOn);
      while (batch != null) {
        commit(batch);
        moved = true;
        batch = batch.to < until ? write(goOn) : null;
      }
    } catch (IOException | RuntimeException e) {
      // What is in the table now is for the table to say.
      follower = null;
      sightings.begin(clock.nowMs());
      throw e;
    }
    if (moved) {
      cut();
      thinOut();
    }
  }

  /**
   * Writes the next batch to a file.
   *
   * @return null when there is nothing to write, or {@code goOn} ended it
   */
  Batch write(BooleanSupplier goOn) throws IOException {
    if (!goOn.getAsBoolean()) {
      return null;
    }
    Table table = events.loadOrCreate(pipeline.first(EmbeddedPipeline.EVENTS));
    long from = goTo(table);
    long until = pipeline.end(EmbeddedPipeline.EVENTS);
    if (until == from) {
      return null;
    }
    long nowMicros = TimeUnit.MILLISECONDS.toMicros((long) clock.nowMs());
    row.set(EventRow.INGEST_TS, nowMicros);
    Schema schema = EventsTable.schemaOf(table);
    PartitionKey day = new PartitionKey(table.spec(), schema);
    day.partition(row);
    OutputFile output = table.io().newOutputFile(location(table, day, from));
    droppedInBatch = 0;
    written = new ArchiveSurvey();
    DataWriter<EventRow> writer =
        Parquet.writeData(output)
            .forTable(table)
            // Columns that someone added since are null in what the sink writes.
            .schema(schema)
            .withSpec(table.spec())
            .withPartition(day)
            .createWriterFunc(InternalWriter::createWriter)
            .overwrite()
            .build();
    boolean whole = false;
    try (writer) {
      whole = fill(writer, until, goOn);
    } finally {
      if (!whole) {
        events.io().deleteFile(output.location());
      }
    }
    if (!whole) {
      follower = null;
      return null;
    }
    DataFile file = writer.toDataFile();
    if (file.recordCount() == 0) {
      events.io().deleteFile(output.location());
      file = null;
    }
    return new Batch(table, file, from, follower.offset(), droppedInBatch);
  }

  /** Makes a batch part of the table, and the offset with it. */
  void commit(Batch batch) {
    Transaction transaction = batch.table.newTransaction();
    if (batch.file != null) {
      AppendFiles append = transaction.newAppend().appendFile(batch.file);
      append.set(EventsTable.BATCH, EmbeddedPipeline.EVENTS + ":" + batch.from + "-" + batch.to);
      append.set(EventsTable.DROPPED, Long.toString(batch.dropped));
      append.commit();
    }
    transaction.updateProperties().set(EventsTable.NEXT_OFFSET, Long.toString(batch.to)).commit();
    transaction.commitTransaction();
    position = batch.to;
    sightings.add(written, clock.nowMs());
  }

  /** Lets go of the log as far as the table has it. */
  void cut() throws IOException {
    pipeline.cut(EmbeddedPipeline.EVENTS, EventsTable.nextOffset(events.load()));
  }

  private void thinOut() {
    Table table = events.load();
    if (EventsTable.snapshots(table) > MOST_SNAPSHOTS) {
      events.expire(table, KEPT_SNAPSHOTS);
    }
  }

  /** Makes the follower stand where the table ends, and says where that is. */
  private long goTo(Table table) throws IOException {
    long next = EventsTable.nextOffset(table);
    long first = pipeline.first(EmbeddedPipeline.EVENTS);
    long end = pipeline.end(EmbeddedPipeline.EVENTS);
    if (next > end) {
      observer.error(
          "the table has the log up to offset "
              + next
              + ", but the log ends at "
              + end
              + ": it must have been replaced, so it is read from its beginning");
      next = first;
    } else if (next < first) {
      String missing = next + "-" + (first - 1);
      observer.error(
          "the log begins at offset " + first + "; the table will never have " + missing);
      table.updateProperties().set(EventsTable.MISSING, missing).commit();
      next = first;
    }
    if (follower == null || follower.offset() != next) {
      follower = pipeline.follow(EmbeddedPipeline.EVENTS, next);
    }
    position = next;
    return next;
  }

  /**
   * The name of the next file. The table's count of commits is in it, so that it is the same again
   * until the file is committed and never afterwards; and its id, so that a table made anew writes
   * over nothing that readers may hold.
   */
  private static String location(Table table, PartitionKey day, long from) {
    long commits = ((HasTableOperations) table).operations().current().lastSequenceNumber();
    String id = table.uuid().toString().substring(0, 8);
    String name = String.format(Locale.ROOT, "%020d-%d-%s.parquet", from, commits, id);
    return table.locationProvider().newDataLocation(table.spec(), day, name);
  }

  /** Whether the batch was filled; if not, it was told to stop. */
  private boolean fill(DataWriter<EventRow> writer, long until, BooleanSupplier goOn)
      throws IOException {
    long[] bytes = {0};
    while (follower.offset() < until && bytes[0] < BATCH_BYTES) {
      if (!goOn.getAsBoolean()) {
        return false;
      }
      long from = follower.offset();
      follower.next(
          (text, start, end) -> {
            bytes[0] += end - start;
            String misfit =
                faults.sinkMode() == Faults.SinkMode.DROP
                    ? "the sink drops (fault \"drop\")"
                    : line.read(text, start, end, row);
            if (misfit == null) {
              writer.write(row);
              row.tell(written);
            } else {
              drop(from, misfit);
            }
          });
    }
    return true;
  }

  /** Counts a record that fits no row. */
  // One thread writes the count, others read it.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void drop(long from, String misfit) {
    droppedInBatch++;
    if (dropped++ == 0) {
      observer.warning(
          "a record of stream "
              + EmbeddedPipeline.EVENTS
              + ", at or behind offset "
              + from
              + ", does not fit the schema and is dropped, as on the platform: "
              + misfit
              + "; further ones are only counted, see GET /archive");
    }
  }
}
