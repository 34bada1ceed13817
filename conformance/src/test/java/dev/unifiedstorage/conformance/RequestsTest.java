package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every request of the protocol that succeeds, and the order of their replies. */
@ExtendWith(SharedServer.class)
class RequestsTest {
  private static final int CLOSE = 8;
  private static final String UUID_V4 =
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

  @Test
  void createMakesAnIdFromTheTypeInLowerCase(Session s) {
    Reply reply = s.call("{'type':'create','$type':'BigCustomer','data':{'name':'Alice'}}").ack();
    assertTrue(reply.id().matches("bigcustomer_" + UUID_V4), reply.id());
    assertEquals(1, reply.version());
    JsonNode thing = s.thing(reply.id());
    assertEquals("Alice", thing.path("name").asText());
    assertEquals("BigCustomer", thing.path("$type").asText());
  }

  @Test
  void createdIdsDiffer(Session s) {
    Reply first = s.call("{'type':'create','$type':'A','data':{}}").ack();
    Reply second = s.call("{'type':'create','$type':'A','data':{}}").ack();
    assertNotEquals(first.id(), second.id());
  }

  @Test
  void createTakesTheIdGivenInData(Session s) {
    assertEquals("urn:order/1?x=ü", s.create("urn:order/1?x=ü", "{}").ack().id());
    assertEquals("urn:order/1?x=ü", s.thing("urn:order/1?x=ü").path("$id").asText());
  }

  @Test
  void createOverAnExistingIdIsAConflictAndChangesNothing(Session s) {
    s.create("a", "{'n':1}").ack();
    s.update("a", "{'n':2}").ack();
    Reply conflict = s.create("a", "{'n':3}").error("CONFLICT");
    assertEquals(2, conflict.details().path("version").asInt(), conflict::toString);
    assertEquals(2, s.thing("a").path("n").asInt());
    assertEquals(2, s.thing("a").path("$version").asInt());
  }

  @Test
  void aThingCarriesItsSystemFieldsAndTimes(Session s) {
    long before = System.currentTimeMillis() - 60_000;
    s.create("a", "{'$version':7,'$createdAt':1,'$updatedAt':2,'x':true}").ack();
    JsonNode thing = s.thing("a");
    assertEquals("a", thing.path("$id").asText());
    assertEquals("Customer", thing.path("$type").asText());
    assertEquals(1, thing.path("$version").asInt());
    assertTrue(thing.path("$createdAt").asLong() > before, thing::toString);
    assertTrue(
        thing.path("$updatedAt").asLong() >= thing.path("$createdAt").asLong(), thing::toString);
    assertEquals(6, thing.size(), thing::toString);
  }

  @Test
  void readLeavesOutAbsentIds(Session s) {
    s.create("a", "{}").ack();
    s.create("b", "{}").ack();
    JsonNode things = s.read("a", "nobody", "b").json().path("things");
    assertEquals(2, things.size(), things::toString);
    assertTrue(things.has("a") && things.has("b"), things::toString);
    assertEquals(0, s.read().json().path("things").size());
    assertTrue(s.read().json().path("things").isObject());
    assertEquals(1, s.read("a", "a").json().path("things").size());
  }

  @Test
  void updateMergesAtTheTopLevelOnly(Session s) {
    s.create("a", "{'keep':1,'swap':{'x':1,'y':2},'nil':5}").ack();
    assertEquals(2, s.update("a", "{'swap':{'z':3},'nil':null,'fresh':[1]}").ack().version());
    JsonNode thing = s.thing("a");
    assertEquals(1, thing.path("keep").asInt());
    assertEquals("{\"z\":3}", thing.path("swap").toString());
    assertTrue(thing.has("nil") && thing.get("nil").isNull(), thing::toString);
    assertEquals("[1]", thing.path("fresh").toString());
  }

  @Test
  void updateCannotChangeSystemFields(Session s) {
    s.create("a", "{}").ack();
    JsonNode before = s.thing("a");
    s.update("a", "{'$id':'b','$type':'T','$version':99,'$createdAt':1,'n':1}").ack();
    JsonNode after = s.thing("a");
    assertEquals("a", after.path("$id").asText());
    assertEquals("Customer", after.path("$type").asText());
    assertEquals(2, after.path("$version").asInt());
    assertEquals(before.path("$createdAt"), after.path("$createdAt"));
    assertEquals(1, after.path("n").asInt());
    assertTrue(s.thing("b").isMissingNode());
  }

  @Test
  void anEmptyUpdateCounts(Session s) {
    s.create("a", "{'n':1}").ack();
    assertEquals(2, s.update("a", "{}").ack().version());
    assertEquals(2, s.thing("a").path("$version").asInt());
    assertEquals(1, s.thing("a").path("n").asInt());
  }

  @Test
  void updateOfAnAbsentThingIsNotFound(Session s) {
    s.update("a", "{}").error("NOT_FOUND");
    s.call("{'type':'update','$id':'a','data':{},'ifVersion':1}").error("NOT_FOUND");
  }

  @Test
  void ifVersionGuardsUpdateAndDelete(Session s) {
    s.create("a", "{'n':1}").ack();
    s.call("{'type':'update','$id':'a','ifVersion':1,'data':{'n':2}}").ack();
    Reply stale = s.call("{'type':'update','$id':'a','ifVersion':1,'data':{'n':3}}");
    assertEquals(2, stale.error("CONFLICT").details().path("version").asInt());
    stale = s.call("{'type':'delete','$id':'a','ifVersion':1}").error("CONFLICT");
    assertEquals(2, stale.details().path("version").asInt());
    assertEquals(2, s.thing("a").path("n").asInt());
    s.call("{'type':'delete','$id':'a','ifVersion':2}").ok();
    assertTrue(s.thing("a").isMissingNode());
    s.call("{'type':'delete','$id':'a','ifVersion':2}").error("NOT_FOUND");
  }

