package dev.unifiedstorage.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Platform;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The emitter as the seed describes it, without a store around it. */
final class PipelineEmitterTest {
  private final Json json = new JacksonJson();
  private final FakeTime time = new FakeTime();
  private final FakePipeline pipeline = new FakePipeline(json);
  private final FakePipeline letters = new FakePipeline(json);
  private final List<String> ends = new ArrayList<>();

  private PipelineEmitter emitter(PipelineEmitterConfig config) {
    Origin origin = new Origin(config.namespace(), time, json);
    Platform platform = new Platform(json, time, time, new RandomIds(), new SilentObserver());
    return new PipelineEmitter(pipeline, config, origin, platform);
  }

  private void emit(PipelineEmitter emitter, int count) {
    for (int i = 0; i < count; i++) {
      emitter.emit(
          "thing.created", "things", json.parse("{\"$id\":\"customer_1\",\"n\":" + i + "}"));
    }
  }

  private Completion end(String name) {
    return new Completion() {
      @Override
      public void succeeded() {
        ends.add(name + " ok");
      }

      @Override
      public void failed(String error) {
        ends.add(name + " failed: " + error);
      }
    };
  }

  @Test
  void batchLeavesWhenItIsFullOrItsTimeIsUp() {
    PipelineEmitter emitter =
        emitter(PipelineEmitterConfig.of("t").withBatches(10, 1_000_000, 60_000));
    emit(emitter, 25);
    assertEquals(List.of(10, 10), pipeline.sendSizes());
    time.advance(60_000);
    assertEquals(List.of(10, 10, 5), pipeline.sendSizes());
    assertEquals(0, time.armed());
  }

  @Test
  void batchLeavesAtItsBytes() {
    PipelineEmitter emitter =
        emitter(PipelineEmitterConfig.of("t").withBatches(1000, 2000, 60_000));
    emit(emitter, 20);
    assertEquals(List.of(5, 5, 5), pipeline.sendSizes(), "two thousand bytes are five events");
  }

  @Test
  void keysAreUniqueWithinOneMillisecond() {
    PipelineEmitter emitter = emitter(PipelineEmitterConfig.of("t").withBatches(5, 1_000_000, 0));
    emit(emitter, 5);
    Set<String> keys = new HashSet<>();
    for (JsonObject record : pipeline.stored()) {
      keys.add(record.string("idempotencyKey"));
      assertTrue(record.string("idempotencyKey").startsWith("customer_1:created:"));
    }
    assertEquals(5, keys.size());
  }

  @Test
  void flushAndCloseSendWhatThereIs() {
    PipelineEmitter emitter = emitter(PipelineEmitterConfig.of("t"));
    emit(emitter, 3);
    assertEquals(0, pipeline.stored().size());
    emitter.flush(end("flush"));
    assertEquals(3, pipeline.stored().size());
    emit(emitter, 1);
    emitter.close(end("close"));
    assertEquals(List.of("flush ok", "close ok"), ends);
    assertEquals(4, pipeline.stored().size());
    assertThrows(IllegalStateException.class, () -> emit(emitter, 1));
    assertEquals(0, time.armed());
  }

  @Test
  void retriesTheSameRecordsAfterOneTwoAndFourSeconds() {
    PipelineEmitter emitter =
        emitter(
            PipelineEmitterConfig.of("t").withRetries(3, 1000, true).withDeadLetterQueue(letters));
    pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    emit(emitter, 2);
    emitter.flush(end("flush"));
    assertEquals(2, pipeline.stored().size());
    time.advance(999);
    assertEquals(2, pipeline.stored().size());
    time.advance(1);
    assertEquals(4, pipeline.stored().size());
    time.advance(2000);
    assertEquals(6, pipeline.stored().size());
    assertEquals(EmitterStats.Status.RETRYING, emitter.stats().status());
    time.advance(4000);
    assertEquals(8, pipeline.stored().size());
    for (int i = 0; i < 8; i++) {
      assertEquals(print(pipeline.stored().get(i % 2)), print(pipeline.stored().get(i)));
    }
    assertEquals(List.of("flush ok"), ends);
    assertEquals(2, letters.stored().size());
    JsonObject letter = letters.stored().get(0);
    assertEquals(4, letter.number("attempts"));
    assertEquals("stored, yet failed, as the test wants", letter.string("error"));
    assertEquals("2026-01-31T12:00:00.000Z", letter.string("firstFailedAt"));
    assertEquals("2026-01-31T12:00:07.000Z", letter.string("lastFailedAt"));
    assertEquals(print(pipeline.stored().get(0)), print(letter.object("record")));
    assertEquals(2, emitter.stats().deadLettered());
  }

  @Test
  void flushFailsWhenEventsAreGivenUp() {
    PipelineEmitter emitter = emitter(PipelineEmitterConfig.of("t").withRetries(0, 1000, false));
    pipeline.setMode(FakePipeline.Mode.REJECT);
    emit(emitter, 1);
    emitter.flush(end("flush"));
    assertEquals(List.of("flush failed: events were dropped: rejected, as the test wants"), ends);
  }

