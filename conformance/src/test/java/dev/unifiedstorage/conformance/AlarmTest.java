package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The net under the timers: a store that died dirty comes back by itself. */
@Order(1)
class AlarmTest {
  @Test
  void whatAKilledLifeLeftUndoneIsDoneWithoutAnyRequest(@TempDir Path directory) throws Exception {
    try (PipelineSink sink = new PipelineSink()) {
      Setup setup = Setup.plain().sendingTo(sink).with("DURABILITY", "local");
      try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
        sink.mode(PipelineSink.Mode.REJECT);
        try (Session s = server.open("left")) {
          s.create("a", "{'n':1}").ack();
          assertEquals(1, s.stats().path("dirty").asInt());
          server.process().kill();
        }
        sink.mode(PipelineSink.Mode.OK);
        server.startAgain(setup);
        // No request reaches the store here: one for /stats would wake it.
        Until.within(Duration.ofSeconds(110))
            .sees("the event", () -> sink.log("left").events(), seen -> seen.size() == 1);
        try (Session s = server.open("left")) {
          JsonNode stats =
              Until.within(Duration.ofSeconds(20))
                  .sees("nothing dirty", s::stats, seen -> seen.path("dirty").asInt(-1) == 0);
          assertEquals(1, stats.path("checkpointSeq").asInt(), stats::toString);
          assertFalse(s.thing("a").isMissingNode());
        }
      }
    }
  }
}
