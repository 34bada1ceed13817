package dev.unifiedstorage.jvm.sqlite;

import dev.unifiedstorage.contract.SqlStorageContract;
import dev.unifiedstorage.port.SqlStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteStorageContractTest extends SqlStorageContract {
  @TempDir Path folder;
  private final List<SqliteStorage> opened = new ArrayList<>();

  @Override
  protected SqlStorage empty() {
    Path file = folder.resolve(opened.size() + ".sqlite");
    SqliteStorage sql = new SqliteStorage("a contract", file);
    opened.add(sql);
    return sql;
  }

  @AfterEach
  void close() {
    opened.forEach(SqliteStorage::close);
  }
}
