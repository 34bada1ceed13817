package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The forms of an update, put, check and return; limits, refusals, and the events of them all. */
@ExtendWith(SharedServer.class)
class WritingTest {
  private static final Until SOON = Until.within(Duration.ofSeconds(20));

  /** The own fields of a thing, as JSON. */
  private static String fields(Session s, String id) {
    ObjectNode thing = (ObjectNode) s.thing(id).deepCopy();
    thing.remove(List.of("$id", "$type", "$version", "$createdAt", "$updatedAt"));
    return thing.toString().replace('"', '\'');
  }

  private static Reply update(Session s, String parts) {
    return s.call("{'type':'update','$id':'a'," + parts + "}");
  }

  private static JsonNode payload(Session s, PipelineSink sink, int event) throws Exception {
    EventLog log =
        SOON.sees(
            event + " events",
            () -> sink.log(s.namespace()),
            seen -> seen.events().size() >= event);
    return log.events().get(event - 1).path("payload");
  }

  /** A payload without its times, as JSON. */
  private static String bare(JsonNode payload) {
    ObjectNode bare = (ObjectNode) payload.deepCopy();
    bare.remove("$updatedAt");
    return bare.toString().replace('"', '\'');
  }

  @Test
  void thePartsOfAnUpdateAreOneChangeAndOneEvent(Session s, PipelineSink sink) throws Exception {
    s.create("a", "{'keep':1,'n':1,'gone':true,'list':[1,2]}").ack();
    Reply reply =
        update(
            s,
            "'patch':[{'op':'add','path':'/list/-','value':{'x':1}}],'increment':{'n':4,'c':-1},"
                + "'unset':['gone','absent','d'],'data':{'d':1,'n':5}");
    assertEquals(2, reply.ack().version());
    assertEquals("{'keep':1,'n':9,'list':[1,2,{'x':1}],'c':-1}", fields(s, "a"));
    JsonNode payload = payload(s, sink, 2);
    assertTrue(payload.path("$updatedAt").isNumber(), payload::toString);
    assertEquals(
        Session.json(
            "{'$id':'a','n':9,'c':-1,'list':[1,2,{'x':1}],'$unset':['gone'],'$version':2}"),
        Session.json(bare(payload)));
    assertEquals(2, s.stats().path("appliedSeq").asInt());
  }

  @Test
  void everyFormOfAnUpdateMayStandAlone(Session s) {
    s.create("a", "{'n':1,'x':1}").ack();
    assertEquals(2, update(s, "'unset':['x']").ack().version());
    assertEquals(3, update(s, "'increment':{'n':0.5}").ack().version());
    assertEquals(4, update(s, "'patch':[]").ack().version());
    assertEquals(5, update(s, "'unset':[],'increment':{}").ack().version());
    assertEquals("{'n':1.5}", fields(s, "a"));
    update(s, "'return':true").error("VALIDATION_ERROR");
    update(s, "'ifVersion':4,'unset':['n']").error("CONFLICT");
  }

  @Test
  void whatIsWrongIsNamed(Session s) {
    s.create("a", "{'n':1,'s':'x','big':1.7e308}").ack();
    assertField("s", update(s, "'increment':{'n':1,'s':1}"));
    assertField("big", update(s, "'increment':{'big':1.7e308}"));
    assertField("n", update(s, "'increment':{'n':'1'}"));
    assertField("$x", update(s, "'data':{'$x':1}"));
    assertField("$x", s.create("b", "{'$x':1}"));
    assertField("$x", s.call("{'type':'put','$type':'T','$id':'b','data':{'$x':1}}"));
    assertField("unset", update(s, "'unset':{}"));
    assertField("increment", update(s, "'increment':[]"));
    assertField("patch", update(s, "'patch':{}"));
    assertField("return", update(s, "'data':{},'return':'yes'"));
    assertField("ifVersion", s.call("{'type':'check','$id':'a'}"));
    assertField("ifVersion", s.call("{'type':'check','$id':'a','ifVersion':1.5}"));
    Reply failed =
        update(s, "'patch':[{'op':'remove','path':'/n'},{'op':'test','path':'/s','value':'y'}]");
    assertEquals(1, failed.error("CONFLICT").details().path("index").asInt());
    for (String path : new String[] {"/$version", "/$x", "/absent/x", "n", "/~2"}) {
      Reply wrong =
          update(
              s,
              "'patch':[{'op':'test','path':'/n','value':1},{'op':'add','path':'"
                  + path
                  + "','value':1}]");
      assertEquals(1, wrong.error("VALIDATION_ERROR").details().path("index").asInt(9), path);
    }
    assertEquals(1, s.thing("a").path("$version").asInt());
  }

  private static void assertField(String field, Reply reply) {
    assertEquals(field, reply.error("VALIDATION_ERROR").details().path("field").asText());
  }

