package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreHttp;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a write is acknowledged in each durability, and what becomes of events meanwhile. */
class DurabilityTest {
  private static final Until SOON = Until.within(Duration.ofSeconds(30));

  private PipelineSink sink;
  private StoreServer server;
  private Setup setup;
  @TempDir private Path directory;

  @BeforeEach
  void openSink() throws IOException {
    sink = new PipelineSink();
  }

  @AfterEach
  void close() throws IOException {
    sink.close();
    if (server != null) {
      server.close();
    }
  }

  private Session start(String durability) throws IOException {
    setup = Setup.plain().sendingTo(sink).with("DURABILITY", durability);
    server = StoreServer.start(setup, directory.resolve("data"));
    return server.open("store");
  }

  @Test
  void pipelineAcknowledgesOnlyWhatThePipelineAccepted() throws Exception {
    try (Session s = start("pipeline");
        Session other = server.open("store")) {
      s.create("old", "{'n':1}").ack();
      sink.mode(PipelineSink.Mode.HANG);
      int before = sink.deliveries();
      CompletableFuture<JsonNode> create =
          s.send("{'type':'create','$type':'T','data':{'$id':'a'}}");
      SOON.sees("the delivery", sink::deliveries, seen -> seen > before);
      CompletableFuture<JsonNode> read = other.send("{'type':'read','$ids':['a','old']}");
      CompletableFuture<JsonNode> conflict =
          other.send("{'type':'create','$type':'T','data':{'$id':'a'}}");
      assertEquals(1, other.thing("old").path("n").asInt(), "reads of other things do not wait");
      other.ping().ok();
      s.ping().ok();
      assertFalse(create.isDone(), "acknowledged before the Pipeline accepted");
      assertFalse(read.isDone(), "a read shows a write that could still be lost");
      assertFalse(conflict.isDone(), "a conflict shows a write that could still be lost");
      sink.mode(PipelineSink.Mode.OK);
      new Reply(StoreSocket.await(create)).ack();
      assertFalse(new Reply(StoreSocket.await(read)).ok().thing("a").isMissingNode());
      new Reply(StoreSocket.await(conflict)).error("CONFLICT");
      assertEquals(2, sink.log("store").events().size());
    }
  }

  @Test
  void pipelineWithoutAnArchiveSaysThatItsTailIsNotRecoverable() throws Exception {
    try (Session s = start("pipeline")) {
      s.create("a", "{}").ack();
      JsonNode stats = s.stats();
      assertEquals("pipeline", stats.path("durability").asText());
      JsonNode recoverable = stats.findValue("tailRecoverable");
      assertTrue(recoverable != null && !recoverable.asBoolean(true), stats::toString);
    }
  }

  @Test
  void aRejectedDeliveryIsRepeatedUnchanged() throws Exception {
    try (Session s = start("pipeline")) {
      sink.mode(PipelineSink.Mode.DUPLICATE);
      CompletableFuture<JsonNode> create =
          s.send("{'type':'create','$type':'T','data':{'$id':'a'}}");
      SOON.sees("a first delivery", sink::deliveries, seen -> seen >= 1);
      SOON.sees("a repeat", sink::deliveries, seen -> seen >= 2);
      sink.mode(PipelineSink.Mode.OK);
      new Reply(StoreSocket.await(create)).ack();
      // EventLog itself fails when a repeat differs
      assertEquals(1, sink.log("store").events().size());
      assertTrue(s.stats().path("pipeline").path("retries").asInt() >= 1);
    }
  }

  @Test
  void memoryAcknowledgesAtOnce() throws Exception {
    sink.mode(PipelineSink.Mode.HANG);
    try (Session s = start("memory")) {
      s.create("a", "{'n':1}").ack();
      assertEquals(1, s.thing("a").path("n").asInt());
      assertEquals("memory", s.stats().path("durability").asText());
      sink.mode(PipelineSink.Mode.OK);
      SOON.sees("the event", () -> sink.log("store").events(), seen -> seen.size() == 1);
    }
  }

