package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store makes of looks at the archive: lag, holes, and where writes become durable. */
final class ArchiveWatchTest {
  private static final double LIMIT_MS = 60_000;

  private final TestStore store =
      new TestStore()
          .withArchive()
          .with("DURABILITY", "pipeline")
          .with("CHECKPOINT_INTERVAL", "86400000");

  /** Until when the archive was looked at. */
  private double lookedMs;

  @AfterEach
  void close() {
    store.close();
  }

  private JsonObject archive() {
    return store.stats().object("archive");
  }

  private long warnings(String text) {
    return store.log.stream()
        .filter(line -> line.startsWith("warning") && line.contains(text))
        .count();
  }

  /** Reports everything that was stored, some events aside, as found since the last report. */
  private void look(Integer... missing) {
    lookSince(lookedMs, missing);
  }

  private void lookSince(double sinceMs, Integer... missing) {
    Set<Integer> none = Set.of(missing);
    List<ArchiveReport.Seen> seen = new ArrayList<>();
    for (JsonObject record : store.pipeline.stored()) {
      int seq = (int) record.number("seq");
      if (seq > 0 && !none.contains(seq)) {
        double last =
            seq + (record.kind("events") == JsonKind.NUMBER ? record.number("events") - 1 : 0);
        seen.add(new ArchiveReport.Seen(record.number("life"), seq, last));
      }
    }
    report(sinceMs, seen);
  }

  private void report(double sinceMs, List<ArchiveReport.Seen> seen) {
    ArchiveReport report = new ArchiveReport(sinceMs, store.time.nowMs(), seen);
    lookedMs = report.untilMs();
    // As one object tells another, so that the text is part of it.
    store.store().onTold(report.text(store.json), answer -> assertEquals("{}", answer));
  }

  private void writes(int count) {
    for (int i = 0; i < count; i++) {
      store.createAcked("t" + store.time.nowMs() + "-" + i);
      store.time.advance(2_000);
    }
  }

  @Test
  void nothingIsSaidBeforeSomebodyHasLooked() {
    store.start();
    writes(1);
    assertEquals(JsonKind.NULL, store.stats().kind("archive"));
    assertFalse(store.get("metrics").contains("unified_storage_archive"));
  }

  @Test
  void theLagIsHowLongAgoTheOldestEventWasAcceptedThatIsNotThere() {
    store.start();
    look();
    writes(3);
    look(2, 3);
    assertEquals(1, archive().number("lastSeq"));
    assertEquals(4_000, archive().number("lagMs"));
    assertEquals(store.time.nowMs(), archive().number("checkedAtMs"));
    look();
    assertEquals(3, archive().number("lastSeq"));
    assertEquals(0, archive().number("lagMs"));
    assertEquals(0, archive().number("holes"));
    assertEquals(0, warnings("archive"));
    String metrics = store.get("metrics");
    assertTrue(metrics.contains("archive_last_seq{namespace=\"test\"} 3\n"), metrics);
  }

  @Test
  void aGapIsAHoleOfWhichIsWarnedOnceUntilItIsFilled() {
    store.start();
    look();
    writes(6);
    look(2, 3);
    assertEquals(1, archive().number("holes"));
    assertEquals(2, archive().array("firstHole").number(0));
    assertEquals(3, archive().array("firstHole").number(1));
    // What is missing for good is no lag.
    assertEquals(0, archive().number("lagMs"));
    look(2, 3, 5);
    assertEquals(1, warnings("events 2 to 3 are not in the archive"));
    assertEquals(1, archive().number("holes"));
    writes(2);
    look(2, 3, 7);
    assertEquals(2, archive().number("holes"));
    assertEquals(1, warnings("are not in the archive"));
    look(3);
    assertEquals(1, archive().number("holes"));
    look();
    assertEquals(0, archive().number("holes"));
  }

  @Test
  void aHoleThatIsFoundWhileASnapshotIsUnderWayGetsAnother() {
    store.start();
    look();
    writes(3);
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.post("snapshot");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    writes(3);
    look(5);
    assertEquals(1, archive().number("holes"));
    store.pipeline.releaseHeld();
    store.time.advance(10_000);
    String last = store.stats().object("snapshot").string("at");
    assertTrue(last.endsWith("-6"), "it has what is missing, got " + last);
  }

