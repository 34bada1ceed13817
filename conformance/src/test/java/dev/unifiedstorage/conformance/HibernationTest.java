package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An idle store leaves memory with its sockets kept, and wakes on a message. */
@Order(2)
class HibernationTest {
  private static final long ASLEEP_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** Waits until the timers of a write have done their work. */
  private static JsonNode afterWork(Session s) throws Exception {
    return Until.within(Duration.ofSeconds(20))
        .sees(
            "nothing left to do",
            s::stats,
            stats ->
                stats.path("dirty").asInt(-1) == 0
                    && stats.path("checkpoints").path("count").asInt() > 0
                    && stats.path("pipeline").path("queued").asInt(-1) == 0);
  }

  /**
   * Lets the time pass in which an idle store falls asleep.
   *
   * <p>A fixed time, because to ask would wake it: whether it slept shows only afterwards, in
   * another {@code bootId}. A timer that is left would have kept it in memory.
   */
  private static void letSleep() {
    LockSupport.parkNanos(ASLEEP_WITHIN_NANOS);
  }

  @Test
  void idleStoresSleepAndWakeWithTheirSocketsKept(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("CHECKPOINT_INTERVAL", "200");
    try (PipelineSink sink = new PipelineSink();
        StoreServer server = StoreServer.start(setup.sendingTo(sink), directory.resolve("data"));
        Session first = server.open("sleepy");
        Session second = server.open("sleepy");
        Session reader = server.open("reader");
        Session gone = server.open("gone")) {
      first.create("a", "{'n':1}").ack();
      gone.create("a", "{'n':1}").ack();
      gone.socket().close();
      reader.read("a").ok();
      JsonNode before = afterWork(first);
      JsonNode goneBefore = afterWork(gone);
      JsonNode readerBefore = reader.stats();
      letSleep();
      JsonNode stats = first.stats();
      assertNotEquals(before.path("bootId"), stats.path("bootId"), "is still in memory");
      assertEquals(0, stats.path("dirty").asInt(), stats::toString);
      assertEquals(0, stats.path("rowsWritten").asInt(), "waking to be looked at writes no row");
      assertTrue(stats.path("recovery").path("clean").asBoolean(), stats::toString);
      assertEquals(1, second.thing("a").path("n").asInt());
      assertEquals(2, first.update("a", "{'n':2}").ack().version());
      assertEquals(2, second.thing("a").path("n").asInt());
      assertNotEquals(before.path("epoch"), first.stats().path("epoch"), "a new life, a new epoch");
      assertSlept(goneBefore, gone.stats());
      assertSlept(readerBefore, reader.stats());
      reader.ping().ok();
      Until.within(Duration.ofSeconds(20))
          .sees("both events", () -> sink.log("sleepy").events(), seen -> seen.size() == 2);
      assertEquals(2, sink.log("sleepy").fences().size());
      assertEquals(0, sink.records("reader").size());
    }
  }

  private static void assertSlept(JsonNode before, JsonNode after) {
    assertNotEquals(before.path("bootId"), after.path("bootId"), "is still in memory");
    assertEquals(before.path("entries"), after.path("entries"));
    assertEquals(0, after.path("rowsWritten").asInt(), after::toString);
  }
}
