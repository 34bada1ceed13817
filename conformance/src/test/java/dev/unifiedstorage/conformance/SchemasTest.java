package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every form of write under a schema; what the schemas themselves mean is SchemaSuiteTest's. */
class SchemasTest {
  private static final String SCHEMAS =
      "{\"Customer\":{\"properties\":{\"n\":{\"type\":\"integer\",\"maximum\":5},"
          + "\"tags\":{\"uniqueItems\":true}},\"required\":[\"n\"],\"additionalProperties\":false}}";
  private static final Setup CHECKED = Setup.plain().with("SCHEMAS", SCHEMAS);

  @TempDir private Path directory;

  private StoreServer start(Setup setup) throws IOException {
    return StoreServer.start(setup, directory.resolve("data"));
  }

  /** A refusal with these errors, each as path and keyword. */
  private static void misfit(Reply reply, String... expected) {
    assertErrors(reply.error("VALIDATION_ERROR").details(), expected);
  }

  private static void assertErrors(JsonNode details, String... expected) {
    List<String> found =
        details.path("errors").findParents("keyword").stream()
            .map(error -> error.path("path").textValue() + " " + error.path("keyword").textValue())
            .toList();
    assertEquals(List.of(expected), found, details::toString);
  }

  @Test
  void noWriteLeavesAThingThatDoesNotFit() throws Exception {
    try (StoreServer server = start(CHECKED);
        Session s = server.open("store")) {
      misfit(s.create("a", "{}"), " required");
      misfit(s.create("a", "{'n':6}"), "/n maximum");
      s.create("a", "{'n':3,'tags':[1]}").ack();
      misfit(s.update("a", "{'n':'3'}"), "/n type");
      misfit(s.update("a", "{'m':1}"), "/m additionalProperties");
      misfit(s.call("{'type':'update','$id':'a','unset':['n']}"), " required");
      misfit(s.call("{'type':'update','$id':'a','increment':{'n':2.5}}"), "/n type", "/n maximum");
      String patch = "[{'op':'add','path':'/tags/-','value':1}]";
      misfit(s.call("{'type':'update','$id':'a','patch':" + patch + "}"), "/tags uniqueItems");
      misfit(s.call("{'type':'put','$id':'a','$type':'Customer','data':{}}"), " required");
      misfit(s.call("{'type':'put','$id':'b','$type':'Customer','data':{'n':0.5}}"), "/n type");
      JsonNode thing = s.thing("a");
      assertEquals(1, thing.path("$version").asInt());
      assertEquals(3, thing.path("n").asInt());
      assertTrue(s.thing("b").isMissingNode());

      // The parts of an update are judged together.
      s.call("{'type':'update','$id':'a','data':{'n':7},'increment':{'n':-2}}").ack();
      s.call("{'type':'put','$id':'b','$type':'Customer','data':{'n':1,'$version':9}}").ack();
      s.call("{'type':'create','$type':'Other','data':{'n':'free'}}").ack();
      assertEquals(4, s.stats().path("appliedSeq").asInt());
    }
  }

  @Test
  void batchesAreJudgedOperationByOperation() throws Exception {
    try (StoreServer server = start(CHECKED);
        Session s = server.open("store")) {
      String operations =
          "[{'type':'create','$type':'Customer','data':{'$id':'a','n':1}},"
              + "{'type':'update','$id':'a','data':{'n':9}},"
              + "{'type':'update','$id':'a','data':{'n':2}}]";
      JsonNode results =
          s.call("{'type':'batch','operations':" + operations + "}").ack().json().path("results");
      assertEquals("VALIDATION_ERROR", results.path(1).path("code").textValue());
      assertErrors(results.path(1).path("details"), "/n maximum");
      assertEquals(2, results.path(2).path("$version").asInt());

      String atomic = operations.replace("'$id':'a'", "'$id':'b'");
      Reply failed = s.call("{'type':'batch','atomic':true,'operations':" + atomic + "}");
      assertEquals(1, failed.error("BATCH_FAILED").details().path("index").asInt());
      assertEquals("VALIDATION_ERROR", failed.details().path("code").textValue());
      assertTrue(failed.details().path("error").textValue().contains("/n: "), failed::toString);
      assertTrue(s.thing("b").isMissingNode());
    }
  }

  @Test
  void whatWasThereBeforeTheSchemaStays() throws Exception {
    try (StoreServer server = start(Setup.plain())) {
      try (Session s = server.open("store")) {
        s.create("old", "{'n':100,'m':1}").ack();
        s.create("other", "{'n':100}").ack();
        server.process().kill();
      }
      server.startAgain(CHECKED);
      try (Session s = server.open("store")) {
        assertEquals(100, s.thing("old").path("n").asInt());
        misfit(s.update("old", "{'n':1}"), "/m additionalProperties");
        s.call("{'type':'update','$id':'old','data':{'n':1},'unset':['m']}").ack();
        s.delete("other").ok();
      }
    }
  }

  @Test
  void aStartWithWhatIsNotSupportedIsRefusedByName() throws Exception {
    Setup wrong = Setup.plain().with("SCHEMAS", "{\"Card\":{\"items\":{\"format\":\"email\"}}}");
    if (Target.current().hasEmulatorRoutes()) {
      // It ends, and says so.
      IOException ended = assertThrows(IOException.class, () -> start(wrong).close());
      assertTrue(ended.getMessage().contains("format is not supported"), ended.getMessage());
      return;
    }
    try (StoreServer server = start(wrong);
        Session s = server.open("store")) {
      Reply reply = new Reply(s.socket().call(Session.json("{'type':'read','$ids':[]}")));
      String error = reply.error("UNAVAILABLE").json().path("error").textValue();
      assertTrue(
          error.contains("the keyword format is not supported, at Card#/items/format"), error);
    }
  }
}
