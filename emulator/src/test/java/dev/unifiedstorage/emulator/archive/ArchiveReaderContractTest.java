package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.contract.IcebergReaderContract;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class ArchiveReaderContractTest extends IcebergReaderContract {
  @TempDir Path folder;
  private ArchiveFixture fixture;

  @BeforeEach
  void open() {
    fixture = new ArchiveFixture(folder);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Override
  protected void roll(List<String> records) throws Exception {
    fixture.archive(records.toArray(String[]::new));
  }

  @Override
  protected List<ArchivedEvent> read(IcebergReader.Query query) throws Exception {
    return fixture.events(query);
  }
}
