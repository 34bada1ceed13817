package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store whose database another namespace has written. */
final class FileForkTest {
  private final TestStore store = new TestStore().with("CHECKPOINT_INTERVAL", "600000");

  @AfterEach
  void close() {
    store.close();
  }

  private void startWithArchive() {
    store.withArchive().with("DURABILITY", "pipeline").start();
  }

  /** The object of another namespace starts over the database as it is. */
  private void fork() {
    store.namespace = "copy";
    store.restart();
  }

  private List<JsonObject> sentAs(String namespace) {
    return store.pipeline.stored().stream()
        .filter(record -> record.string("ns").equals(namespace))
        .toList();
  }

  private List<Double> seqsOfTheCopy() {
    return sentAs("copy").stream()
        .map(record -> record.number("seq"))
        .filter(seq -> seq > 0)
        .distinct()
        .toList();
  }

  private String log() {
    return String.join("\n", store.log);
  }

  @Test
  void cleanDatabaseBeginsAsAForkAndComesBackFromItsOwnLog() {
    startWithArchive();
    store.createAcked("a");
    store.time.advance(1_000);
    store.update("a", "{'n':2}");
    store.send("{'type':'create','id':1,'$type':'T','data':{'$id':'e'},'expiresInMs':100000000}");
    store.createAcked("gone");
    store.delete("gone");
    store.checkpoint();
    final String a = store.print(store.read("a"));
    final String e = store.print(store.read("e"));
    final double life = store.pipeline.stored().get(0).number("life");
    final int sent = sentAs("test").size();
    fork();
    assertNull(store.startError(), store.startError());
    assertEquals(a, store.print(store.read("a")), "versions and times are the parent's");
    assertEquals(e, store.print(store.read("e")));
    JsonObject recovery = store.stats().object("recovery");
    assertEquals("test", recovery.object("from").string("namespace"));
    assertEquals((long) life + "-5", recovery.object("from").string("at"));
    assertFalse(recovery.bool("clean"), "no subscriber of before knows what it has");
    assertEquals(2, store.stats().number("appliedSeq"));
    assertTrue(
        log().contains("namespace test; this store begins as its fork at " + (long) life + "-5"),
        log());
    JsonObject fence = sentAs("copy").get(0);
    assertEquals("store.forked", fence.string("verb"));
    assertEquals(0, fence.object("payload").number("parent"));
    assertEquals("test", fence.object("payload").object("from").string("namespace"));
    assertEquals((long) life + "-5", fence.object("payload").object("from").string("at"));
    store.update("a", "{'n':3}");
    assertEquals(List.of(1.0, 2.0, 3.0), seqsOfTheCopy());
    store.restart();
    store.time.advance(10_000);
    assertFalse(store.stats().object("recovery").keys().contains("from"));
    assertEquals(3, store.read("a").number("$version"));
    assertTrue(store.post("rebuild").startsWith("200"));
    assertEquals(3, store.read("a").number("$version"));
    store.sql.exec("DELETE FROM segments");
    store.sql.exec("DELETE FROM collections");
    store.restart();
    store.time.advance(120_000);
    assertEquals(3, store.read("a").number("$version"));
    assertEquals(e, store.print(store.read("e")));
    assertNull(store.read("gone"));
    assertEquals(sent, sentAs("test").size(), "nothing is sent under the other name");
    Set<String> positions = new HashSet<>();
    for (JsonObject record : store.pipeline.stored()) {
      String position = record.string("ns") + " " + (long) record.number("life");
      position += " " + (long) record.number("seq") + " " + record.string("verb");
      assertTrue(positions.add(position) || record.number("seq") == 0, position);
    }
  }

