package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only shows from inside: what a query waits for, and an index that takes many slices. */
final class QueryTest {
  private static final String INDEXED =
      "{'type':'query','id':1,'$type':'T','where':{'g':1},'orderBy':['n'],'limit':1000,'explain':true}";

  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String type, String id) {
    store.send("{'type':'create','id':0,'$type':'" + type + "','data':{'$id':'" + id + "'}}");
  }

  @Test
  void aReplyWaitsForWritesOfItsTypeAlone() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':0,'$type':'T','data':{'$id':'a'}}");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("Other", "o");
    JsonObject now = store.ask("{'type':'query','id':1,'$type':'T'}");
    assertEquals(1, now.array("things").size());
    String before = now.string("at");

    create("T", "b");
    store.send("{'type':'query','id':2,'$type':'T'}");
    store.send("{'type':'count','id':3,'$type':'T'}");
    store.send("{'type':'count','id':4,'$type':'Nothing'}");
    assertEquals(4, store.replies.get(store.replies.size() - 1).number("id"));
    store.time.advance(20);
    store.pipeline.releaseHeld();
    store.time.advance(1000);
    List<JsonObject> replies = store.replies;
    JsonObject count = replies.get(replies.size() - 1);
    assertEquals(2, count.number("count"));
    assertEquals(2, replies.get(replies.size() - 2).array("things").size());
    assertFalse(count.string("at").equals(before));
  }

  @Test
  void anAbsenceWaitsToo() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':0,'$type':'T','data':{'$id':'a'}}");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'delete','id':1,'$id':'a'}");
    int replies = store.replies.size();
    store.send("{'type':'query','id':2,'$type':'T'}");
    assertEquals(replies, store.replies.size());
  }

  @ParameterizedTest
  @CsvSource({"packed,false", "packed,true", "normalized,true"})
  void anIndexIsBuiltInSlicesWhileTheStoreGoesOn(String large, boolean evicting) {
    store.with("DURABILITY", "memory").with("INDEXES", "{\"T\":[[\"g\",\"n\"]]}");
    store.with("COLUMNAR_THRESHOLD", "10").with("LARGE_COLLECTIONS", large);
    if (evicting) {
      store.with("MAX_ENTRIES", "700");
    }
    store.start();
    for (int batch = 0; batch < 9; batch++) {
      StringBuilder operations = new StringBuilder();
      for (int i = batch * 1000; i < batch * 1000 + 1000; i++) {
        operations.append(i % 1000 == 0 ? "" : ",").append("{'type':'create','$type':'T','data':");
        operations.append("{'$id':'i" + i + "','g':" + i % 10 + ",'n':" + i * 7919 % 9001 + "}}");
      }
      store.ask("{'type':'batch','id':1,'operations':[" + operations + "]}");
    }
    store.post("checkpoint");
    double bytes = store.stats().number("estimatedBytes");

    int replies = store.replies.size();
    store.send(INDEXED);
    store.send(INDEXED.replace("'id':1", "'id':2"));
    assertEquals(replies, store.replies.size(), "it takes more than one slice");
    // What is changed, removed, added and undone between two slices counts once.
    store.ask("{'type':'update','id':3,'$id':'i1','data':{'n':-5}}");
    store.ask("{'type':'update','id':3,'$id':'i8991','data':{'n':-4}}");
    store.ask("{'type':'update','id':3,'$id':'i2','data':{'g':1,'n':-3}}");
    store.ask("{'type':'delete','id':3,'$id':'i11'}");
    store.ask("{'type':'delete','id':3,'$id':'i8981'}");
    store.ask("{'type':'create','id':3,'$type':'T','data':{'$id':'new','g':1,'n':-2}}");
    store.ask(
        "{'type':'batch','id':3,'atomic':true,'operations':["
            + "{'type':'update','$id':'i21','data':{'n':-9}},{'type':'delete','$id':'i31'},"
            + "{'type':'update','$id':'nobody','data':{}}]}");
    int before = store.replies.size();
    store.time.advance(1);
    assertEquals(before + 2, store.replies.size());

    JsonObject page = store.replies.get(before);
    assertEquals(1, page.object("explain").array("index").size() - 1, "the index is used");
    List<String> found = ids(page);
    assertEquals(List.of("i1", "i8991", "i2", "new"), found.subList(0, 4));
    assertEquals(900, found.size());
    assertFalse(found.contains("i11") || found.contains("i8981"));
    assertTrue(found.contains("i21") && found.contains("i31"));
    JsonObject scan =
        store.ask(INDEXED.replace("'where':{'g':1}", "'where':{'$not':{'g':{'$ne':1}}}"));
    assertEquals("NULL", scan.object("explain").kind("index").name());
    assertEquals(found, ids(scan));
    assertTrue(evicting || store.stats().number("estimatedBytes") > bytes + 9000 * 50);
  }

  /** It took the memory that the things had left, and the isolate ended at every query. */
  @ParameterizedTest
  @ValueSource(strings = {"packed", "normalized"})
  void indexThatWouldOutgrowTheMemoryIsGivenUp(String large) {
    store.with("DURABILITY", "memory").with("INDEXES", "{\"T\":[[\"g\",\"n\"]]}");
    store.with("LARGE_COLLECTIONS", large).with("MAX_ENTRIES", "700").with("MAX_SCAN", "1000");
    store.start();
    for (int i = 0; i < 9_000; i++) {
      store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'i" + i + "','g':1,'n':1}}");
    }
    store.checkpoint();
    double bytes = store.stats().number("estimatedBytes");
    store.with("MAX_STORE_BYTES", String.valueOf((int) Math.max(bytes, 700_000))).restart();
    JsonObject refused = slow(INDEXED);
    assertEquals("TOO_EXPENSIVE", refused.string("code"), store.print(refused));
    assertEquals("NULL", refused.object("details").kind("index").name());
    assertTrue(store.stats().number("estimatedBytes") <= bytes + 1_000, "it is gone");
    for (int i = 0; i < 4_800; i++) {
      store.delete("i" + i);
    }
    store.checkpoint();
    assertEquals("ok", slow(INDEXED).string("status"), "it is tried again");
    store.with("MAX_STORE_BYTES", "100000000").restart();
    assertEquals("ok", slow(INDEXED).string("status"));
  }

  /** The reply to what waits for an index that is built meanwhile. */
  private JsonObject slow(String message) {
    store.send(message);
    store.time.advance(1);
    return store.lastReply();
  }

  @Test
  void whereTheBestIndexWouldNotFitTheNextOneAnswers() {
    store.with("DURABILITY", "memory").with("INDEXES", "{\"T\":[[\"g\"],[\"g\",\"s\"]]}");
    store.with("MAX_ENTRIES", "700").with("MAX_SCAN", "1000").start();
    String pad = "x".repeat(200);
    for (int i = 0; i < 9_000; i++) {
      store.ask(
          "{'type':'create','id':1,'$type':'T','data':{'$id':'i%d','g':%d,'s':'%s%d'}}"
              .formatted(i, i % 100, pad, i));
    }
    store.checkpoint();
    double bytes = store.stats().number("estimatedBytes");
    store.with("MAX_STORE_BYTES", String.valueOf((int) (bytes + 200_000))).restart();
    assertEquals(
        "ok", slow("{'type':'query','id':1,'$type':'T','where':{'g':7}}").string("status"));
    String byBoth =
        "{'type':'query','id':1,'$type':'T','where':{'g':7,'s':'%s107'},'explain':true}"
            .formatted(pad);
    JsonObject page = slow(byBoth);
    assertEquals(List.of("i107"), ids(page), store.print(page));
    assertEquals(1, page.object("explain").array("index").size(), store.print(page));
  }

  private static List<String> ids(JsonObject page) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < page.array("things").size(); i++) {
      ids.add(page.array("things").object(i).string("$id"));
    }
    return ids;
  }

  @Test
  void aRebuildEndsTheWaitForAnIndex() {
    store.withArchive().with("DURABILITY", "local").with("INDEXES", "{\"T\":[[\"n\"]]}").start();
    for (int batch = 0; batch < 3; batch++) {
      StringBuilder operations = new StringBuilder();
      for (int i = 0; i < 1000; i++) {
        operations.append(i == 0 ? "" : ",").append("{'type':'create','$type':'T','data':{}}");
      }
      store.ask("{'type':'batch','id':1,'operations':[" + operations + "]}");
    }
    store.time.advance(1000);
    store.send("{'type':'query','id':'waits','$type':'T','orderBy':['n']}");
    store.post("rebuild");
    store.time.advance(60_000);
    JsonObject refused = store.replies.get(store.replies.size() - 1);
    assertEquals("waits", refused.string("id"));
    assertEquals("RECOVERING", refused.string("code"));
    store.send("{'type':'query','id':'again','$type':'T','orderBy':['n'],'limit':7}");
    store.time.advance(1);
    JsonObject page = store.replies.get(store.replies.size() - 1);
    assertEquals(7, page.array("things").size());
  }
}