  @Test
  void whatMayStillLandIsNoHoleYet() {
    store.with("ARCHIVE_SETTLE_MS", "60000").start();
    store.time.advance(100_000);
    look();
    store.time.advance(100_000);
    writes(3);
    look(2);
    assertEquals(0, archive().number("holes"));
    assertEquals(4_000, archive().number("lagMs"));
    store.time.advance(59_000);
    look(2);
    assertEquals(0, archive().number("holes"));
    store.time.advance(1_000);
    look(2);
    assertEquals(1, archive().number("holes"));
  }

  @Test
  void whatWasAcceptedBeforeAnybodyLookedIsNotMissed() {
    store.start();
    store.time.advance(10_000);
    writes(4);
    lookSince(store.time.nowMs() - 1_000, 1, 2, 3);
    assertEquals(0, archive().number("holes"));
    assertEquals(0, archive().number("lagMs"));
    // A look that does not join the last one begins anew.
    writes(3);
    lookSince(store.time.nowMs(), 5, 6);
    assertEquals(0, archive().number("holes"));
  }

  @Test
  void anInstanceThatWasToldNothingYetJudgesItsLifeFromItsClaimOn() {
    store.start();
    double beforeMs = store.time.nowMs();
    store.time.advance(1_000);
    writes(4);
    store.checkpoint();
    store.restart();
    assertEquals(JsonKind.NULL, store.stats().kind("archive"));
    lookSince(beforeMs, 1, 3);
    assertEquals(2, archive().number("holes"));
    store.restart();
    // That life may have been archived before the look began.
    lookSince(store.time.nowMs() - 1, 1, 3);
    assertEquals(0, archive().number("holes"));
  }

  @Test
  void whatWaitsAtAStartLagsFromItsCheckpointOn() {
    store.start();
    writes(2);
    store.checkpoint();
    double savedMs = store.time.nowMs();
    store.restart();
    store.time.advance(30_000);
    lookSince(0, 2);
    assertEquals(store.time.nowMs() - savedMs, archive().number("lagMs"));
  }

  @Test
  void eventsOfBranchesAndUndoneOnesAreNotSeen() {
    store.start();
    look();
    writes(2);
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.sql.setFailing(true);
    store.create("undone", "1");
    look();
    store.time.advance(20_000);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.sql.setFailing(false);
    store.time.advance(60_000);
    List<JsonObject> before = List.copyOf(store.pipeline.stored());
    writes(2);
    assertTrue(before.size() < store.pipeline.stored().size());
    double life = store.pipeline.stored().get(store.pipeline.stored().size() - 1).number("life");
    // Of the new life only the fourth event is there, of the old one the undone third.
    report(lookedMs, List.of(new ArchiveReport.Seen(life, 4, 4)));
    assertEquals(1, archive().number("holes"));
    assertEquals(3, archive().array("firstHole").number(0));
    assertEquals(3, archive().array("firstHole").number(1));
    report(lookedMs, List.of(new ArchiveReport.Seen(12345678901.0, 3, 3)));
    assertEquals(1, archive().number("holes"));
  }

  @Test
  void aPackedRowIsAllOfItsEvents() {
    store.with("RECORDS", "packed").with("GROUP_COMMIT_MS", "100").start();
    look();
    for (int i = 0; i < 5; i++) {
      store.create("t" + i, "1");
    }
    store.time.advance(200);
    look();
    assertEquals(5, archive().number("lastSeq"));
    assertEquals(0, archive().number("lagMs"));
  }

  // ---- the limit

