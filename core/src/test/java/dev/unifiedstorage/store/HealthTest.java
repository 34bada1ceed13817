package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.protocol.Health;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Live, ready and degraded are three things. */
final class HealthTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aStoreThatRecoversIsNotReadyUntilItHas() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    assertEquals(Health.READY, store.store().health());
    store.archive.setStalled(true);
    store.restart();
    assertEquals(Health.STARTING, store.store().health());
    store.archive.setStalled(false);
    store.time.advance(6_000);
    assertEquals(Health.READY, store.store().health());
  }

  @Test
  void aStoreWhoseStateCannotBeHadHasFailed() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    store.archive.setSilent(true);
    store.restart();
    store.time.advance(31_000);
    assertEquals(Health.FAILED, store.store().health());
  }

  @Test
  void anOutageOfThePipelineDegradesUntilItHasCaughtUp() {
    for (String durability : List.of("pipeline", "local")) {
      store.with("DURABILITY", durability).start();
      store.pipeline.setMode(FakePipeline.Mode.REJECT);
      store.create(durability, "1");
      store.time.advance(60_000);
      assertEquals(Health.PIPELINE_REFUSES, store.store().health(), durability);
      store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
      store.time.advance(60_000);
      assertEquals(Health.READY, store.store().health(), durability);
    }
  }

  @Test
  void theWorstOfSeveralStoresIsAnsweredAndNoneIsNamed() {
    List<Health> some = List.of(Health.READY, Health.PIPELINE_REFUSES, Health.ARCHIVE_LAGS);
    assertEquals(Health.PIPELINE_REFUSES, Health.worst(some));
    assertEquals(200, Health.worst(some).httpStatus());
    assertEquals(503, Health.worst(List.of(Health.STARTING, Health.READY)).httpStatus());
    assertEquals(Health.READY, Health.worst(List.of()));
    assertEquals("{\"status\":\"ready\"}", Health.READY.body(List.of()));
    String body = Health.PIPELINE_REFUSES.body(some);
    assertTrue(body.startsWith("{\"status\":\"degraded\",\"reason\":\"the Pipeline"), body);
    assertTrue(body.endsWith(",\"stores\":1,\"of\":3}"), body);
  }
}
