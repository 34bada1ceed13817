package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of a few rows, where each thing has its own and a large one would stall requests. */
final class SliceTest {
  private static final int THINGS = 5_000;

  /** A slice, and what comes until the next group of events is a row. */
  private static final int MOST_DIRTY = 250 + 60;

  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  /** A store whose things were written long ago, each in its own row. */
  private void normalized(String durability) {
    store.with("LARGE_COLLECTIONS", "normalized").with("DURABILITY", durability).start();
    for (int i = 0; i < THINGS; i++) {
      store.create("t" + i, "T", 10);
    }
    store.time.advance(100);
    store.checkpoint();
    store.time.advance(10_000);
  }

  private double rowsWritten() {
    return store.stats().number("rowsWritten");
  }

  private double dirty() {
    return store.stats().number("dirty");
  }

  private double checkpoints() {
    return store.stats().object("checkpoints").number("count");
  }

  /** Updates things at 1,000 a second. */
  private double mostDirtyOfUpdates(int from, int to, int among) {
    double most = 0;
    for (int i = from; i < to; i++) {
      store.update("t" + i % among, "{'n':" + i + "}");
      store.time.advance(1);
      most = i % 7 == 0 ? Math.max(most, dirty()) : most;
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "pipeline", "memory"})
  void writesToManyThingsAreWrittenAFewAtATime(String durability) {
    normalized(durability);
    double rows = rowsWritten();
    double most = mostDirtyOfUpdates(0, THINGS, THINGS);
    store.checkpoint();
    assertTrue(most > 200 && most <= MOST_DIRTY, "dirty at most: " + most);
    double beside = durability.equals("local") ? 0.02 : 0;
    assertTrue(rowsWritten() - rows <= (1.01 + beside) * THINGS, "rows: " + (rowsWritten() - rows));
    store.restart();
    for (int i = 0; i < THINGS; i += 17) {
      assertEquals(i, store.read("t" + i).number("n"));
      assertEquals(2, store.read("t" + i).number("$version"));
    }
  }

  @Test
  void whatIsWrittenAgainAndAgainIsWrittenOnceAnInterval() {
    normalized("pipeline");
    double rows = rowsWritten();
    double most = mostDirtyOfUpdates(0, 20_000, 500);
    store.checkpoint();
    assertTrue(most > 490, "dirty at most: " + most);
    // The first 500 are the first in their intervals whatever comes; then one round an interval.
    assertTrue(rowsWritten() - rows <= 7 * 502, "rows: " + (rowsWritten() - rows));
  }

  @Test
  void slicesComeBackWhenWritesAreSpreadAgain() {
    normalized("pipeline");
    mostDirtyOfUpdates(0, 6_000, 500);
    store.time.advance(10_000);
    assertTrue(mostDirtyOfUpdates(1_000, 4_000, THINGS) <= MOST_DIRTY);
  }

  @Test
  void whatIsMadeAndGoneBetweenTwoCheckpointsTakesFewRows() {
    normalized("pipeline");
    double rows = rowsWritten();
    int made = 20_000;
    for (int i = 0; i < made; i++) {
      store.create("short" + i, "T", 10);
      if (i >= 300) {
        store.delete("short" + (i - 300));
      }
      store.time.advance(1);
    }
    store.checkpoint();
    assertNull(store.read("short0"));
    // All of them would be a row that is written and one that is deleted, 40,000.
    assertTrue(rowsWritten() - rows <= made / 4.0, "rows: " + (rowsWritten() - rows));
  }

  @Test
  void whatWasMadeLongAgoIsDeletedAFewAtATime() {
    normalized("pipeline");
    double most = 0;
    for (int i = 0; i < 2_000; i++) {
      store.delete("t" + i);
      store.time.advance(1);
      most = Math.max(most, dirty());
    }
    assertTrue(most > 200 && most <= MOST_DIRTY, "dirty at most: " + most);
  }

  @Test
  void rowsThatAreSharedAreNotWrittenWithEachSlice() {
    normalized("pipeline");
    store.create("small", "Other", 10);
    double before = checkpoints();
    assertTrue(mostDirtyOfUpdates(0, 1_000, THINGS) > 900);
    assertEquals(before, checkpoints());
  }

  @Test
  void longOutboxIsNotWrittenWithEachSlice() {
    normalized("pipeline");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int i = 0; i < 1_200; i++) {
      store.update("t" + i, "{'n':1}");
    }
    double before = checkpoints();
    for (int i = 1_200; i < 1_500; i++) {
      store.update("t" + i, "{'n':1}");
    }
    assertEquals(before, checkpoints());
  }
}
