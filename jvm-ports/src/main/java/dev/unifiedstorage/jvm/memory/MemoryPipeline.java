package dev.unifiedstorage.jvm.memory;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Pipeline that keeps what it accepts, and refuses while told to. */
public final class MemoryPipeline implements Pipeline {
  private final Json json = new JsoniterJson();
  private final List<JsonObject> records = new ArrayList<>();
  private Optional<String> refusal = Optional.empty();

  /** Refuses every send from now on, with this error. */
  public void refuse(String error) {
    refusal = Optional.of(error);
  }

  /** Accepts again. */
  public void accept() {
    refusal = Optional.empty();
  }

  /** Every record that was accepted, in the order it came. */
  public List<JsonObject> records() {
    return List.copyOf(records);
  }

  @Override
  public void send(List<? extends PipelineRecord> batch, Completion completion) {
    if (refusal.isPresent()) {
      completion.failed(refusal.get());
      return;
    }
    for (PipelineRecord record : batch) {
      JsonWriter writer = json.writer();
      record.writeTo(writer);
      records.add(json.parse(writer.text()));
    }
    completion.succeeded();
  }
}