  @Test
  void pastTheLimitWritesAreAcknowledgedFromSqliteUntilTheArchiveHasCaughtUp() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).start();
    look();
    writes(1);
    store.time.advance(LIMIT_MS);
    look(1);
    assertTrue(archive().bool("limited"));
    assertEquals(1, warnings("the archive lags by"));
    assertEquals(Health.ARCHIVE_LAGS, store.store().health());
    // The Pipeline has not answered, and SQLite has it.
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.createAcked("a");
    assertEquals(1, store.pipeline.held());
    store.pipeline.releaseHeld();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.createAcked("b");
    look(1, 2, 3);
    assertTrue(archive().bool("limited"), "it is the lag that ends it, not the Pipeline");
    look();
    assertFalse(archive().bool("limited"));
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    int replies = store.replies.size();
    store.create("c", "1");
    store.time.advance(100);
    assertEquals(replies, store.replies.size(), "the Pipeline is to have it again first");
    store.pipeline.releaseHeld();
    assertEquals("ack", store.lastReply().string("status"));
  }

  @Test
  void whatWasAcknowledgedPastTheLimitIsThereWithoutTheArchive() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).start();
    look();
    writes(1);
    store.time.advance(LIMIT_MS);
    look(1);
    store.createAcked("a");
    store.archive.setFailure("the archive is not to be had");
    store.restart();
    assertEquals("running", store.stats().string("phase"));
    assertEquals("a", store.read("a").string("$id"));
  }

  @Test
  void pastTheLimitNothingIsAcknowledgedThatSqliteRefuses() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).start();
    look();
    writes(1);
    store.time.advance(LIMIT_MS);
    look(1);
    store.sql.setFailing(true);
    store.create("a", "1");
    store.time.advance(100);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    store.sql.setFailing(false);
    store.createAcked("b");
  }

  @Test
  void whoWritesPastTheLimitLooksIfNobodyElseDoes() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).start();
    store.archive.setStalled(true);
    int reads = store.archive.reads();
    writes(1);
    assertEquals(reads, store.archive.reads());
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(reads + 1, store.archive.reads());
    assertTrue(archive().bool("limited"));
    writes(5);
    assertEquals(reads + 1, store.archive.reads(), "not again for a while");
    store.archive.setStalled(false);
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(reads + 2, store.archive.reads());
    assertFalse(archive().bool("limited"));
    assertEquals(0, archive().number("holes"));
  }

  @Test
  void whoLooksItselfFindsAHoleOnceNothingMayStillLand() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).with("ARCHIVE_SETTLE_MS", "3000").start();
    writes(1);
    store.archive.dropWhatWaits();
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(0, archive().number("holes"));
    assertTrue(archive().bool("limited"));
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(1, archive().number("holes"));
    assertEquals(1, archive().array("firstHole").number(1));
    assertFalse(archive().bool("limited"));
  }

  @Test
  void whoDoesNotSeeWhatOthersHaveSeenLooksAtEverything() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).with("ARCHIVE_SETTLE_MS", "3000").start();
    store.archive.setSkewMs(-3_600_000);
    look();
    writes(2);
    look(1);
    store.time.advance(LIMIT_MS);
    int reads = store.archive.reads();
    writes(1);
    assertEquals(reads + 1, store.archive.reads());
    assertEquals(0, archive().number("holes"));
    assertFalse(archive().bool("limited"));
    look();
    assertEquals(0, archive().number("lagMs"));
  }

  @Test
  void whatItsClockHasLookBesideIsNoHole() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).with("ARCHIVE_SETTLE_MS", "3000").start();
    store.archive.setSkewMs(-1_000_000);
    writes(1);
    // The next event is within the slack of the first one's time, the first one is not.
    store.time.advance(200_000);
    for (int i = 0; i < 4; i++) {
      writes(1);
      store.time.advance(LIMIT_MS);
    }
    writes(1);
    assertEquals(0, archive().number("holes"));
  }

  @Test
  void anArchiveThatCannotBeReadIsNoLag() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).start();
    store.archive.setFailure("gone, as the test wants");
    writes(1);
    store.time.advance(LIMIT_MS);
    writes(1);
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(1, warnings("whether the archive lags is not known"));
    assertEquals(JsonKind.NULL, store.stats().kind("archive"));
  }

  @Test
  void otherDurabilitiesDoNotMindTheLag() {
    store.with("DURABILITY", "local").with("ARCHIVE_LAG_LIMIT", "1000").start();
    look();
    writes(1);
    store.time.advance(10_000);
    look(1);
    assertFalse(archive().bool("limited"));
    assertEquals(0, warnings("lags"));
  }

  @Test
  void aLookOfWhichNothingIsHeardIsGivenUp() {
    store.with("ARCHIVE_LAG_LIMIT", "" + (long) LIMIT_MS).start();
    writes(1);
    store.time.advance(LIMIT_MS);
    store.archive.setSilent(true);
    writes(1);
    store.archive.progress(1);
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(0, warnings("whether the archive lags is not known"), "it was heard of");
    store.time.advance(LIMIT_MS);
    writes(1);
    assertEquals(1, warnings("whether the archive lags is not known"));
    store.archive.setSilent(false);
    store.archive.setStalled(true);
    store.time.advance(LIMIT_MS);
    writes(1);
    assertTrue(archive().number("checkedAtMs") > 0, "there was another one");
  }
}
