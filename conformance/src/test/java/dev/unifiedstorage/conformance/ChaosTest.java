package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One round of the chaos soak: a few objects ended under load, and one kill. */
@Order(3)
class ChaosTest {
  @TempDir private Path directory;

  @Test
  void objectsEndedUnderLoadLoseNothingAcknowledged() throws Exception {
    assumeTrue(Target.current().hasEndableObjects(), "the other targets have kills alone");
    long seed = System.nanoTime() / 2 * 2;
    String repeat =
        "make chaos TARGET=%s SEED=%d MINUTES=0"
            .formatted(Target.current().name().toLowerCase(Locale.ROOT), seed);
    new ChaosChapter(seed, repeat, new ChaosFigures()).run(directory, 1, 2);
  }
}