  @Test
  void localOutlivesAnOutageOfThePipelineAndAKillDuringIt() throws Exception {
    try (Session s = start("local")) {
      sink.mode(PipelineSink.Mode.REJECT);
      for (int i = 0; i < 30; i++) {
        s.create("t" + i, "{'n':" + i + "}").ack();
      }
      s.delete("t0").ok();
      server.process().kill();
    }
    server.startAgain(setup);
    try (Session s = server.open("store")) {
      assertEquals(29, s.thing("t29").path("n").asInt());
      assertTrue(s.thing("t0").isMissingNode());
      s.update("t1", "{}").ack();
      http().checkpoint("store");
      sink.mode(PipelineSink.Mode.OK);
      EventLog log =
          SOON.sees("the events", () -> sink.log("store"), seen -> seen.events().size() >= 32);
      assertEquals(32, log.events().size());
      SOON.sees("an empty queue", () -> http().stats("store"), stats -> queued(stats) == 0);
    }
  }

  private StoreHttp http() {
    return server.http();
  }

  private static int queued(JsonNode stats) {
    return stats.path("pipeline").path("queued").asInt(-1);
  }

  @Test
  void aCheckpointDoesNotMakeUndeliveredEventsForgotten() throws Exception {
    try (Session s = start("local")) {
      sink.mode(PipelineSink.Mode.REJECT);
      s.create("a", "{}").ack();
      http().checkpoint("store");
    }
    assertEquals(0, server.process().terminate(Duration.ofSeconds(5)));
    server.startAgain(setup);
    sink.mode(PipelineSink.Mode.OK);
    try (Session s = server.open("store")) {
      assertFalse(s.thing("a").isMissingNode());
      SOON.sees("the event", () -> sink.log("store").events(), seen -> seen.size() == 1);
    }
  }

  @Test
  void atTheBoundWritesAreOverloadedAndNothingIsDropped() throws Exception {
    try (Session s = start("pipeline")) {
      s.create("old", "{}").ack();
      sink.mode(PipelineSink.Mode.HANG);
      String filler = "x".repeat(100_000);
      List<CompletableFuture<JsonNode>> replies = new ArrayList<>();
      List<JsonNode> overloaded = new ArrayList<>();
      // where the bound lies is the product's own; 100 MB is more than a queue may hold
      for (int i = 0; i < 1_000 && overloaded.isEmpty(); i++) {
        var create = Session.createRequest("t" + i, "{}");
        create.withObject("/data").put("filler", filler);
        replies.add(s.socket().send(create));
        if (i % 16 == 15) {
          s.ping().ok();
          replies.stream()
              .filter(CompletableFuture::isDone)
              .map(StoreSocket::await)
              .filter(reply -> "error".equals(reply.path("status").asText()))
              .forEach(overloaded::add);
        }
      }
      assertFalse(overloaded.isEmpty(), replies.size() + " writes are taken, none is refused");
      for (JsonNode reply : overloaded) {
        Reply refused = new Reply(reply).error("OVERLOADED");
        assertTrue(refused.details().path("retryAfterMs").asInt(0) > 0, refused::toString);
      }
      sink.mode(PipelineSink.Mode.OK);
      assertAckedAreThere(s, replies);
    }
  }

  private void assertAckedAreThere(Session s, List<CompletableFuture<JsonNode>> replies)
      throws Exception {
    int inState = 1;
    for (int i = 0; i < replies.size(); i++) {
      Reply reply = new Reply(StoreSocket.await(replies.get(i)));
      boolean present = !s.thing("t" + i).isMissingNode();
      if ("error".equals(reply.json().path("status").asText())) {
        reply.error("OVERLOADED");
      } else {
        reply.ack();
        assertTrue(present, "acknowledged and gone: t" + i);
      }
      inState += present ? 1 : 0;
    }
    int expected = inState;
    EventLog log =
        SOON.sees("every event", () -> sink.log("store"), l -> l.events().size() >= expected);
    assertEquals(expected, log.events().size());
  }
}
