package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.past.SnapshotCover;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.snapshot.SnapshotHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * Erases rows of the table: those that came before a moment, once snapshots say what they did, and
 * those of one namespace.
 *
 * <p>Rows go by whole files where that can be: what came before a moment goes as far as its files
 * have nothing that came later. The rows are in the table's older snapshots until these are
 * forgotten too.
 */
final class Retention {
  /** So many namespaces are named that still need their rows. */
  private static final int MOST_NAMED = 20;

  /** What was done. */
  record Erased(int files, long rows) {}

  /** Rows are needed, and none was erased. */
  static final class StillNeeded extends Exception {
    private static final long serialVersionUID = 1;

    StillNeeded(Map<String, String> reasons) {
      super("rows of " + reasons.size() + " namespaces are needed: " + reasons);
    }
  }

  private final Table table;
  private final Path scratch;
  private final long bufferBytes;

  Retention(Table table, Path scratch, long bufferBytes) {
    this.table = table;
    this.scratch = scratch;
    this.bufferBytes = bufferBytes;
  }

  // ---- by age

  /**
   * Erases the files that have nothing but rows from before a moment.
   *
   * @throws StillNeeded naming namespaces that could not be rebuilt without them
   */
  Erased eraseBefore(double beforeMs) throws IOException, StillNeeded {
    List<DataFile> old = new ArrayList<>();
    for (DataFile file : files()) {
      if (endMs(file) < beforeMs) {
        old.add(file);
      }
    }
    Map<String, String> needed = new TreeMap<>();
    for (String namespace : namespaces(old)) {
      Optional<String> why = whyNeeded(namespace, beforeMs);
      if (why.isPresent() && needed.size() < MOST_NAMED) {
        needed.put(namespace, why.get());
      }
    }
    if (!needed.isEmpty()) {
      throw new StillNeeded(needed);
    }
    long rows = 0;
    DeleteFiles delete = table.newDelete();
    for (DataFile file : old) {
      delete.deleteFile(file);
      rows += file.recordCount();
    }
    if (!old.isEmpty()) {
      delete.commit();
    }
    return new Erased(old.size(), rows);
  }

  /** When the last row of a file came; of one that does not say, later than any moment. */
  private double endMs(DataFile file) {
    Types.NestedField ingest = table.schema().findField(EventsTable.INGEST);
    Map<Integer, ByteBuffer> bounds = file.upperBounds();
    ByteBuffer bound = ingest == null || bounds == null ? null : bounds.get(ingest.fieldId());
    if (bound == null) {
      return Double.POSITIVE_INFINITY;
    }
    long micros = Conversions.fromByteBuffer(ingest.type(), bound);
    return micros / 1000.0;
  }

  /** The stores that have rows in some files. */
  private Set<String> namespaces(List<DataFile> files) throws IOException {
    Set<String> found = new TreeSet<>();
    Schema names = table.schema().select("ns");
    for (DataFile file : files) {
      try (CloseableIterable<Record> rows = read(file, names)) {
        for (Record row : rows) {
          String namespace = (String) row.getField("ns");
          if (!SnapshotHead.isNamespaceOfSnapshots(namespace)) {
            found.add(namespace);
          }
        }
      }
    }
    return found;
  }

  private Optional<String> whyNeeded(String namespace, double beforeMs) {
    List<Optional<String>> told = new ArrayList<>();
    SnapshotCover.look(this::read, namespace, beforeMs, new JsoniterJson(), told::add);
    return told.get(0);
  }

  /** Reads at once, on this thread. */
  private IcebergReader.Read read(IcebergReader.Query query, IcebergReader.Visitor visitor) {
    ArchiveRead read = new ArchiveRead(query, visitor, Runnable::run, ended -> {});
    try {
      new TableScan(table, 0, scratch, bufferBytes).run(read);
    } catch (IOException e) {
      read.failed(e.getMessage());
    }
    return read::cancel;
  }

  // ---- one namespace

  /** Erases all rows of a namespace, those of its snapshots included. */
  Erased erase(String namespace) throws IOException {
    Set<String> names = Set.of(namespace, SnapshotHead.namespaceOf(namespace));
    OverwriteFiles overwrite = table.newOverwrite();
    int files = 0;
    long rows = 0;
    for (DataFile file : files()) {
      long kept = count(file, names);
      if (kept == file.recordCount()) {
        continue;
      }
      files++;
      rows += file.recordCount() - kept;
      overwrite.deleteFile(file);
      if (kept > 0) {
        overwrite.addFile(without(file, names));
      }
    }
    if (files > 0) {
      overwrite.commit();
    }
    return new Erased(files, rows);
  }

  private long count(DataFile file, Set<String> names) throws IOException {
    long kept = 0;
    try (CloseableIterable<Record> all = read(file, table.schema().select("ns"))) {
      for (Record row : all) {
        kept += names.contains(row.getField("ns")) ? 0 : 1;
      }
    }
    return kept;
  }

  private DataFile without(DataFile file, Set<String> names) throws IOException {
    Predicate<Record> stays = row -> !names.contains(row.getField("ns"));
    String path =
        table
            .locationProvider()
            .newDataLocation(
                table.specs().get(file.specId()),
                file.partition(),
                "kept-" + UUID.randomUUID() + ".parquet");
    DataWriter<Record> writer =
        Parquet.writeData(table.io().newOutputFile(path))
            .forTable(table)
            .withPartition(file.partition())
            .createWriterFunc(GenericParquetWriter::create)
            .build();
    try (writer;
        CloseableIterable<Record> all = read(file, table.schema())) {
      for (Record row : all) {
        if (stays.test(row)) {
          writer.write(row);
        }
      }
    }
    return writer.toDataFile();
  }

  // ---- files

  private List<DataFile> files() throws IOException {
    List<DataFile> files = new ArrayList<>();
    if (table.currentSnapshot() == null) {
      return files;
    }
    try (CloseableIterable<FileScanTask> tasks = table.newScan().includeColumnStats().planFiles()) {
      tasks.forEach(task -> files.add(task.file().copy()));
    }
    return files;
  }

  private CloseableIterable<Record> read(DataFile file, Schema columns) {
    return Parquet.read(table.io().newInputFile(file))
        .project(columns)
        .createReaderFunc(type -> GenericParquetReaders.buildReader(columns, type))
        .build();
  }
}
