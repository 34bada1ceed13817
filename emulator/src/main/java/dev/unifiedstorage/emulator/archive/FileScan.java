package dev.unifiedstorage.emulator.archive;

import java.io.IOException;
import java.util.Set;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;

/**
 * Reads the rows of one Parquet file, whatever wrote it: each is read as it is, or the error says
 * which column cannot be.
 */
final class FileScan {
  private static final Set<CompressionCodecName> CODECS =
      Set.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.ZSTD,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.GZIP,
          CompressionCodecName.LZ4_RAW);

  private final InputFile input;
  private final NameMapping names;
  private final EventColumns columns;
  private boolean begun;

  /**
   * @param names how columns are known in a file that has no ids for them
   */
  FileScan(InputFile input, NameMapping names, EventColumns columns) {
    this.input = input;
    this.names = names;
    this.columns = columns;
  }

  /**
   * Adds the wanted rows.
   *
   * @param filter what the statistics of a row group are compared with
   */
  void run(Expression filter, ArchiveRead read, RowSorter sorter) throws IOException {
    try {
      try {
        scan(filter, read, sorter);
      } catch (RuntimeException | LinkageError e) {
        // A codec whose library is not there shows as a class that is missing.
        explain();
        if (begun) {
          throw e;
        }
        // What can be read may have statistics of a type that the filter does not compare.
        scan(Expressions.alwaysTrue(), read, sorter);
      }
    } catch (EventColumns.Unreadable e) {
      throw new IOException(input.location() + ": " + e.getMessage(), e);
    } catch (RuntimeException | LinkageError e) {
      throw new IOException(input.location() + " could not be read: " + e, e);
    }
  }

  private void scan(Expression filter, ArchiveRead read, RowSorter sorter) throws IOException {
    try (CloseableIterable<ArchivedRow> rows =
        Parquet.read(input)
            .project(columns.schema())
            .withNameMapping(names)
            .filter(filter)
            .createReaderFunc(
                file -> {
                  begun = true;
                  return new RowReader(file, columns, read.query());
                })
            .build()) {
      for (ArchivedRow row : rows) {
        if (read.isCancelled()) {
          return;
        }
        read.looked();
        if (row != null) {
          sorter.add(row);
        }
      }
    }
  }

  /** Throws what cannot be read of the file, if that is why something else has failed. */
  private void explain() {
    if (!(input instanceof FolderIO.Input local)) {
      return;
    }
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(local.path()))) {
      MessageType file = reader.getFileMetaData().getSchema();
      columns.check(
          ParquetSchemaUtil.hasIds(file) ? file : ParquetSchemaUtil.applyNameMapping(file, names));
      for (BlockMetaData group : reader.getRowGroups()) {
        group.getColumns().forEach(FileScan::checkCodec);
      }
    } catch (EventColumns.Unreadable e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // It has no footer that says anything: the first error is all there is.
    }
  }

  private static void checkCodec(ColumnChunkMetaData chunk) {
    if (!CODECS.contains(chunk.getCodec())) {
      throw new EventColumns.Unreadable(
          "column "
              + chunk.getPath().toDotString()
              + ": expected one of the codecs UNCOMPRESSED, ZSTD, SNAPPY, GZIP, LZ4_RAW, found "
              + chunk.getCodec());
    }
  }
}
