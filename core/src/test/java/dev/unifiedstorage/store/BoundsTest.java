package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Things, batches, replies and queues end where they should. */
final class BoundsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private String batch(String operation, int others) {
    return "{'type':'batch','id':'b','operations':["
        + operation
        + ",{'type':'read','$ids':[]}".repeat(others)
        + "]}";
  }

  @Test
  void thingDoesNotGrowPastItsLimitInBatches() {
    store.start();
    store.create("a", "1");
    for (int i = 0; i < 14; i++) {
      String data = "{'f" + i + "':'" + "x".repeat(170_000) + "'}";
      store.send(batch("{'type':'update','$id':'a','data':" + data + "}", 999));
      store.time.advance(100);
    }
    int size = store.print(store.read("a")).length();
    String answer = store.post("checkpoint");
    assertTrue(answer.startsWith("200"), answer + ", the thing has " + size + " characters");
    assertTrue(size <= 1024 * 1024, "the thing has " + size + " characters");
  }

  @Test
  void thingThatGrewInBatchesCanStillBeDeletedAfterACrash() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    for (int i = 0; i < 14; i++) {
      String data = "{'f" + i + "':'" + "x".repeat(170_000) + "'}";
      store.send(batch("{'type':'update','$id':'a','data':" + data + "}", 999));
    }
    store.restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
    JsonObject reply = store.ask("{'type':'delete','id':1,'$id':'a'}");
    assertEquals("ok", reply.string("status"), store.print(reply));
  }

  @Test
  void replyToABatchOfReadsIsBounded() {
    store.start();
    store.create("a", "x".repeat(1_000_000));
    store.time.advance(100);
    store.replies.clear();
    int[] longest = {0};
    store
        .store()
        .onMessage(
            text -> longest[0] = Math.max(longest[0], text.length()),
            batch("{'type':'read','$ids':['a']}" + ",{'type':'read','$ids':['a']}".repeat(39), 0)
                .replace('\'', '"'));
    assertTrue(longest[0] <= 17 * 1024 * 1024, "the reply has " + longest[0] + " characters");
  }

  @Test
  void largeBatchOfUpdatesTakesFewSends() {
    store.with("DURABILITY", "pipeline").start();
    StringBuilder creates = new StringBuilder();
    StringBuilder updates = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      creates.append(i == 0 ? "" : ",").append("{'type':'create','$type':'T','data':{'$id':'i");
      creates.append(i).append("'}}");
      updates.append(i == 0 ? "" : ",").append("{'type':'update','$id':'i").append(i);
      updates.append("','data':{'text':'").append("x".repeat(200)).append("'}}");
    }
    store.ask("{'type':'batch','id':1,'operations':[" + creates + "]}");
    int before = store.pipeline.sendSizes().size();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'batch','id':1,'operations':[" + updates + "]}");
    store.create("other", "1");
    assertTrue(
        !"OVERLOADED".equals(store.lastReply().string("code")), store.print(store.lastReply()));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    int sends = store.pipeline.sendSizes().size() - before;
    assertTrue(sends <= 3, sends + " sends for 1,000 events of 250 KB together");
  }

  @Test
  void atomicBatchThatOneRequestToThePipelineCannotHoldIsRefused() {
    store.with("DURABILITY", "pipeline").start();
    String type = "\u4e2d".repeat(256);
    StringBuilder creates = new StringBuilder();
    StringBuilder updates = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      creates.append(i == 0 ? "" : ",").append("{'type':'create','$type':'").append(type);
      creates.append("','data':{'$id':'i").append(i).append("'}}");
      updates.append(i == 0 ? "" : ",").append("{'type':'update','$id':'i").append(i);
      updates.append("','data':{'n':[1e20").append(",1e20".repeat(195)).append("]}}");
    }
    String batch = "{'type':'batch','id':1,'atomic':";
    String create = batch + "true,'operations':[" + creates + "]}";
    assertEquals("ack", store.ask(create).string("status"));
    String update = ",'operations':[" + updates + "]}";
    assertTrue((batch + update).length() <= 1024 * 1024, "a message of 5.4 MB in records");
    assertEquals("PAYLOAD_TOO_LARGE", store.ask(batch + "true" + update).string("code"));
    assertEquals(1, store.read("i0").number("$version"));
    assertEquals("ack", store.ask(batch + "false" + update).string("status"));
    assertEquals(2, store.read("i999").number("$version"));
  }

  @Test
  void deletionsThatSqliteDoesNotTakeAreBounded() {
    store.with("DURABILITY", "pipeline").with("DIRTY_COUNT_THRESHOLD", "10").start();
    store.create("first", "1");
    store.sql.setFailing(true);
    StringBuilder pairs = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      pairs.append(i == 0 ? "" : ",");
      pairs.append("{'type':'create','$type':'T','data':{'$id':'N").append(i).append("'}},");
      pairs.append("{'type':'delete','$id':'N").append(i).append("'}");
    }
    for (int n = 0; n < 250; n++) {
      String operations = pairs.toString().replace("N", n + "_");
      store.send("{'type':'batch','id':1,'operations':[" + operations + "]}");
    }
    assertEquals("OVERLOADED", store.lastReply().string("code"));
    double dirty = store.stats().number("dirty");
    assertTrue(dirty <= 100_000 + 1_000, "dirty: " + dirty);
  }
}
