package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.contract.IcebergReaderContract;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    List<ArchivedEvent> events = new ArrayList<>();
    CompletableFuture<List<ArchivedEvent>> end = new CompletableFuture<>();
    fixture.read(
        query,
        new IcebergReader.Visitor() {
          @Override
          public void event(ArchivedEvent event) {
            events.add(event);
          }

          @Override
          public void progress(double rows) {}

          @Override
          public void completed(boolean upToDate) {
            end.complete(events);
          }

          @Override
          public void failed(String error) {
            end.completeExceptionally(new AssertionError(error));
          }
        });
    return end.get(30, TimeUnit.SECONDS);
  }
}
