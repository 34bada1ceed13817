package dev.unifiedstorage.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;

/**
 * DuckDB over the archive of an emulator, seen through its catalog alone.
 *
 * <p>DuckDB's own Iceberg extension comes from no package registry. So Iceberg's client asks the
 * catalog and plans which files a scan has; those and no others DuckDB reads, with its own reader
 * of Parquet. The table has the name it has where the extension attaches the catalog as {@code
 * archive}.
 */
final class ArchiveEngine implements AutoCloseable {
  private static final TableIdentifier EVENTS = TableIdentifier.of("unified_storage", "events");

  private final RESTCatalog catalog = new RESTCatalog();
  private final Path folder;
  private final Connection duckdb;

  /**
   * @param folder where fetched files are kept
   */
  ArchiveEngine(URI server, Path folder) throws SQLException {
    this.folder = folder;
    catalog.initialize(
        "archive",
        Map.of(
            "uri",
            server + "/iceberg",
            "warehouse",
            "archive",
            "io-impl",
            EmulatorObjects.class.getName(),
            "rest-metrics-reporting-enabled",
            "false"));
    duckdb = DriverManager.getConnection("jdbc:duckdb:");
    execute("ATTACH ':memory:' AS archive; CREATE SCHEMA archive.unified_storage");
  }

  /** The table as the catalog has it now. */
  Table table() {
    return catalog.loadTable(EVENTS);
  }

  /** Makes what a scan finds the table that SQL asks; says how many files that are. */
  int show(TableScan scan) throws IOException, SQLException {
    List<String> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
      for (FileScanTask task : tasks) {
        files.add(fetched(scan.table(), task.file().location()));
      }
    }
    String list = files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(","));
    execute(
        "CREATE OR REPLACE VIEW archive.unified_storage.events AS SELECT * FROM read_parquet(["
            + list
            + "], hive_partitioning = false)");
    return files.size();
  }

  private String fetched(Table table, String location) {
    Path file = folder.resolve(location.substring(location.lastIndexOf('/') + 1));
    try {
      if (!Files.exists(file)) {
        Files.write(file, ((EmulatorObjects) table.io()).fetch(location));
      }
      return file.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of the columns and the rows, as text; nothing for a statement without rows. */
  List<List<String>> execute(String sql) throws SQLException {
    List<List<String>> table = new ArrayList<>();
    try (Statement statement = duckdb.createStatement()) {
      if (!statement.execute(sql)) {
        return table;
      }
      try (ResultSet rows = statement.getResultSet()) {
        int columns = rows.getMetaData().getColumnCount();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          names.add(rows.getMetaData().getColumnLabel(i));
        }
        table.add(names);
        while (rows.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            String cell = rows.getString(i);
            row.add(cell == null ? "" : cell);
          }
          table.add(row);
        }
      }
    }
    return table;
  }

  /** The rows alone. */
  List<List<String>> rows(String sql) throws SQLException {
    List<List<String>> table = execute(sql);
    return table.subList(1, table.size());
  }

  @Override
  public void close() throws IOException, SQLException {
    duckdb.close();
    catalog.close();
  }
}