  @Test
  void endOfAnOpenDatabaseComesFromTheOthersArchive() {
    startWithArchive();
    store.createAcked("a");
    store.checkpoint();
    store.createAcked("b");
    store.update("a", "{'n':2}");
    final byte[] open = store.sql.image();
    store.archive.setStalled(true);
    fork();
    for (int i = 0; i < 3; i++) {
      JsonObject early = store.ask("{'type':'read','id':1,'$ids':['a']}");
      assertEquals("RECOVERING", early.string("code"), store.print(early));
      assertTrue(early.string("error").contains("the probe"), early.string("error"));
      store.restart();
    }
    final byte[] waiting = store.sql.image();
    store.archive.setStalled(false);
    store.time.advance(10_000);
    assertNull(store.startError(), store.startError());
    assertEquals(2, store.read("a").number("n"));
    assertNotNull(store.read("b"));
    assertEquals(2, store.stats().object("recovery").number("eventsReplayed"));
    store.restart();
    store.time.advance(10_000);
    assertNotNull(store.read("b"));
    assertEquals(List.of(1.0, 2.0), seqsOfTheCopy());
    // A start that broke off has left the other one's database as it was.
    store.namespace = "test";
    for (byte[] image : List.of(open, waiting)) {
      store.sql.setImage(image);
      store.restart();
      store.time.advance(10_000);
      assertEquals(2, store.read("a").number("n"));
      assertEquals(3, store.stats().number("appliedSeq"));
    }
  }

