package dev.unifiedstorage.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link Pipeline} keeps. */
public abstract class PipelineContract {
  protected abstract Pipeline pipeline() throws Exception;

  /** Makes every send from now on fail. */
  protected abstract void breakIt() throws Exception;

  /** What is stored, each record as text, as a reader of the stream sees it. */
  protected abstract List<String> stored() throws Exception;

  /** The one answer of a send: "ok" or the error. */
  private static final class Outcome extends CompletableFuture<String> implements Completion {
    @Override
    public void succeeded() {
      assertTrue(complete("ok"), "a second answer");
    }

    @Override
    public void failed(String error) {
      assertTrue(complete(error), "a second answer: " + error);
    }

    String await() throws Exception {
      return get(30, TimeUnit.SECONDS);
    }
  }

  private record TextRecord(String text) implements PipelineRecord {
    @Override
    public JsonObject toObject(Json json) {
      return json.parse(text);
    }

    @Override
    public void writeTo(JsonWriter writer) {
      writer.raw(text);
    }
  }

  private Outcome send(String... records) throws Exception {
    List<PipelineRecord> all = new ArrayList<>();
    for (String record : records) {
      all.add(new TextRecord(record));
    }
    Outcome outcome = new Outcome();
    pipeline().send(all, outcome);
    return outcome;
  }

  @Test
  void whatSucceededIsStoredUnchangedAndInOrder() throws Exception {
    List<String> records =
        List.of(
            "{\"ns\":\"a\",\"seq\":1,\"payload\":{\"$id\":\"é\ud83d\ude00\",\"n\":0.1}}",
            "{\"ns\":\"a\",\"seq\":2,\"payload\":{\"x\":\"\\ud800\\n\\u0000\",\"y\":null}}",
            "{\"ns\":\"b\",\"seq\":1,\"payload\":{\"big\":1e+21,\"list\":[[],{}]}}");
    assertEquals("ok", send(records.get(0), records.get(1)).await());
    assertEquals("ok", send(records.get(2)).await());
    assertEquals(records, stored());
  }

  @Test
  void aThousandRecordsGoInOneSend() throws Exception {
    String[] records = new String[1_000];
    for (int i = 0; i < records.length; i++) {
      records[i] = "{\"ns\":\"a\",\"seq\":" + i + ",\"payload\":\"" + "x".repeat(1_000) + "\"}";
    }
    assertEquals("ok", send(records).await());
    assertEquals(List.of(records), stored());
  }

  @Test
  void sendsUnderWayTogetherAreAllAnswered() throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      outcomes.add(send("{\"seq\":" + i + "}"));
    }
    for (Outcome outcome : outcomes) {
      assertEquals("ok", outcome.await());
    }
    assertEquals(20, stored().size());
  }

  @Test
  void aFailureIsASentence() throws Exception {
    breakIt();
    String error = send("{\"seq\":1}").await();
    assertNotEquals("ok", error);
    assertFalse(error.isBlank());
  }
}
