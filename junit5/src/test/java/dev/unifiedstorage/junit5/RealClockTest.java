package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same with the machine's clock, and with an archive of Iceberg's. */
class RealClockTest {
  @RegisterExtension
  static final UnifiedStorageExtension storage =
      new UnifiedStorageExtension(
          options ->
              options
                  .realClock()
                  .onDisk()
                  .rollInterval(Duration.ofMillis(100))
                  .var("CHECKPOINT_INTERVAL", "100")
                  .log(new PrintStream(OutputStream.nullOutputStream())));

  @Test
  void aStoreIsWrittenArchivedAndReadAgainAfterACrash() {
    StoreClient client = storage.client("demo");
    client.create("Customer", Map.of("$id", "a"));
    storage.crash();
    assertTrue(client.read("a").isPresent());
    storage.awaitCheckpoint("demo");
    storage.awaitArchive("demo");
    assertThrows(IllegalStateException.class, () -> storage.advance(Duration.ofSeconds(1)));
  }
}
