package dev.unifiedstorage.jvm.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.contract.IcebergReaderContract;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.ArrayList;
import java.util.List;

class MemoryArchiveContractTest extends IcebergReaderContract {
  private final MemoryPipeline pipeline = new MemoryPipeline();
  private final MemoryArchive archive = new MemoryArchive(pipeline);

  /** A record that a test wrote as text. */
  private record Text(String text) implements PipelineRecord {
    @Override
    public void writeTo(JsonWriter writer) {
      writer.raw(text);
    }

    @Override
    public JsonObject toObject(Json json) {
      return json.parse(text);
    }
  }

  @Override
  protected void roll(List<String> records) {
    pipeline.send(
        records.stream().map(Text::new).toList(),
        new Completion() {
          @Override
          public void succeeded() {}

          @Override
          public void failed(String error) {
            throw new AssertionError(error);
          }
        });
  }

  @Override
  protected List<ArchivedEvent> read(IcebergReader.Query query) {
    List<ArchivedEvent> events = new ArrayList<>();
    boolean[] completed = {false};
    archive.read(
        query,
        new IcebergReader.Visitor() {
          @Override
          public void event(ArchivedEvent event) {
            events.add(event);
          }

          @Override
          public void progress(double rows) {}

          @Override
          public void completed(boolean isUpToDate) {
            completed[0] = isUpToDate;
          }

          @Override
          public void failed(String error) {
            throw new AssertionError(error);
          }
        });
    assertTrue(completed[0]);
    return events;
  }
}
