package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A damaged row is named, replaced or refused, and never taken for another one. */
final class DamagedRowTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void damagedRowIsGoneOnceTheArchiveHasReplacedIt() {
    store.withArchive().with("DURABILITY", "local").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.time.advance(10_000);
    store.sql.exec("UPDATE segments SET body = body || 'x' WHERE kind = 2");
    store.restart();
    store.time.advance(1000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
  }

  @Test
  void packedRowWhoseTransactionIsDamagedIsNotTakenForAVoidOne() {
    store.with("COLUMNAR_THRESHOLD", "0").start();
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(100);
    store.send("{'type':'update','id':'u','$id':'a','data':{'text':'new'}}");
    store.post("checkpoint");
    store.sql.exec(
        "UPDATE segments SET tx = 0 WHERE kind = 1 AND tx = (SELECT max(tx) FROM segments)");
    store.restart();
    assertTrue(store.startError().contains("row segments"), store.startError());
  }

  @Test
  void rowOfEventsWhoseKindIsDamagedIsNotTakenForAVoidPackedOne() {
    store.with("COLUMNAR_THRESHOLD", "0").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(100);
    store.send("{'type':'update','id':'u','$id':'a','data':{'text':'new'}}");
    store.post("checkpoint");
    store.sql.exec("UPDATE segments SET kind = 1 WHERE kind = 2 AND first_seq = 1");
    store.restart();
    assertTrue(store.startError().contains("row segments[slot=1] is damaged"), store.startError());
  }

  @Test
  void evictedThingWhoseIdIsDamagedOnDiskIsNotTakenForAnAbsentOne() {
    store.withArchive().with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1");
    store.with("LARGE_COLLECTIONS", "normalized").start();
    List.of("a", "b", "c", "d").forEach(id -> store.create(id, "T", 1));
    store.post("checkpoint");
    store.restart();
    byte[] file = store.sql.image();
    String text = new String(file, StandardCharsets.ISO_8859_1);
    file[text.indexOf("\"b\"\"T\"") + 1] ^= 0x20;
    store.sql.setImage(file);
    String read = "{'type':'read','id':1,'$ids':['b']}";
    assertEquals("UNAVAILABLE", store.ask(read).string("code"));
    String update = "{'type':'update','id':1,'$id':'b','data':{}}";
    assertTrue(store.ask(update).string("error").contains("row things[id=\"B\"] is damaged"));
    assertNotNull(store.read("d"), "others are there");
    store.post("rebuild");
    store.time.advance(1000);
    assertNotNull(store.read("b"), "the archive has brought it back");
  }
}
