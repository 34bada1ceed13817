package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader.Query;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;

/**
 * Reads a namespace's events out of one snapshot of the table.
 *
 * <p>Manifests, then files, then row groups are left out by their bounds on {@code ns} and {@code
 * seq}, the first two also by when their rows came. What remains is read in the order it was
 * committed, which is nearly the order that is wanted.
 */
final class TableScan {
  private final Table table;
  private final long expectedOffset;
  private final Path scratch;
  private final long bufferBytes;

  /**
   * @param expectedOffset how much of the log the table must have to be called up to date
   * @param scratch where rows are kept that do not fit in memory
   */
  TableScan(Table table, long expectedOffset, Path scratch, long bufferBytes) {
    this.table = table;
    this.expectedOffset = expectedOffset;
    this.scratch = scratch;
    this.bufferBytes = bufferBytes;
  }

  /** Hands the events to {@code read}, all of them unless it is cancelled. */
  void run(ArchiveRead read) throws IOException {
    String missing = table.properties().get(EventsTable.MISSING);
    if (missing != null) {
      throw new IOException(
          "the log's offsets "
              + missing
              + " never came into the table, so what it lacks is unknown");
    }
    EventColumns columns = columns(read.query());
    NameMapping names = names();
    try (RowSorter sorter = new RowSorter(scratch, bufferBytes)) {
      for (FileScanTask file : files(since(read.query()))) {
        scan(file, columns, names, read, sorter);
      }
      sorter.forEach(row -> read.event(row.event(), row.bytes()));
    }
    if (!read.isCancelled()) {
      read.completed(EventsTable.nextOffset(table) >= expectedOffset);
    }
  }

  /** Which files may have rows of a query. */
  private Expression since(Query query) {
    Expression rows = filter(query);
    if (query.sinceMs() <= 0 || table.schema().findField(EventsTable.INGEST) == null) {
      return rows;
    }
    long micros = (long) (query.sinceMs() * 1000);
    return Expressions.and(rows, Expressions.greaterThanOrEqual(EventsTable.INGEST, micros));
  }

  private static Expression filter(Query query) {
    Expression events = Expressions.greaterThan("seq", (long) query.afterSeq());
    if (query.untilSeq() < Long.MAX_VALUE) {
      Expression until = Expressions.lessThanOrEqual("seq", (long) query.untilSeq());
      events = Expressions.and(events, until);
    }
    if (query.entityIds() != null) {
      // Which things a packed row is about only its payload says.
      Expression things =
          Expressions.or(
              Expressions.in("entityId", query.entityIds().toArray()),
              Expressions.equal("verb", ArchivedEvent.PACKED));
      events = Expressions.and(events, things);
    }
    Expression fences = Expressions.equal("seq", 0L);
    return Expressions.and(
        Expressions.equal("ns", query.namespace()), Expressions.or(events, fences));
  }

  private List<FileScanTask> files(Expression filter) throws IOException {
    List<FileScanTask> files = new ArrayList<>();
    if (table.currentSnapshot() == null) {
      return files;
    }
    try (CloseableIterable<FileScanTask> tasks = table.newScan().filter(filter).planFiles()) {
      tasks.forEach(files::add);
    }
    files.sort(
        Comparator.<FileScanTask>comparingLong(task -> task.file().dataSequenceNumber())
            .thenComparing(task -> task.file().location()));
    return files;
  }

  private EventColumns columns(Query query) throws IOException {
    try {
      return RowReader.columns(table.schema(), query);
    } catch (EventColumns.Unreadable e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The columns of files that have no ids for them are known by the names that the table says. */
  private NameMapping names() {
    String mapping = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    return mapping == null
        ? MappingUtil.create(table.schema())
        : NameMappingParser.fromJson(mapping);
  }

  private void scan(
      FileScanTask task,
      EventColumns columns,
      NameMapping names,
      ArchiveRead read,
      RowSorter sorter)
      throws IOException {
    String location = task.file().location();
    if (!task.deletes().isEmpty()) {
      throw new IOException(location + " has delete files, which this reader does not apply");
    }
    if (task.file().format() != FileFormat.PARQUET) {
      throw new IOException(location + ": expected a Parquet file, found " + task.file().format());
    }
    new FileScan(table.io().newInputFile(task.file()), names, columns)
        .run(filter(read.query()), read, sorter);
  }
}
