package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulator's own faults: the embedded Pipeline made to fail, and a crash on request. */
class FaultsTest {
  private static final Until SOON = Until.within(Duration.ofSeconds(30));

  private final Setup setup = Setup.plain().withFaults();
  @TempDir private Path directory;

  @BeforeEach
  void onlyWhereFaultsExist() {
    assumeTrue(Target.current().hasEmulatorRoutes(), "faults are an emulator's route");
  }

  private StoreServer start(Setup start) throws IOException {
    return StoreServer.start(start, directory.resolve("data"));
  }

  @Test
  void aHangingPipelineHoldsAcksBackInPipelineDurability() throws Exception {
    try (StoreServer server = start(setup.with("DURABILITY", "pipeline"));
        Session s = server.open("store")) {
      s.create("old", "{}").ack();
      server.http().faults("{\"pipeline\":{\"mode\":\"hang\"}}");
      CompletableFuture<JsonNode> create =
          s.send("{'type':'create','$type':'T','data':{'$id':'a'}}");
      s.ping().ok();
      assertFalse(s.read("old").thing("old").isMissingNode());
      assertFalse(create.isDone());
      server.http().faults("{\"pipeline\":{\"mode\":\"ok\"}}");
      new Reply(StoreSocket.await(create)).ack();
    }
  }

  @Test
  void aRejectingPipelineIsTriedAgainAndLocalAcksAllTheSame() throws Exception {
    try (StoreServer server = start(setup.with("DURABILITY", "local"));
        Session s = server.open("store")) {
      server.http().faults("{\"pipeline\":{\"mode\":\"reject\"}}");
      s.create("a", "{}").ack();
      JsonNode failing =
          SOON.sees("a retry", s::stats, st -> st.path("pipeline").path("retries").asInt() > 0);
      assertTrue(failing.path("pipeline").path("lastError").isTextual(), failing::toString);
      server.http().faults("{\"pipeline\":{\"mode\":\"ok\"}}");
      SOON.sees("delivery", s::stats, st -> st.path("pipeline").path("queued").asInt(-1) == 0);
    }
  }

  @Test
  void aCrashOnRequestLosesNothingAcknowledged() throws Exception {
    try (StoreServer server = start(setup)) {
      try (Session s = server.open("store")) {
        s.create("a", "{'n':1}").ack();
        try {
          server.http().faults("{\"crash\":\"now\"}");
        } catch (IOException e) {
          assertTrue(e.getMessage() == null || !e.getMessage().contains("answered 4"), e::toString);
        }
        assertTrue(server.process().awaitExit(Duration.ofSeconds(10)) != 0);
      }
      server.startAgain(setup);
      try (Session s = server.open("store")) {
        assertEquals(1, s.thing("a").path("n").asInt());
      }
    }
  }

  @Test
  void malformedFaultsAreRefused() throws Exception {
    try (StoreServer server = start(setup)) {
      for (String body : new String[] {"", "{", "[]", "{\"pipeline\":{\"mode\":\"sometimes\"}}"}) {
        assertEquals(400, server.http().request("PUT", "/faults", body).statusCode(), body);
      }
    }
  }
}
