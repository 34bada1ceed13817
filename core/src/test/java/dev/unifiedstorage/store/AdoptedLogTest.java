package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An empty database whose namespace has events of another object's in the archive. */
final class AdoptedLogTest {
  private final TestStore store = new TestStore().withArchive();

  @AfterEach
  void close() {
    store.close();
  }

  /** The first object writes "a". */
  private void write(String durability) {
    store.with("DURABILITY", durability).start();
    store.createAcked("a");
    store.time.advance(1_000);
  }

  /** The object of a writer starts over an empty database. */
  private void startEmpty(String writer) {
    for (String table : List.of("segments", "collections", "things")) {
      store.sql.exec("DROP TABLE IF EXISTS " + table);
    }
    store.writer = writer;
    store.log.clear();
    store.restart();
    store.time.advance(10_000);
  }

  private List<String> adoptions() {
    return store.log.stream().filter(line -> line.contains("ADOPT_LOG")).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline", "local", "memory"})
  void anothersLogAloneIsRefused(String durability) {
    write(durability);
    startEmpty("second");
    String error = store.startError();
    assertTrue(error.contains("events of writer writer, and none of this one, second"), error);
    assertTrue(error.contains("set ADOPT_LOG=true"), error);
    JsonObject read = store.ask("{'type':'read','id':1,'$ids':['a']}");
    assertEquals("UNAVAILABLE", read.string("code"), "a state is never empty over data");
    JsonObject write = store.ask("{'type':'create','id':1,'$type':'T','data':{}}");
    assertEquals("UNAVAILABLE", write.string("code"));
    assertEquals(List.of(1.0), store.sent());
  }

  @Test
  void refusalDoesNotWaitForTheTimeoutWhereTheArchiveAnswersLater() {
    write("pipeline");
    store.archive.setSilent(true);
    startEmpty("second");
    for (int i = 0; i < 10; i++) {
      store.archive.answer();
      store.time.advance(1_000);
    }
    assertNotNull(store.startError());
    assertTrue(store.startError().contains("events of writer writer"), store.startError());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline", "local", "memory"})
  void anothersLogIsAdoptedOnRequestAndSaidSo(String durability) {
    write(durability);
    final long life = (long) store.pipeline.stored().get(0).number("life");
    startEmpty("second");
    store.with("ADOPT_LOG", "true");
    startEmpty("second");
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("a"));
    assertEquals(1, adoptions().size(), store.log::toString);
    assertTrue(
        adoptions().get(0).startsWith("warning: ")
            && adoptions().get(0).contains("goes on from the events of writer writer; take"),
        adoptions().get(0));
    JsonObject from = store.stats().object("recovery").object("from");
    assertEquals("test", from.string("namespace"));
    assertEquals("writer", from.string("writer"));
    assertEquals(life + "-1", from.string("at"));
    store.createAcked("b");
    store.time.advance(1_000);
    startEmpty("third");
    assertNotNull(store.read("a"));
    assertNotNull(store.read("b"), "the newest of the two before it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline", "local", "memory"})
  void ownLifeWinsOverANewerOneAlthoughTheSettingIsLeftOn(String durability) {
    write(durability);
    store.with("ADOPT_LOG", "true");
    startEmpty("second");
    store.createAcked("b");
    store.time.advance(1_000);
    startEmpty("writer");
    assertNull(store.read("b"));
    store.createAcked("c");
    store.time.advance(1_000);
    startEmpty("second");
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("a"), "what was adopted");
    assertNotNull(store.read("b"));
    assertNull(store.read("c"));
    assertFalse(store.stats().object("recovery").keys().contains("from"));
    assertEquals(List.of(), adoptions());
  }
}
