package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What single requests and batches do to things, and what bad ones are answered. */
final class RequestsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void batchUpdatesAndDeletes() {
    store.start();
    store.createAcked("a");
    store.createAcked("b");
    JsonObject reply =
        store.ask(
            "{'type':'batch','id':1,'operations':[{'type':'update','$id':'a','data':{'n':5}},"
                + "{'type':'delete','$id':'b'},{'type':'create','$type':'T','data':{'$id':'c'}}]}");
    assertEquals("ack", reply.string("status"));
    assertEquals(5, store.read("a").number("n"));
    assertNull(store.read("b"));
    assertNotNull(store.read("c"));
  }

  @Test
  void idWithColonsIsKeptWhole() {
    store.start();
    store.createAcked("urn:a:b:c");
    store.time.advance(1000);
    assertEquals("urn:a:b:c", store.pipeline.stored().get(1).string("entityId"));
    store.restart();
    assertNotNull(store.read("urn:a:b:c"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "garbage | PARSE_ERROR",
        "[] | PARSE_ERROR",
        "{} | VALIDATION_ERROR",
        "{'id':1} | UNKNOWN_TYPE",
        "{'id':1,'type':'drop'} | UNKNOWN_TYPE",
        "{'id':1,'type':'create'} | VALIDATION_ERROR",
        "{'id':1,'type':'create','$type':'T'} | VALIDATION_ERROR",
        "{'id':1,'type':'create','$type':'','data':{}} | VALIDATION_ERROR",
        "{'id':1,'type':'update','$id':'x','data':{}} | NOT_FOUND",
        "{'id':1,'type':'update','$id':'x','data':{},'ifVersion':1.5} | VALIDATION_ERROR",
        "{'id':1,'type':'update','$id':'x','data':{},'ifVersion':-1} | VALIDATION_ERROR",
        "{'id':1,'type':'update','$id':'x','data':{},'ifVersion':0} | NOT_FOUND",
        "{'id':1,'type':'delete','$id':'x','ifVersion':0} | NOT_FOUND",
        "{'id':1,'type':'delete','$id':'x','ifVersion':1} | NOT_FOUND",
        "{'id':1,'type':'read','$ids':[1]} | VALIDATION_ERROR",
        "{'id':1,'type':'batch','operations':{}} | VALIDATION_ERROR",
        "{'id':true,'type':'ping'} | VALIDATION_ERROR"
      })
  void badInputHasAReply(String message, String code) {
    store.start();
    assertEquals(code, store.ask(message).string("code"));
    assertEquals("ok", store.ask("{'id':2,'type':'ping'}").string("status"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'type':'update','data':{}", "'type':'delete'"})
  void noThingThatIsThereHasVersionZero(String write) {
    store.start();
    store.createAcked("a");
    JsonObject reply = store.ask("{'id':1,'$id':'a','ifVersion':0," + write + "}");
    assertEquals("CONFLICT", reply.string("code"));
    assertEquals(1, reply.object("details").number("version"));
  }

  @Test
  void createOverAnExistingIdIsAConflict() {
    store.start();
    store.createAcked("a");
    store.ask("{'type':'update','id':2,'$id':'a','data':{'n':1}}");
    JsonObject reply = store.ask("{'type':'create','id':3,'$type':'T','data':{'$id':'a'}}");
    store.time.advance(100);
    assertEquals("CONFLICT", reply.string("code"));
    assertEquals(2, reply.object("details").number("version"));
    assertEquals(2, store.read("a").number("$version"));
  }

  /** The emulator answered nothing, and the Worker applied it and answered null. */
  @Test
  void anIdThatIsNoFiniteNumberIsNoId() {
    try (TestStore store = new TestStore().start()) {
      for (String id : new String[] {"1e999", "-1e999"}) {
        JsonObject reply =
            store.ask("{'type':'create','id':" + id + ",'$type':'T','data':{'$id':'a'}}");
        assertEquals("VALIDATION_ERROR", reply.string("code"));
        assertEquals(JsonKind.NULL, reply.kind("id"));
      }
      assertEquals(0, store.stats().number("entries"));
    }
  }
}
