package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An idle store leaves memory with its sockets kept, and wakes on a message. */
class HibernationTest {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(28);

  /**
   * Waits, in growing pauses, until the store has been out of memory.
   *
   * <p>Asking wakes it, and would keep it awake if it were done often: whether it slept shows only
   * afterwards, in another {@code bootId}.
   */
  private static JsonNode afterSleep(Session s, String bootId) throws Exception {
    long end = System.nanoTime() + DEADLINE_NANOS;
    long pauseSeconds = 12;
    while (true) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(pauseSeconds));
      JsonNode stats = s.stats();
      if (!bootId.equals(stats.path("bootId").asText())) {
        return stats;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("did not leave memory: " + stats);
      }
      pauseSeconds += 4;
    }
  }

  @Test
  void anIdleStoreSleepsAndItsSocketsWakeIt(@TempDir Path directory) throws Exception {
    try (PipelineSink sink = new PipelineSink();
        StoreServer server =
            StoreServer.start(Setup.plain().sendingTo(sink), directory.resolve("data"));
        Session first = server.open("sleepy");
        Session second = server.open("sleepy")) {
      first.create("a", "{'n':1}").ack();
      String bootId = first.stats().path("bootId").asText();
      long epoch = first.stats().path("epoch").asLong();
      JsonNode stats = afterSleep(first, bootId);
      assertNotEquals(bootId, stats.path("bootId").asText());
      assertEquals(0, stats.path("dirty").asInt(), stats::toString);
      assertEquals(0, stats.path("rowsWritten").asInt(), "waking to be looked at writes no row");
      assertEquals(1, second.thing("a").path("n").asInt());
      assertEquals(2, first.update("a", "{'n':2}").ack().version());
      assertEquals(2, second.thing("a").path("n").asInt());
      assertNotEquals(epoch, first.stats().path("epoch").asLong(), "a new life has a new epoch");
      Until.within(Duration.ofSeconds(20))
          .sees("both events", () -> sink.log("sleepy").events(), seen -> seen.size() == 2);
      assertEquals(2, sink.log("sleepy").fences().size());
    }
  }
}
