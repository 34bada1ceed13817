package dev.unifiedstorage.emulator.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFilesTest {
  @TempDir Path folder;

  @Test
  void namespacesNeverShareAFile() {
    StoreFiles files = new StoreFiles(folder);
    assertEquals("tenant.1-a_b.sqlite", files.file("tenant.1-a_b").getFileName().toString());
    assertEquals("%54enant.sqlite", files.file("Tenant").getFileName().toString());
    assertEquals("%2e..a.sqlite", files.file("...a").getFileName().toString());
    assertEquals(folder.toAbsolutePath(), files.file("...a").getParent());
  }
}