  @Test
  void flushFailsForEventsThatWereDroppedBeforeIt() {
    PipelineEmitter emitter = emitter(PipelineEmitterConfig.of("t").withRetries(1, 1000, false));
    pipeline.setMode(FakePipeline.Mode.REJECT);
    emit(emitter, 2);
    time.advance(62_000);
    assertEquals(0, emitter.stats().queued());
    assertEquals(2, emitter.stats().dropped());
    assertEquals(EmitterStats.Status.OK, emitter.stats().status(), "nothing waits for a retry");
    pipeline.setMode(FakePipeline.Mode.ACCEPT);
    emit(emitter, 1);
    emitter.flush(end("first"));
    emitter.flush(end("second"));
    assertEquals(
        List.of("first failed: events were dropped: rejected, as the test wants", "second ok"),
        ends);
    assertEquals(1, emitter.stats().sent());
  }

  @Test
  void flushFailsWhenTheDeadLetterQueueRefusesToo() {
    letters.setMode(FakePipeline.Mode.REJECT);
    PipelineEmitter emitter =
        emitter(
            PipelineEmitterConfig.of("t").withRetries(0, 1000, false).withDeadLetterQueue(letters));
    pipeline.setMode(FakePipeline.Mode.REJECT);
    emit(emitter, 3);
    emitter.flush(end("flush"));
    assertEquals(1, ends.size());
    assertTrue(
        ends.get(0)
            .startsWith("flush failed: events were dropped: the dead-letter queue failed too"),
        ends.get(0));
    assertEquals(3, emitter.stats().dropped());
    assertEquals(0, emitter.stats().deadLettered());
  }

  @Test
  void deadLetterQueueThatDoesNotAnswerIsWaitedForAsLongAsASend() {
    letters.setMode(FakePipeline.Mode.HANG);
    PipelineEmitter emitter =
        emitter(
            PipelineEmitterConfig.of("t").withRetries(0, 1000, false).withDeadLetterQueue(letters));
    pipeline.setMode(FakePipeline.Mode.REJECT);
    emit(emitter, 1);
    emitter.flush(end("flush"));
    assertEquals(1, emitter.stats().queued());
    time.advance(10_000);
    assertEquals(List.of("flush failed: events were dropped: no answer within 10000 ms"), ends);
    assertEquals(0, emitter.stats().queued());
    assertEquals(0, time.armed());
  }

  @Test
  void sendThatThrowsIsRepeatedAsOneThatFails() {
    boolean[] broken = {true};
    Origin origin = new Origin("t", time, json);
    PipelineEmitter emitter =
        new PipelineEmitter(
            (records, completion) -> {
              if (broken[0]) {
                throw new IllegalStateException("no binding");
              }
              pipeline.send(records, completion);
            },
            PipelineEmitterConfig.of("t").withBatches(1, 1000, 0),
            origin,
            new Platform(json, time, time, new RandomIds(), new SilentObserver()));
    emit(emitter, 2);
    assertEquals("the send threw: no binding", emitter.stats().lastError());
    broken[0] = false;
    time.advance(1000);
    assertEquals(2, pipeline.stored().size());
    assertEquals(EmitterStats.Status.OK, emitter.stats().status());
  }

  @Test
  void sendWithoutAnAnswerIsRepeated() {
    PipelineEmitter emitter = emitter(PipelineEmitterConfig.of("t").withBatches(1, 1000, 0));
    pipeline.setMode(FakePipeline.Mode.HANG);
    emit(emitter, 1);
    pipeline.setMode(FakePipeline.Mode.ACCEPT);
    time.advance(11_000);
    assertEquals(1, pipeline.stored().size());
    assertEquals(1, emitter.stats().retries());
  }

  @Test
  void lateAnswerOfAnOlderSendDoesNotCount() {
    PipelineEmitter emitter = emitter(PipelineEmitterConfig.of("t").withBatches(1, 1000, 0));
    pipeline.setMode(FakePipeline.Mode.HOLD);
    emit(emitter, 2);
    time.advance(11_000);
    assertEquals(2, pipeline.held());
    pipeline.releaseHeld();
    pipeline.releaseHeld();
    assertEquals(2, emitter.stats().sent(), "each event once, whatever was answered twice");
  }

  @Test
  void fullQueueRefusesInPlaceOfDropping() {
    PipelineEmitterConfig config = PipelineEmitterConfig.of("t");
    PipelineEmitter emitter = emitter(config);
    pipeline.setMode(FakePipeline.Mode.HANG);
    emit(emitter, config.maxQueuedEvents());
    IllegalStateException full = assertThrows(IllegalStateException.class, () -> emit(emitter, 1));
    assertTrue(full.getMessage().contains("namespace t"), full.getMessage());
    assertEquals(config.maxQueuedEvents(), emitter.stats().queued());
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> PipelineEmitterConfig.of(""));
    assertThrows(
        IllegalArgumentException.class, () -> PipelineEmitterConfig.of("t").withBatches(0, 1, 0));
  }

  private String print(JsonObject object) {
    return json.writer().object(object).text();
  }
}
