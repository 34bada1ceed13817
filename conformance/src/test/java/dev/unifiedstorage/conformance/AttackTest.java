package dev.unifiedstorage.conformance;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of {@link AttackRun}, of attacks that are new in each, and of {@link CrowdRun}. */
class AttackTest {
  private static final int ATTACKS = 1_600;
  private static final int NAMESPACES = 4;
  private static final int SOCKETS = 100;

  @Test
  void nothingThatAClientSendsHarmsAnother(@TempDir Path directory) throws Exception {
    AttackRun.run(directory, System.currentTimeMillis(), ATTACKS, Duration.ZERO);
  }

  @Test
  void socketsThatWantNothingHarmNoClient(@TempDir Path directory) throws Exception {
    CrowdRun.run(directory, NAMESPACES, SOCKETS, SOCKETS / 2);
  }
}
