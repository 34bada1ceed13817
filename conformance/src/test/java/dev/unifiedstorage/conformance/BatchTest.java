package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Batches: results in order, failures alone or together, the limit. */
@ExtendWith(SharedServer.class)
class BatchTest {
  @Test
  void everyKindOfOperationHasItsResultInOrder(Session s) {
    s.create("gone", "{}").ack();
    Reply batch =
        s.call(
                "{'type':'batch','operations':["
                    + "{'type':'create','$type':'T','data':{'$id':'a','n':1}},"
                    + "{'type':'update','$id':'a','data':{'n':2}},"
                    + "{'type':'read','$ids':['a','nobody']},"
                    + "{'type':'delete','$id':'gone'},"
                    + "{'type':'delete','$id':'never'},"
                    + "{'type':'create','$type':'T','data':{}}]}")
            .ack();
    assertEquals(6, batch.json().path("results").size());
    assertEquals("a", batch.result(0).id());
    assertEquals(1, batch.result(0).version());
    assertEquals(2, batch.result(1).version());
    JsonNode read = batch.result(2).json();
    assertEquals(2, read.path("things").path("a").path("n").asInt(), read::toString);
    assertEquals(1, read.path("things").size(), read::toString);
    assertEquals("{\"status\":\"ok\"}", batch.result(3).json().toString());
    assertEquals("{\"status\":\"ok\"}", batch.result(4).json().toString());
    assertTrue(batch.result(5).id().startsWith("t_"), batch::toString);
    assertTrue(s.thing("gone").isMissingNode());
  }

  @Test
  void anEmptyBatchIsAcknowledged(Session s) {
    assertEquals(
        "[]", s.call("{'type':'batch','operations':[]}").ack().json().path("results").toString());
    assertEquals(
        "[]",
        s.call("{'type':'batch','operations':[],'atomic':true}")
            .ack()
            .json()
            .path("results")
            .toString());
  }

  @Test
  void failuresOfANonAtomicBatchStandAlone(Session s) {
    s.create("a", "{}").ack();
    Reply batch =
        s.call(
                "{'type':'batch','atomic':false,'operations':["
                    + "{'type':'create','$type':'T','data':{'$id':'a'}},"
                    + "{'type':'update','$id':'nobody','data':{}},"
                    + "{'type':'create','$type':'T'},"
                    + "7,"
                    + "{'type':'frobnicate'},"
                    + "{'type':'batch','operations':[]},"
                    + "{'type':'update','$id':'a','ifVersion':9,'data':{}},"
                    + "{'type':'update','$id':'a','data':{'n':1}}]}")
            .ack();
    assertEquals(1, batch.result(0).error("CONFLICT").details().path("version").asInt(1));
    batch.result(1).error("NOT_FOUND");
    batch.result(2).error("VALIDATION_ERROR");
    batch.result(3).error("VALIDATION_ERROR");
    batch.result(4).error("UNKNOWN_TYPE");
    assertEquals("error", batch.result(5).json().path("status").asText());
    batch.result(6).error("CONFLICT");
    assertEquals(2, batch.result(7).version());
    assertEquals(1, s.thing("a").path("n").asInt());
  }

  @Test
  void anAtomicBatchIsAllOrNothing(Session s) {
    s.create("a", "{'n':1}").ack();
    s.create("b", "{'n':1}").ack();
    Reply failed =
        s.call(
                "{'type':'batch','atomic':true,'operations':["
                    + "{'type':'update','$id':'a','data':{'n':2}},"
                    + "{'type':'delete','$id':'b'},"
                    + "{'type':'create','$type':'T','data':{'$id':'c'}},"
                    + "{'type':'update','$id':'nobody','data':{}},"
                    + "{'type':'create','$type':'T','data':{'$id':'d'}}]}")
            .error("BATCH_FAILED");
    assertEquals(3, failed.details().path("index").asInt(), failed::toString);
    assertEquals(1, s.thing("a").path("n").asInt());
    assertEquals(1, s.thing("a").path("$version").asInt());
    assertEquals(1, s.thing("b").path("n").asInt());
    assertTrue(s.thing("c").isMissingNode());
    assertTrue(s.thing("d").isMissingNode());
    Reply worked =
        s.call(
                "{'type':'batch','atomic':true,'operations':["
                    + "{'type':'update','$id':'a','data':{'n':2}},"
                    + "{'type':'delete','$id':'b'},"
                    + "{'type':'create','$type':'T','data':{'$id':'c'}}]}")
            .ack();
    assertEquals(2, worked.result(0).version());
    assertTrue(s.thing("b").isMissingNode());
    assertFalse(s.thing("c").isMissingNode());
  }

  @Test
  void aMalformedOperationFailsAnAtomicBatch(Session s) {
    Reply failed =
        s.call(
                "{'type':'batch','atomic':true,'operations':["
                    + "{'type':'create','$type':'T','data':{'$id':'a'}},"
                    + "{'type':'update','$id':'a','data':7}]}")
            .error("BATCH_FAILED");
    assertEquals(1, failed.details().path("index").asInt(), failed::toString);
    assertTrue(s.thing("a").isMissingNode());
  }

  @Test
  void anAtomicBatchSeesItsOwnWrites(Session s) {
    Reply batch =
        s.call(
                "{'type':'batch','atomic':true,'operations':["
                    + "{'type':'create','$type':'T','data':{'$id':'a','n':1}},"
                    + "{'type':'update','$id':'a','ifVersion':1,'data':{'n':2}},"
                    + "{'type':'read','$ids':['a']},"
                    + "{'type':'delete','$id':'a','ifVersion':2},"
                    + "{'type':'create','$type':'T','data':{'$id':'a','n':3}}]}")
            .ack();
    assertEquals(2, batch.result(2).thing("a").path("n").asInt(), batch::toString);
    assertEquals(1, batch.result(4).version());
    assertEquals(3, s.thing("a").path("n").asInt());
  }

  @Test
  void aThousandOperationsAreTheLimit(Session s) {
    Reply full = s.call(creates(1_000)).ack();
    assertEquals(1_000, full.json().path("results").size());
    assertEquals("bulk_999", full.result(999).id());
    s.call(creates(1_001)).error("VALIDATION_ERROR");
    assertTrue(s.thing("bulk_1000").isMissingNode());
  }

  private static ObjectNode creates(int count) {
    ObjectNode request = Session.json("{'type':'batch'}");
    ArrayNode operations = request.putArray("operations");
    for (int i = 0; i < count; i++) {
      ObjectNode create = operations.addObject().put("type", "create").put("$type", "Bulk");
      create.putObject("data").put("$id", "bulk_" + i).put("n", i);
    }
    return request;
  }

  @Test
  void operationsMustBeAList(Session s) {
    s.call("{'type':'batch'}").error("VALIDATION_ERROR");
    s.call("{'type':'batch','operations':{}}").error("VALIDATION_ERROR");
    s.call("{'type':'batch','operations':null}").error("VALIDATION_ERROR");
  }
}
