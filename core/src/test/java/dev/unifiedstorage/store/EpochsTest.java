package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which epoch an event belongs to, its fence, and what the next epoch makes void. */
final class EpochsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private static String last(List<String> log) {
    return log.get(log.size() - 1);
  }

  /** A rebuild claims an epoch over three events that the Pipeline does not take. */
  private void claimToRebuild() {
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("a", "T", 1);
    store.delete("a");
    store.create("b", "T", 1);
    rebuildWithoutACheckpoint();
  }

  /** A rebuild whose checkpoint SQLite refuses, and whose claim it does not. */
  private void rebuildWithoutACheckpoint() {
    store.sql.setFailing(true);
    store.onError = () -> store.sql.setFailing(false);
    store.post("rebuild");
  }

  /** A write of which nothing is left, but that it has begun a life. */
  private void refuseAWrite() {
    String both =
        "[{'type':'create','$type':'T','data':{'$id':'x'}},{'type':'update','$id':'none','data':{}}]";
    store.ask("{'type':'batch','id':1,'atomic':true,'operations':" + both + "}");
    assertEquals("BATCH_FAILED", store.lastReply().string("code"));
  }

  /** A file with `a` is put back that was clean, when the archive had `b` too. */
  private void startOnAFilePutBack() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.checkpoint();
    byte[] before = store.sql.image();
    store.createAcked("b");
    store.checkpoint();
    store.sql.setImage(before);
    store.restart();
  }

  /** A start without what the checkpoints have kept. */
  private void recoverFromTheArchive() {
    store.sql.exec("DELETE FROM segments");
    store.sql.exec("DELETE FROM collections");
    store.restart();
    store.time.advance(120_000);
  }

  @Test
  void voidRecordsStayVoidWhenALifeWithoutAnArchiveCameBetween() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    store.checkpoint();
    store.create("b", "1");
    store.update("b", "{'n':1}");
    store.withoutArchive().with("DURABILITY", "local").restart();
    store.create("c", "1");
    assertEquals("ack", store.lastReply().string("status"));
    store.withArchive().restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("c"));
    assertNull(store.read("b"));
  }

  @Test
  void fenceOfARecoveryDoesNotWaitForItsGroup() {
    store.withArchive().with("DURABILITY", "pipeline").with("GROUP_COMMIT_MS", "60000");
    store.with("RECOVERY_TIMEOUT", "10000").start();
    store.create("a", "1");
    store.time.advance(60_000);
    assertEquals("ack", store.lastReply().string("status"));
    store.create("b", "1");
    // The next request starts it again, as soon as it has failed.
    for (int i = 0; i < 10; i++) {
      store.restart();
      store.time.advance(25_000);
    }
    assertNull(store.startError(), store.startError());
  }

  @Test
  void recoveryWhoseFenceIsRefusedDoesNotSayThatTheLastLifeHasClosed() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.restart();
    store.time.advance(20_000);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.archive.setStalled(false);
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.read("b"));
  }

  @Test
  void writesAfterARebuildThatFailedGoOnInTheirLife() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setFailure("gone");
    store.post("rebuild");
    assertEquals("running", store.stats().string("phase"));
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    assertEquals(1, store.stats().number("epoch"), "a rebuild is no life");
  }

  @Test
  void writesAfterARecoveryThatCouldNotBePersistedWaitUntilItIs() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setStalled(true);
    store.restart();
    store.sql.setFailing(true);
    store.archive.setStalled(false);
    store.time.advance(1000);
    String write = "{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}";
    assertEquals("UNAVAILABLE", store.ask(write).string("code"));
    store.sql.setFailing(false);
    assertEquals("ack", store.ask(write).string("status"));
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.read("b"));
    assertEquals(3, store.stats().number("epoch"), "2 was the recovery's, and had a write");
  }

  @Test
  void startThatCannotReadTheEndOfTheLastLifeIsNotClean() {
    store.with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    store.checkpoint();
    store.time.advance(10_000);
    store.restart();
    assertTrue(store.stats().object("recovery").bool("clean"));
    store.create("b", "1");
    store.restart();
    assertTrue(!store.stats().object("recovery").bool("clean"));
    assertTrue(last(store.log).contains("the last life did not close"), last(store.log));
  }

  @Test
  void fenceOfARebuildOverDamageGoesOutBehindEventsThatAreAcceptedAtOnce() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("b", "T", 1);
    store.time.advance(20_000);
    store.create("c", "T", 1);
    store.time.advance(100);
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("b"));
    assertNotNull(store.read("c"));
  }

  @Test
  void eventThatOnlyAClaimRemembersIsWaitedForBehindItsFence() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("b", "T", 1);
    rebuildWithoutACheckpoint();
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    // The fence lands, and the event that was sent before it does not yet.
    store.archive.ingest(
        store.pipeline.stored().stream().filter(record -> record.number("seq") != 2).toList());
    store.time.advance(1000);
    JsonObject early = store.ask("{'type':'read','id':1,'$ids':['b']}");
    assertEquals("RECOVERING", early.string("code"), store.print(early));
    store.archive.setStalled(false);
    store.time.advance(10_000);
    assertNotNull(store.read("b"));
  }

  @Test
  void eventsThatOnlyAClaimToRecoverHasAreInTheStateOnceThereIsNoArchive() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    claimToRebuild();
    store.withoutArchive().with("DURABILITY", "local").restart();
    assertNull(store.read("a"));
    assertNotNull(store.read("b"));
    assertEquals(3, store.stats().number("appliedSeq"));
    store.create("c", "T", 1);
    store.time.advance(100);
    store.restart();
    assertNotNull(store.read("b"));
    assertNotNull(store.read("c"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0), store.sent());
  }

  @Test
  void eventsBehindOnesThatOnlyThePipelineHasDoNotCountForThoseThatGetTheirSeqs() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    store.create("lost", "T", 1);
    store.time.advance(1000);
    claimToRebuild();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.withoutArchive().with("DURABILITY", "local").restart();
    assertEquals(0, store.stats().number("entries"));
    for (String id : List.of("d", "e", "f", "g", "h")) {
      store.create(id, "T", 1);
    }
    store.time.advance(100);
    store.post("checkpoint");
    store.time.advance(100_000);
    assertEquals(5, store.stats().number("entries"));
    assertEquals(
        List.of(1.0, 2.0, 3.0, 4.0, 5.0),
        store.pipeline.stored().stream()
            .filter(record -> record.number("epoch") > 1)
            .map(record -> record.number("seq"))
            .filter(seq -> seq > 0)
            .distinct()
            .toList());
  }

  @Test
  void rebuildDoesNotBringBackWhatAReplacedInstanceHasSent() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(1000);
    String payload = "{\"$id\":\"z\",\"$type\":\"T\",\"$version\":1}";
    store.archive.rows().add(new ArchivedEvent(1, 0, 2, "thing.created", "z", "T", 1, 5, payload));
    store.post("rebuild");
    store.time.advance(10_000);
    assertEquals("running", store.stats().string("phase"));
    assertNotNull(store.read("a"));
    assertNull(store.read("z"), "an event of the next epoch voids it, and may come late");
    assertEquals(1, store.stats().number("appliedSeq"));
  }

  @Test
  void writeThatWasUndoneStaysUndoneAlthoughItArrivedAndSqliteIsLost() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.sql.setFailing(true);
    store.create("b", "1");
    store.time.advance(20_000);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    store.sql.setFailing(false);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(600_000);
    recoverFromTheArchive();
    assertNotNull(store.read("a"));
    assertNull(store.read("b"), "it was answered UNAVAILABLE");
  }

  @Test
  void branchIsReportedByItsLifeAndStaysReadable() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.createAcked("z");
    store.checkpoint();
    byte[] before = store.sql.image();
    store.restart();
    store.createAcked("b");
    store.update("a", "{'n':7}");
    store.delete("b");
    store.checkpoint();
    store.sql.setImage(before);
    store.restart();
    store.createAcked("c");
    assertTrue(store.post("rebuild").startsWith("200"));
    JsonObject recovery = store.stats().object("recovery");
    assertEquals(1, recovery.array("branchLives").size());
    String life = String.valueOf((long) recovery.array("branchLives").number(0));
    assertTrue(last(store.log).endsWith("in the archive: " + life), last(store.log));
    String branch = store.get("history/a?branch=" + life);
    assertTrue(
        branch.startsWith("200 {\"$id\":\"a\",\"history\":[{\"verb\":\"thing.updated\""), branch);
    assertTrue(branch.contains("\"seq\":4") && branch.contains("\"n\":7"), branch);
    branch = store.get("history/b?branch=" + life);
    assertTrue(branch.contains("thing.created") && branch.contains("thing.deleted"), branch);
    assertFalse(store.history("a").contains("\"n\":7"), store.history("a"));
    assertTrue(store.get("history/z?branch=" + life).startsWith("404"), "it has no event of z");
    String unknown = store.get("history/a?branch=4321");
    assertTrue(unknown.startsWith("404") && unknown.contains("life 4321"), unknown);
    String own = String.valueOf((long) store.pipeline.stored().get(0).number("life"));
    assertTrue(store.get("history/a?branch=" + own).startsWith("404"), "all of it counts");
  }

  @Test
  void fileOfAnotherWriterIsGoneOnFromInALifeOfItsOwn() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.checkpoint();
    double life = store.pipeline.stored().get(0).number("life");
    store.writer = "other";
    store.restart();
    JsonObject from = store.stats().object("recovery").object("from");
    assertEquals("test", from.string("namespace"));
    assertEquals("writer", from.string("writer"));
    assertEquals((long) life + "-1", from.string("at"));
    assertTrue(last(store.log).contains("was written by writer; other goes on"), last(store.log));
    store.createAcked("b");
    JsonObject fence = store.pipeline.stored().get(2);
    assertEquals("store.fence", fence.string("verb"));
    assertEquals(life, fence.object("payload").number("parent"));
    assertEquals("other", fence.object("payload").string("writer"));
    store.restart();
    store.time.advance(10_000);
    assertNotNull(store.read("b"));
    JsonObject recovery = store.stats().object("recovery");
    assertFalse(recovery.keys().contains("from"), "it is its own by now");
  }

  @Test
  void instanceThatHasNotWrittenStopsWhenTheOneBeforeHasGoneOn() {
    store.with("DURABILITY", "local").start();
    store.createAcked("a");
    store.time.advance(60_000);
    UnifiedStore before = store.store();
    store.restart();
    List<String> replies = new ArrayList<>();
    before.onMessage(
        replies::add, "{\"type\":\"create\",\"id\":1,\"$type\":\"T\",\"data\":{\"$id\":\"b\"}}");
    assertTrue(replies.get(0).contains("ack"), replies.get(0));
    store.create("c", "1");
    store.time.advance(1_000);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    store.restart();
    assertNotNull(store.read("b"), "it was acknowledged");
    assertNull(store.read("c"));
  }

  @Test
  void cleanFileThatIsPutBackGoesOnBesideItsFuture() {
    startOnAFilePutBack();
    store.createAcked("c");
    assertTrue(store.post("rebuild").startsWith("200"));
    assertNotNull(store.read("a"));
    assertNull(store.read("b"), "it is of the file's future");
    assertNotNull(store.read("c"), "the newer write counts");
    assertEquals(1, store.stats().object("recovery").number("branches"));
    recoverFromTheArchive();
    assertNotNull(store.read("c"));
    assertNull(store.read("b"));
  }

  @Test
  void rebuildThatCrashedBringsNoFutureBackAlthoughAWriteWasRefusedBeforeIt() {
    startOnAFilePutBack();
    refuseAWrite();
    store.archive.setStalled(true);
    store.post("rebuild");
    store.restart();
    store.archive.setStalled(false);
    store.time.advance(10_000);
    assertNotNull(store.read("a"));
    assertNull(store.read("b"), "it is of the file's future");
  }

  /** The fence of the life that was drawn before has left, and its claim must not be the newest. */
  @Test
  void recoveryOfARebuildThatCrashedClaimsLaterThanThatDidAlthoughTheClockIsSetBack() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.checkpoint();
    store.restart();
    store.archive.setStalled(true);
    refuseAWrite();
    store.post("rebuild");
    store.time.jump(-3_600_000);
    store.restart();
    store.archive.setStalled(false);
    store.time.advance(10_000);
    store.createAcked("b");
    recoverFromTheArchive();
    assertNotNull(store.read("b"));
  }

  /** What it does not look for it would not see: a file from before has no collections. */
  @Test
  void aFileWithATableMoreIsNotWritten() {
    store.with("DURABILITY", "local").start();
    store.createAcked("a");
    store.restart();
    store.sql.exec("CREATE TABLE collections (type TEXT PRIMARY KEY, tx REAL)");
    store.sql.exec("INSERT INTO collections (type, tx) VALUES ('T', 99)");
    JsonObject reply = store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    assertEquals("UNAVAILABLE", reply.string("code"));
  }
}
