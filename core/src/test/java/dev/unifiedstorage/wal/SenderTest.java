package dev.unifiedstorage.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The way of events into the Pipeline, step by step. */
final class SenderTest {
  private final Json json = new JacksonJson();
  private final FakeTime time = new FakeTime();
  private final FakePipeline pipeline = new FakePipeline(json);
  private final Origin origin = new Origin("t", time, json);

  private Event created(double seq) {
    Thing thing = Thing.created("t" + (long) seq, "T", Fields.ofText("{}"), 1, seq, 2);
    return Event.created(origin, thing, Life.ofEpoch(1), false);
  }

  @Test
  void whatIsLeftOfAnAbandonedBatchDoesNotWaitForAnotherInterval() {
    PipelineEmitterConfig config =
        PipelineEmitterConfig.of("t").withBatches(100, 1_000_000, 2_000).withRetries(3, 1000, true);
    Sender sender =
        new Sender(pipeline, config, Records.EVENT, SendWindow.none(time, time), time, time);
    pipeline.setMode(FakePipeline.Mode.REJECT);
    sender.offer(created(1));
    sender.offer(created(2));
    time.advance(2_000);
    sender.sendDue(false);
    assertTrue(sender.takeOutcome().orElseThrow() instanceof Sender.Outcome.Failed);
    pipeline.setMode(FakePipeline.Mode.ACCEPT);
    sender.abandonAfter(1, 0);
    sender.sendDue(false);
    assertEquals(List.of(1), pipeline.sendSizes().subList(1, pipeline.sendSizes().size()));
    assertEquals(1, pipeline.stored().get(0).number("seq"));
  }
}
