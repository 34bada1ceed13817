package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.LifeStep;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One line for each step of a store's life. */
final class LifeStepsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private List<String> names() {
    return store.steps.stream().map(line -> store.json.parse(line).string("step")).toList();
  }

  private JsonObject last(LifeStep step) {
    assertEquals(step.label(), names().get(names().size() - 1), store.steps.toString());
    JsonObject line = store.json.parse(store.steps.get(store.steps.size() - 1));
    assertEquals("test", line.string("namespace"));
    return line;
  }

  @Test
  void aStartAndAStopAreALineEach() {
    store.with("DURABILITY", "local").start();
    assertEquals("empty", last(LifeStep.STARTED).string("source"));
    store.createAcked("a");
    store.createAcked("b");
    assertTrue(store.store().stop().error().isEmpty());
    JsonObject stopped = last(LifeStep.STOPPED);
    assertEquals(2, stopped.number("things"));
    assertEquals(2, stopped.number("seq"));
    assertTrue(stopped.number("rows") > 0);
    store.restart();
    assertEquals(2, last(LifeStep.STARTED).number("things"));
    store.store().onDrop();
    assertEquals(0, last(LifeStep.STOPPED).number("rows"));
    assertEquals(List.of("started", "stopped", "started", "stopped"), names());
  }

  @Test
  void aRecoverySaysWhereFromAndHowMuch() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    store.create("a", "1");
    store.create("b", "1");
    store.time.advance(100);
    store.restart();
    store.time.advance(6_000);
    JsonObject line = last(LifeStep.RECOVERED);
    assertEquals("sqlite", line.string("source"));
    assertEquals(2, line.number("things"));
    assertEquals(2, line.number("events"));
    assertTrue(line.number("epoch") > 0 && line.number("durationMs") >= 0, store.steps::toString);
  }

  @Test
  void anOutageIsALineAtItsBeginningAndAtItsEnd() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("a", "1");
    store.time.advance(20_000);
    assertTrue(last(LifeStep.DEGRADED).string("why").contains("does not accept events"));
    assertTrue(store.log.toString().contains("warning: namespace test, epoch 1, seq 1: the Pipe"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(60_000);
    last(LifeStep.CAUGHT_UP);
    assertEquals(List.of("started", "degraded", "caughtUp"), names());
  }

  @Test
  void aStoreWhoseStateCannotBeHadSaysWhy() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    store.archive.setSilent(true);
    store.restart();
    store.time.advance(31_000);
    assertTrue(last(LifeStep.FAILED).string("why").contains("nothing new for"));
  }
}
