package dev.unifiedstorage.conformance;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of {@link AttackRun}, of attacks that are new in each. */
class AttackTest {
  private static final int ATTACKS = 1_600;

  @Test
  void nothingThatAClientSendsHarmsAnother(@TempDir Path directory) throws Exception {
    AttackRun.run(directory, System.currentTimeMillis(), ATTACKS, Duration.ZERO);
  }
}
