package dev.unifiedstorage.conformance;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short run of {@link AttackRun}, of attacks that are new in each, and of {@link NeighbourRun},
 * without figures.
 */
class AttackTest {
  private static final int ATTACKS = 1_600;
  private static final int REQUESTS = 10;
  private static final int THINGS = 200;

  @Test
  void nothingThatAClientSendsHarmsAnother(@TempDir Path directory) throws Exception {
    AttackRun.run(directory, System.currentTimeMillis(), ATTACKS, Duration.ZERO);
  }

  @Test
  void whoFloodsOneNamespaceLeavesAnotherItsAnswers(@TempDir Path directory) throws Exception {
    new NeighbourRun(Setup.plain(), REQUESTS, Duration.ZERO, THINGS).check(directory);
  }
}