  @Test
  void putCreatesOrReplaces(Session s, PipelineSink sink) throws Exception {
    String put = "{'type':'put','$type':'%s','$id':'a','data':%s%s}";
    assertEquals(
        0,
        s.call(put.formatted("T", "{}", ",'ifVersion':1"))
            .error("CONFLICT")
            .details()
            .path("version")
            .asInt(9));
    assertEquals(1, s.call(put.formatted("T", "{'n':1,'x':2}", ",'ifVersion':0")).ack().version());
    JsonNode first = s.thing("a");
    for (String wrong : new String[] {",'ifVersion':0", ",'ifVersion':2"}) {
      Reply reply = s.call(put.formatted("T", "{}", wrong)).error("CONFLICT");
      assertEquals(1, reply.details().path("version").asInt(), wrong);
    }
    for (String version : new String[] {"", ",'ifVersion':0", ",'ifVersion':1"}) {
      Reply reply = s.call(put.formatted("Other", "{}", version)).error("CONFLICT");
      assertEquals(1, reply.details().path("version").asInt(), version);
    }
    assertEquals(first, s.thing("a"), "it is of another type, whatever its version");
    assertEquals(
        2, s.call(put.formatted("T", "{'$id':'z','$version':9,'n':3}", "")).ack().version());
    assertEquals("{'n':3}", fields(s, "a"));
    assertEquals(first.path("$createdAt"), s.thing("a").path("$createdAt"));
    assertEquals(
        Session.json("{'$id':'a','n':3,'$unset':['x'],'$version':2}"),
        Session.json(bare(payload(s, sink, 2))));
  }

  /** No thing that is there has version 0, and none that is absent can be changed. */
  @Test
  void versionZeroIsMetByNoUpdateAndNoDelete(Session s) throws Exception {
    s.create("a", "{}").ack();
    for (String write : List.of("'type':'update','data':{}", "'type':'delete'")) {
      String request = "{" + write + ",'ifVersion':0,'$id':";
      Reply there = s.call(request + "'a'}").error("CONFLICT");
      assertEquals(1, there.details().path("version").asInt(), write);
      s.call(request + "'b'}").error("NOT_FOUND");
    }
  }

  @Test
  void checkIsAConditionInABatch(Session s) throws Exception {
    s.create("a", "{'n':1}").ack();
    s.call("{'type':'check','$id':'a','ifVersion':1}").ok();
    s.call("{'type':'check','$id':'b','ifVersion':0}").ok();
    String batch =
        "{'type':'batch','atomic':true,'operations':[{'type':'update','$id':'a','increment':{'n':1}},"
            + "{'type':'check','$id':'b','ifVersion':%d},"
            + "{'type':'put','$type':'T','$id':'c','data':{'x':1},'return':true}]}";
    Reply failed = s.call(batch.formatted(3)).error("BATCH_FAILED");
    assertEquals(1, failed.details().path("index").asInt());
    assertTrue(s.thing("c").isMissingNode());
    Reply done = s.call(batch.formatted(0)).ack();
    assertEquals("{\"status\":\"ok\"}", done.result(1).json().toString());
    assertEquals(s.thing("c"), done.result(2).json().path("thing"));
    assertEquals(2, s.thing("a").path("n").asInt());
    assertEquals(3, s.stats().path("appliedSeq").asInt());
  }

  @Test
  void returnShowsTheThingAsItIs(Session s) {
    Reply created = s.call("{'type':'create','$type':'T','data':{'$id':'a','n':1},'return':true}");
    assertEquals(s.thing("a"), created.ack().json().path("thing"));
    Reply updated = update(s, "'increment':{'n':1},'return':true").ack();
    assertEquals(s.thing("a"), updated.json().path("thing"));
    assertFalse(update(s, "'increment':{'n':1},'return':false").ack().json().has("thing"));
    s.create("large", "{'x':'" + "x".repeat(600_000) + "'}").ack();
    String large = "{'type':'update','$id':'large','increment':{'n':1},'return':true}";
    Reply batch = s.call("{'type':'batch','operations':[" + large + "," + large + "]}").ack();
    assertEquals(600_000, batch.result(0).json().path("thing").path("x").asText().length());
    assertTrue(batch.result(1).json().path("truncated").asBoolean());
    assertFalse(batch.result(1).json().has("thing"));
    assertEquals(3, batch.result(1).version());
  }

  @Test
  void limitsHoldAfterEveryOperation(Session s) {
    s.create("a", "{'x':'" + "x".repeat(600_000) + "'}").ack();
    String more = "'" + "y".repeat(500_000) + "'";
    update(s, "'data':{'y':" + more + "},'unset':['x']").error("PAYLOAD_TOO_LARGE");
    Reply failed =
        update(
            s,
            "'patch':[{'op':'add','path':'/y','value':" + more + "},{'op':'remove','path':'/x'}]");
    assertEquals(0, failed.error("PAYLOAD_TOO_LARGE").details().path("index").asInt(9));
    String deep = "[".repeat(62) + "]".repeat(62);
    update(s, "'patch':[{'op':'add','path':'/d','value':[" + deep + "]}]").ack();
    Reply deeper = update(s, "'patch':[{'op':'add','path':'/d/0','value':[" + deep + "]}]");
    assertEquals(0, deeper.error("VALIDATION_ERROR").details().path("index").asInt(9));
  }
}
