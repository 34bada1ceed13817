package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.Route;
import org.junit.jupiter.api.Test;

/** What the live meter says of alarms, of the Pipeline and of dollars. */
class CostTest {

  @Test
  void metersAlarmsPipelineBytesAndDollarsBesideTheNaiveWay() {
    try (TestStore test = new TestStore().with("DURABILITY", "pipeline").start()) {
      for (int i = 0; i < 100; i++) {
        test.send(
            "{'type':'create','id':1,'$type':'Sensor','data':{'$id':'s"
                + i
                + "','room':'the blue one'}}");
      }
      test.time.advance(5_001);

      JsonObject cost = test.stats().object("cost");
      double sentBytes = 0;
      for (JsonObject sent : test.pipeline.stored()) {
        JsonWriter text = test.json.writer().object(sent);
        sentBytes += text.text().length();
      }
      assertEquals(test.time.alarmsSet(), cost.number("alarms"));
      assertEquals(1, cost.number("alarms"));
      // A bound that small events are far below: their envelope is counted with its largest
      // numbers.
      assertTrue(cost.number("pipelineBytes") >= sentBytes);
      assertTrue(cost.number("pipelineBytes") <= 1.6 * sentBytes);
      assertEquals(200, cost.number("naiveRowsWritten"));
      assertEquals(0.0002, cost.number("naiveDollars"), 1e-12);
      double rows = PriceSheet.dollarsForRowsWritten(test.stats().number("rowsWritten"));
      double pipeline = PriceSheet.dollarsForPipelineBytes(cost.number("pipelineBytes"));
      assertEquals(rows + pipeline, cost.number("dollars"), 1e-12);
    }
  }

  @Test
  void metricsCarryTheSameFigures() {
    try (TestStore test = new TestStore().with("DURABILITY", "pipeline").start()) {
      test.send("{'type':'create','id':1,'$type':'Sensor','data':{'$id':'s'}}");
      StringBuilder metrics = new StringBuilder();
      test.store()
          .onRequest(
              Route.parse("GET", "/stores/test/metrics", false),
              (status, type, text) -> metrics.append(text));

      for (String name : new String[] {"alarms", "pipeline_bytes", "dollars", "naive_dollars"}) {
        assertTrue(
            metrics.toString().contains("unified_storage_" + name + "_total{namespace=\"test\"} "),
            name);
      }
    }
  }

  /** Rows that a store writes for 20 s of 1,000 updates a second over 1,000 things. */
  private static double rowsOfTwentySeconds(TestStore test) {
    for (int i = 0; i < 1000; i++) {
      test.send("{'type':'create','id':1,'$type':'T','data':{'$id':'t" + i + "'}}");
    }
    test.time.advance(10_000);
    double before = test.stats().number("rowsWritten");
    for (int ms = 0; ms < 20_000; ms++) {
      test.send("{'type':'update','id':1,'$id':'t" + ms % 1000 + "','data':{'n':" + ms + "}}");
      test.time.advance(1);
    }
    return test.stats().number("rowsWritten") - before;
  }

  @Test
  void exampleSettingsOfTheSeedWriteARowASecondAtMost() {
    try (TestStore test =
        new TestStore()
            .with("DURABILITY", "pipeline")
            .with("CHECKPOINT_INTERVAL", "5000")
            .with("DIRTY_COUNT_THRESHOLD", "100")
            .start()) {
      double rows = rowsOfTwentySeconds(test);
      // The first write after a rest says that the log is open, and sets the alarm: two rows more.
      assertTrue(rows <= 20 + 2, "expected at most 22 rows, there are " + rows);
      assertTrue(rows <= 20_000 * 0.0012, "a thousandth of the naive way, the seed's figure");
    }
  }

  @Test
  void defaultSettingsWriteARowEveryFiveSeconds() {
    try (TestStore test = new TestStore().with("DURABILITY", "pipeline").start()) {
      double rows = rowsOfTwentySeconds(test);
      assertTrue(rows <= 4 + 2, "expected at most 6 rows, there are " + rows);
    }
  }

  @Test
  void fewDirtyThingsDoNotWaitForASecondWhenMemoryIsShort() {
    try (TestStore test =
        new TestStore()
            .with("DURABILITY", "pipeline")
            .with("DIRTY_COUNT_THRESHOLD", "1")
            .with("MEMORY_THRESHOLD_BYTES", "10000")
            .start()) {
      String text = "x".repeat(20_000);
      for (int i = 0; i < 3; i++) {
        test.send("{'type':'create','id':1,'$type':'T','data':{'text':'" + text + "'}}");
      }
      assertEquals(0, test.stats().number("dirty"));
      assertEquals("memory", test.stats().object("checkpoints").string("lastTrigger"));
    }
  }

  @Test
  void localSaysWhenItsSettingsMissATenthOfTheNaiveWay() {
    try (TestStore test = new TestStore().with("DURABILITY", "local").start()) {
      rowsOfTwentySeconds(test);
      assertEquals(false, test.stats().object("cost").bool("overATenth"));
      assertTrue(!test.log.toString().contains("a tenth"), test.log.toString());
    }
    try (TestStore test = new TestStore().with("DURABILITY", "local").start()) {
      for (int i = 0; i < 10_001; i++) {
        test.send("{'type':'create','id':1,'$type':'T','data':{'$id':'t" + i + "'}}");
        test.time.advance(60);
      }
      assertEquals(true, test.stats().object("cost").bool("overATenth"));
      test.time.advance(10_000);
      assertEquals(1, test.log.toString().split("more than a tenth", -1).length - 1);
      assertTrue(test.log.toString().contains("GROUP_COMMIT_MS than 50"), test.log.toString());
    }
  }
}
