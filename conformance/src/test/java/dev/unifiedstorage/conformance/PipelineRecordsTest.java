package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The records a Pipeline receives: shape, order, numbers, epochs. */
@ExtendWith(SharedServer.class)
class PipelineRecordsTest {
  private static final Until SOON = Until.within(Duration.ofSeconds(20));

  private static EventLog await(PipelineSink sink, String namespace, int events) throws Exception {
    EventLog log =
        SOON.sees(
            events + " events", () -> sink.log(namespace), seen -> seen.events().size() >= events);
    assertEquals(events, log.events().size(), () -> log.events().toString());
    return log;
  }

  private static void assertCommonShape(JsonNode event, String namespace, String operation) {
    long ts = event.path("ts").asLong();
    assertEquals("things", event.path("store").asText(), event::toString);
    assertEquals(namespace, event.path("ns").asText());
    assertEquals("{\"namespace\":\"" + namespace + "\"}", event.path("_meta").toString());
    assertEquals(Instant.ofEpochMilli(ts), Instant.parse(event.path("timestamp").asText()));
    assertTrue(
        event
            .path("timestamp")
            .asText()
            .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"),
        event::toString);
    String key =
        "%s:%s:%d:%d.%d.%d"
            .formatted(
                event.path("entityId").asText(),
                operation,
                ts,
                event.path("epoch").asLong(),
                event.path("seq").asLong(),
                event.path("life").asLong());
    assertTrue(event.path("life").asLong() > 0, event::toString);
    assertEquals(key, event.path("idempotencyKey").asText());
    assertEquals("thing." + operation, event.path("verb").asText());
    assertEquals(14, event.size(), event::toString);
    assertTrue(Math.abs(System.currentTimeMillis() - ts) < 600_000, event::toString);
  }

  @Test
  void aCreateCarriesTheWholeThing(Session s, PipelineSink sink) throws Exception {
    s.create("a:b", "{'name':'Zoë','$version':9}").ack();
    JsonNode event = await(sink, s.namespace(), 1).events().get(0);
    assertCommonShape(event, s.namespace(), "created");
    assertEquals("a:b", event.path("entityId").asText());
    assertEquals("Customer", event.path("entityType").asText());
    assertEquals(1, event.path("version").asInt());
    assertEquals(1, event.path("seq").asInt());
    assertEquals(s.thing("a:b"), event.path("payload"));
  }

  @Test
  void anUpdateCarriesTheChangedFields(Session s, PipelineSink sink) throws Exception {
    s.create("a", "{'n':1,'keep':2}").ack();
    s.update("a", "{'n':null,'$type':'X','$createdAt':1}").ack();
    s.update("a", "{}").ack();
    EventLog log = await(sink, s.namespace(), 3);
    JsonNode event = log.events().get(1);
    assertCommonShape(event, s.namespace(), "updated");
    assertEquals(2, event.path("version").asInt());
    assertEquals("Customer", event.path("entityType").asText());
    JsonNode payload = event.path("payload");
    assertEquals(
        new TreeSet<>(List.of("$id", "$version", "$updatedAt", "n")),
        names(payload),
        event::toString);
    assertTrue(payload.get("n").isNull());
    assertEquals(2, payload.path("$version").asInt());
    JsonNode empty = log.events().get(2).path("payload");
    assertEquals(new TreeSet<>(List.of("$id", "$version", "$updatedAt")), names(empty));
    assertEquals(s.thing("a").path("$updatedAt"), empty.path("$updatedAt"));
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void aDeleteCarriesIdAndTime(Session s, PipelineSink sink) throws Exception {
    s.create("a", "{'n':1}").ack();
    s.delete("a").ok();
    s.delete("a").ok();
    s.create("a", "{}").ack();
    EventLog log = await(sink, s.namespace(), 3);
    JsonNode event = log.events().get(1);
    assertCommonShape(event, s.namespace(), "deleted");
    assertEquals(
        new TreeSet<>(List.of("$id", "$deletedAt")), names(event.path("payload")), event::toString);
    assertEquals("thing.created", log.events().get(2).path("verb").asText());
    assertEquals(1, log.events().get(2).path("version").asInt());
  }

  @Test
  void onlyWhatChangesAThingIsAnEvent(Session s, PipelineSink sink) throws Exception {
    s.create("a", "{}").ack();
    s.create("a", "{}").error("CONFLICT");
    s.update("b", "{}").error("NOT_FOUND");
    s.call("{'type':'delete','$id':'a','ifVersion':4}").error("CONFLICT");
    s.read("a").ok();
    s.raw("garbage").error("PARSE_ERROR");
    s.call(
            "{'type':'batch','atomic':true,'operations':[{'type':'delete','$id':'a'},"
                + "{'type':'update','$id':'b','data':{}}]}")
        .error("BATCH_FAILED");
    s.call(
            "{'type':'batch','operations':[{'type':'update','$id':'a','data':{}},"
                + "{'type':'update','$id':'b','data':{}},{'type':'delete','$id':'b'}]}")
        .ack();
    s.update("a", "{}").ack();
    EventLog log = await(sink, s.namespace(), 3);
    assertEquals(
        List.of(1, 2, 3), log.events().stream().map(e -> e.path("version").asInt()).toList());
  }

  @Test
  void keysDifferWithinOneMillisecond(Session s, PipelineSink sink) throws Exception {
    var request = Session.json("{'type':'batch','operations':[]}");
    request.withArray("operations").add(Session.createRequest("a", "{}"));
    for (int i = 0; i < 900; i++) {
      request.withArray("operations").add(Session.json("{'type':'update','$id':'a','data':{}}"));
    }
    s.call(request).ack();
    // EventLog itself fails on a key that occurs twice
    EventLog log = await(sink, s.namespace(), 901);
    assertEquals(901, log.of("a").size());
  }

  @Test
  void anEpochBeginsWithItsFence(@TempDir Path directory) throws Exception {
    try (PipelineSink sink = new PipelineSink()) {
      Setup setup = Setup.plain().sendingTo(sink);
      try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
        for (int life = 1; life <= 3; life++) {
          try (Session s = server.open("lives")) {
            s.read("a").ok();
            s.create("t" + life, "{}").ack();
            s.update("t1", "{}").ack();
          }
          await(sink, "lives", 2 * life);
          server.process().kill();
          server.startAgain(setup);
        }
        try (Session s = server.open("lives")) {
          assertFalse(s.thing("t3").isMissingNode());
        }
      }
      assertEpochs(sink.records("lives"));
      assertEquals(3, sink.log("lives").fences().size());
    }
  }

  private static void assertEpochs(List<JsonNode> records) {
    long epoch = 0;
    for (JsonNode record : records) {
      if (record.path("epoch").asLong() > epoch) {
        epoch = record.path("epoch").asLong();
        assertEquals("store.fence", record.path("verb").asText(), () -> records.toString());
        assertEquals(0, record.path("seq").asInt(-1));
        assertTrue(record.path("idempotencyKey").isTextual());
        assertTrue(record.path("entityId").asText("").isEmpty(), record::toString);
      }
    }
  }
}
