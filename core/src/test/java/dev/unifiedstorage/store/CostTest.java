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
}
