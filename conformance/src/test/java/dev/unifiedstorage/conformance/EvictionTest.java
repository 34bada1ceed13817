package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store larger than its limits: what was evicted is still there for a read. */
class EvictionTest {
  private static final int THINGS = 400;

  @ParameterizedTest
  @CsvSource({"MAX_ENTRIES,50", "MAX_BYTES,20000"})
  void evictedThingsStayReadable(String var, String limit, @TempDir Path directory)
      throws Exception {
    Setup setup = Setup.plain().with(var, limit).with("COLUMNAR_THRESHOLD", "10");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      try (Session s = server.open("store")) {
        fill(s);
        server.http().checkpoint("store");
        verifyAll(s);
        changeEvicted(s);
        server.http().checkpoint("store");
        verifyChanged(s);
        server.process().kill();
      }
      server.startAgain(setup);
      try (Session s = server.open("store")) {
        verifyChanged(s);
        s.update("t9", "{'late':1}").ack();
      }
      assertEquals(0, server.process().terminate(Duration.ofSeconds(5)));
      server.startAgain(setup);
      try (Session s = server.open("store")) {
        assertEquals(1, s.thing("t9").path("late").asInt());
        verifyChanged(s);
      }
    }
  }

  private static void fill(Session s) {
    ObjectNode batch = Session.json("{'type':'batch','operations':[]}");
    for (int i = 0; i < THINGS; i++) {
      String fields = "{'n':" + i + ",'filler':'" + "x".repeat(100) + "'}";
      batch.withArray("operations").add(Session.createRequest("t" + i, fields));
    }
    Reply reply = s.call(batch).ack();
    for (int i = 0; i < THINGS; i++) {
      assertEquals(1, reply.result(i).version());
    }
  }

  private static void verifyAll(Session s) {
    for (int i = 0; i < THINGS; i++) {
      assertEquals(i, s.thing("t" + i).path("n").asInt(-1));
    }
    ObjectNode read = Session.json("{'type':'read','$ids':[]}");
    for (int i = THINGS - 1; i >= 0; i--) {
      read.withArray("$ids").add("t" + i);
    }
    assertEquals(THINGS, s.call(read).ok().json().path("things").size());
  }

  private static void changeEvicted(Session s) {
    // t0 to t6 are the least recently used after verifyAll's last read, which ended with t0
    for (int i = 100; i < 120; i++) {
      assertEquals(2, s.update("t" + i, "{'n':-1}").ack().version());
    }
    for (int i = 200; i < 220; i++) {
      s.delete("t" + i).ok();
    }
    s.create("t300", "{}").error("CONFLICT");
    Reply stale = s.call("{'type':'update','$id':'t301','ifVersion':7,'data':{}}");
    assertEquals(1, stale.error("CONFLICT").details().path("version").asInt());
    assertEquals(1, s.create("t200", "{'n':1000}").ack().version());
  }

  private static void verifyChanged(Session s) {
    for (int i = 0; i < THINGS; i++) {
      JsonNode thing = s.thing("t" + i);
      if (i > 200 && i < 220) {
        assertTrue(thing.isMissingNode(), thing::toString);
      } else {
        int n = i >= 100 && i < 120 ? -1 : i == 200 ? 1000 : i;
        assertEquals(n, thing.path("n").asInt(-7), thing::toString);
      }
    }
  }
}