  @Test
  void openDatabaseIsRefusedWhereItsEndCannotBeHad() {
    store.with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.checkpoint();
    store.createAcked("b");
    byte[] open = store.sql.image();
    fork();
    assertTrue(store.startError().contains("belongs to namespace test"), store.startError());
    assertTrue(store.startError().contains("no archive reader"), store.startError());
    assertTrue(store.startError().contains("take a checkpoint"), store.startError());
    JsonObject refused = store.ask("{'type':'read','id':1,'$ids':['a']}");
    assertEquals("UNAVAILABLE", refused.string("code"));
    store.withArchive();
    store.archive.rows().clear();
    store.archive.follow(new FakePipeline(store.json));
    store.restart();
    store.archive.ingest(store.pipeline.stored().stream().filter(this::isTheProbe).toList());
    store.time.advance(5_000);
    assertTrue(store.startError().contains("has nothing of life"), store.startError());
    // What it says to do helps.
    store.sql.setImage(open);
    store.namespace = "test";
    store.withoutArchive().restart();
    store.createAcked("c");
    store.checkpoint();
    fork();
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("a"));
  }

  private boolean isTheProbe(JsonObject row) {
    return row.string("verb").equals("store.probe");
  }

  @Test
  void localDatabaseHasItsOwnEndAndItsEventsAreNotSentAgain() {
    store.with("DURABILITY", "local").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.createAcked("a");
    store.checkpoint();
    for (int i = 0; i < 30; i++) {
      store.createAcked("b" + i);
    }
    store.update("a", "{'n':5}");
    store.time.advance(100);
    fork();
    assertNull(store.startError(), store.startError());
    assertEquals(5, store.read("a").number("n"));
    assertEquals(31, store.stats().number("entries"));
    store.restart();
    assertEquals(31, store.stats().number("entries"));
    assertEquals(31, store.stats().number("appliedSeq"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    assertEquals(31, seqsOfTheCopy().size());
    assertEquals(0, sentAs("test").size());
    store.createAcked("c");
    store.time.advance(1_000);
    assertEquals(32, seqsOfTheCopy().size());
    assertEquals(0, store.stats().object("pipeline").number("queued"));
  }

  @Test
  void crashBeforeThePipelineHasTheCopyGoesOnWithIt() {
    startWithArchive();
    for (int i = 0; i < 60; i++) {
      store.create("t" + i, "T", 10_000);
    }
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    fork();
    assertEquals(60, store.stats().number("entries"));
    store.restart();
    store.createAcked("after");
    store.restart();
    assertEquals(61, store.stats().number("entries"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    assertEquals(61, seqsOfTheCopy().size());
    assertEquals("store.forked", sentAs("copy").get(0).string("verb"));
    store.checkpoint();
    assertTrue(store.post("rebuild").startsWith("200"));
    assertEquals(61, store.stats().number("entries"));
  }

  @Test
  void copyThatSqliteRefusesIsNone() {
    startWithArchive();
    store.createAcked("a");
    store.checkpoint();
    store.sql.setFailing(true);
    fork();
    assertTrue(store.startError().contains("disk full"), store.startError());
    assertEquals(0, sentAs("copy").size());
    store.sql.setFailing(false);
    store.restart();
    assertNotNull(store.read("a"));
    assertEquals(List.of(1.0), seqsOfTheCopy());
  }

  @Test
  void instanceThatWasOvertakenWhileItWaitedChangesNothing() {
    startWithArchive();
    store.createAcked("a");
    store.checkpoint();
    store.createAcked("b");
    store.archive.setSilent(true);
    fork();
    final UnifiedStore waiting = store.store();
    store.archive.setSilent(false);
    store.restart();
    store.createAcked("c");
    store.archive.answer();
    assertTrue(waiting.failure().contains("another instance"), waiting.failure());
    store.restart();
    store.time.advance(10_000);
    assertEquals(3, store.stats().number("entries"));
    assertEquals(List.of(1.0, 2.0, 3.0), seqsOfTheCopy());
  }

  @Test
  void sessionsAndPositionsOfTheOtherCountForNothing() {
    startWithArchive();
    store.createAcked("a");
    store.ask("{'type':'hello','id':1,'session':'s'}");
    store.send("{'type':'create','id':1,'session':'s','n':1,'$type':'T','data':{'$id':'b'}}");
    store.checkpoint();
    assertEquals(1, store.stats().number("sessions"));
    final String at = store.ask("{'type':'count','id':1,'$type':'T'}").string("at");
    fork();
    assertEquals(0, store.stats().number("sessions"));
    JsonObject past = store.ask("{'type':'read','id':1,'$ids':['a'],'at':'" + at + "'}");
    assertEquals("VALIDATION_ERROR", past.string("code"), store.print(past));
    store.restart();
    assertEquals(0, store.stats().number("sessions"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"packed", "normalized"})
  void thingsThatAreNotInMemoryComeAlong(String large) {
    store.with("COLUMNAR_THRESHOLD", "5").with("LARGE_COLLECTIONS", large);
    store.with("MAX_ENTRIES", "10");
    startWithArchive();
    for (int i = 0; i < 40; i++) {
      store.createAcked("t" + i);
    }
    store.checkpoint();
    fork();
    assertNull(store.startError(), store.startError());
    assertEquals(40, store.stats().number("entries"));
    assertEquals(40, seqsOfTheCopy().size());
    for (int i = 0; i < 40; i++) {
      assertEquals(1, store.read("t" + i).number("$version"), "t" + i);
    }
  }

  @Test
  void deletedStoreIsForkedAsAnEmptyOne() {
    startWithArchive();
    store.createAcked("a");
    store.checkpoint();
    store.deleteStore();
    store.time.advance(1_000);
    fork();
    assertNull(store.startError(), store.startError());
    assertEquals(0, store.stats().number("entries"));
    assertEquals("store.forked", sentAs("copy").get(0).string("verb"));
    store.createAcked("b");
    store.checkpoint();
    store.restart();
    assertNotNull(store.read("b"));
    assertEquals(List.of(1.0), seqsOfTheCopy());
  }

  @Test
  void damagedDatabaseOfAnotherIsAnErrorThatNamesTheRow() {
    startWithArchive();
    store.createAcked("a");
    store.checkpoint();
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    fork();
    assertTrue(store.startError().contains("collections["), store.startError());
    store.namespace = "test";
    store.restart();
    store.time.advance(10_000);
    assertNotNull(store.read("a"), "its own namespace can rebuild it");
  }
}
