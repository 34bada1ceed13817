package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A crash's recovery looks at the last minutes of the archive, and at more where clocks differ. */
final class NarrowRecoveryTest {
  private static final double HOUR_MS = 3_600_000;
  private static final int OLD = 50;

  private final TestStore store = new TestStore();

  @BeforeEach
  void writeForHours() {
    store.with("DURABILITY", "pipeline").with("ARCHIVE_SETTLE_MS", "0").withArchive().start();
    for (int i = 0; i < OLD; i++) {
      store.createAcked("old" + i);
      store.time.advance(HOUR_MS);
    }
    store.checkpoint();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void crashBehind(int events) {
    for (int i = 0; i < events; i++) {
      store.createAcked("new" + i);
    }
    store.restart();
    store.time.advance(60_000);
  }

  private void assertAllThere(int events) {
    assertEquals("running", store.stats().string("phase"));
    for (int i = 0; i < events; i++) {
      assertNotNull(store.read("new" + i), "new" + i);
    }
    assertEquals(OLD + events, store.stats().number("entries"));
  }

  @Test
  void whatIsOlderThanTheCheckpointIsNotLookedAt() {
    int before = store.archive.lookedAt();
    crashBehind(3);
    assertAllThere(3);
    int lookedAt = store.archive.lookedAt() - before;
    // A look at positions and one at events: three events, their fence, the probe.
    assertTrue(lookedAt <= 2 * 5, () -> lookedAt + " rows, beside " + OLD + " older ones");
  }

  @Test
  void aTailThatCameLongBeforeByThePipelinesClockIsFoundAllTheSame() {
    store.archive.setSkewMs(-HOUR_MS);
    crashBehind(3);
    assertAllThere(3);
  }

  @Test
  void aTailThatClocksHideWholeIsFoundBehindAProbeThatTheyDoNot() {
    store.createAcked("new0");
    store.archive.setSkewMs(-HOUR_MS);
    // The object sleeps so long that its probe is past the moment that hides its last event.
    store.time.advance(2 * HOUR_MS);
    store.restart();
    store.time.advance(60_000);
    assertAllThere(1);
  }
}
