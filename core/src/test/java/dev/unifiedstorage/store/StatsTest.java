package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store tells of itself. */
final class StatsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void thingsAreCountedByTypeEvictedOnesToo() {
    store.with("MAX_ENTRIES", "1").with("COLUMNAR_THRESHOLD", "0").start();
    for (int i = 0; i < 3; i++) {
      store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'c" + i + "'}}");
    }
    store.ask("{'type':'create','id':1,'$type':'User','data':{'$id':'u'}}");
    store.ask("{'type':'create','id':1,'$type':'Gone','data':{'$id':'g'}}");
    store.ask("{'type':'delete','id':1,'$id':'g'}");
    store.post("checkpoint");
    JsonObject types = store.stats().object("types");
    assertEquals(3, types.number("Card"));
    assertEquals(1, types.number("User"));
    assertEquals(List.of("Card", "User"), types.keys());
  }
}