  @Test
  void deleteIsIdempotent(Session s) {
    s.create("a", "{}").ack();
    s.delete("a").ok();
    s.delete("a").ok();
    s.delete("never").ok();
    assertTrue(s.thing("a").isMissingNode());
    s.update("a", "{}").error("NOT_FOUND");
  }

  @Test
  void createAfterDeleteStartsAgainWithNothingOfTheOld(Session s) {
    s.create("a", "{'old':1}").ack();
    s.update("a", "{'older':1}").ack();
    s.delete("a").ok();
    assertEquals(1, s.create("a", "{'fresh':1}").ack().version());
    JsonNode thing = s.thing("a");
    assertFalse(thing.has("old") || thing.has("older"), thing::toString);
    assertEquals(1, thing.path("$version").asInt());
  }

  @Test
  void idsAreEchoedAsTheyCame(Session s) {
    for (String id : List.of("'text'", "''", "7", "0", "-3", "1.5", "'7'", "9007199254740991")) {
      Reply reply = s.call("{'type':'ping','id':" + id + "}").ok();
      JsonNode sent = Session.json("{'id':" + id + "}").path("id");
      JsonNode echoed = reply.json().path("id");
      assertEquals(sent.getNodeType(), echoed.getNodeType(), id);
      assertEquals(sent.asText(), echoed.asText(), id);
    }
  }

  @Test
  void binaryMessagesAreRequestsToo(Session s) {
    var request = Session.createRequest("bin", "{'name':'Zoë 😀'}");
    new Reply(dev.unifiedstorage.driver.StoreSocket.await(s.socket().sendBinary(request))).ack();
    assertEquals("Zoë 😀", s.thing("bin").path("name").asText());
  }

  @Test
  void aMessageMayComeInFragments(Session s) throws Exception {
    byte[] message = "{\"type\":\"ping\",\"id\":\"é\"}".getBytes(StandardCharsets.UTF_8);
    int inTheMiddleOfACharacter = message.length - 3;
    var reply = s.socket();
    reply.sendFrame(Session.TEXT, false, java.util.Arrays.copyOf(message, inTheMiddleOfACharacter));
    reply.sendFrame(
        0, true, java.util.Arrays.copyOfRange(message, inTheMiddleOfACharacter, message.length));
    assertEquals("é", new Reply(reply.nextUncorrelated()).ok().json().path("id").asText());
  }

  @Test
  void writesToOneEntityAreAppliedAndAcknowledgedInOrder(Session s) throws Exception {
    s.create("a", "{}").ack();
    List<Integer> acknowledged = new ArrayList<>();
    List<CompletableFuture<Void>> replies = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      replies.add(
          s.send("{'type':'update','$id':'a','data':{'n':" + i + "}}")
              .thenAccept(reply -> acknowledged.add(new Reply(reply).ack().version())));
    }
    CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
    for (int i = 0; i < 500; i++) {
      assertEquals(i + 2, acknowledged.get(i));
    }
    assertEquals(499, s.thing("a").path("n").asInt());
  }

  @Test
  void createUpdateDeleteOfOneEntityMayBePipelined(Session s) throws Exception {
    List<CompletableFuture<JsonNode>> replies = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      replies.add(s.send("{'type':'create','$type':'T','data':{'$id':'a','n':" + i + "}}"));
      replies.add(s.send("{'type':'update','$id':'a','data':{'n':" + -i + "}}"));
      replies.add(s.send("{'type':'delete','$id':'a'}"));
    }
    for (int i = 0; i < replies.size(); i += 3) {
      assertEquals(1, new Reply(replies.get(i).get(30, TimeUnit.SECONDS)).ack().version());
      assertEquals(2, new Reply(replies.get(i + 1).get(30, TimeUnit.SECONDS)).ack().version());
      new Reply(replies.get(i + 2).get(30, TimeUnit.SECONDS)).ok();
    }
    assertTrue(s.thing("a").isMissingNode());
  }

  @Test
  void whatOneSocketWroteAnotherReads(Session s, StoreServer server) throws IOException {
    try (Session other = server.open(s.namespace())) {
      s.create("a", "{'n':1}").ack();
      assertEquals(1, other.thing("a").path("n").asInt());
      other.update("a", "{'n':2}").ack();
      assertEquals(2, s.thing("a").path("n").asInt());
    }
  }

  @Test
  void aGoodbyeIsAnswered(Session s, StoreServer server) throws Exception {
    byte[] status = {0x03, (byte) 0xe8};
    for (byte[] goodbye : List.of(status, new byte[0])) {
      try (Session leaving = server.open(s.namespace())) {
        leaving.ping().ok();
        leaving.socket().sendFrame(CLOSE, true, goodbye);
        int code = leaving.socket().closeCode().get(5, TimeUnit.SECONDS);
        assertTrue(code == 1000 || code == 1005, () -> "closed with " + code);
      }
    }
    s.ping().ok();
  }

  @Test
  void theJdksOwnWebSocketClientIsServed(Session s) throws Exception {
    CompletableFuture<String> reply = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            reply.complete(data.toString());
            return null;
          }
        };
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(s.http().socket(s.namespace()), listener)
            .get(20, TimeUnit.SECONDS);
    socket.sendText("{\"type\":\"ping\",\"id\":1}", true);
    JsonNode answer = Session.json(reply.get(20, TimeUnit.SECONDS));
    assertEquals("ok", answer.path("status").asText());
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
    socket.abort();
  }
}
