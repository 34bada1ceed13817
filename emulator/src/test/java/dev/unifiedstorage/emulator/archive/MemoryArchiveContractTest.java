package dev.unifiedstorage.emulator.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.contract.IcebergReaderContract;
import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.MemoryPipeline;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.IcebergReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryArchiveContractTest extends IcebergReaderContract {
  private static final int LAG_MS = 1_000;
  private static final String RECORD =
      "{\"ns\":\"a\",\"epoch\":1,\"seq\":1,\"verb\":\"thing.created\",\"entityId\":\"x\","
          + "\"entityType\":\"T\",\"version\":1,\"ts\":5,\"payload\":{\"$id\":\"x\"},\"store\":\"things\","
          + "\"timestamp\":\"t\",\"idempotencyKey\":\"k\"}";

  private final ManualScheduler scheduler = new ManualScheduler();
  private final Faults faults = new Faults(scheduler);
  private final MemoryPipeline pipeline = new MemoryPipeline(scheduler);
  private final MemoryArchive archive = new MemoryArchive(pipeline, faults, LAG_MS);

  @Override
  protected void roll(List<String> records) {
    send(records);
    scheduler.advance(LAG_MS);
  }

  @Override
  protected List<ArchivedEvent> read(IcebergReader.Query query) {
    Rows rows = new Rows();
    archive.reader(Runnable::run).read(query, rows);
    assertTrue(rows.completed);
    return rows.events;
  }

  @Test
  void aRecordShowsAfterTheLagAndNotBefore() {
    send(List.of(RECORD));
    scheduler.advance(LAG_MS - 1);
    assertEquals(0, read(IcebergReader.Query.events("a", 0)).size());
    assertFalse(archive.hasEverything());
    scheduler.advance(1);
    assertEquals(1, read(IcebergReader.Query.events("a", 0)).size());
    assertTrue(archive.hasEverything());
  }

  @Test
  void whatWasDueBeforeTheSinkStoodStillHasLandedAndTheRestLandsAfterwards() {
    send(List.of(RECORD));
    scheduler.advance(LAG_MS);
    send(List.of(RECORD.replace("\"seq\":1", "\"seq\":2")));
    faults.sink(Faults.SinkMode.STALL);
    scheduler.advance(60 * LAG_MS);
    assertEquals(1, read(IcebergReader.Query.events("a", 0)).size());
    faults.sink(Faults.SinkMode.OK);
    assertEquals(2, read(IcebergReader.Query.events("a", 0)).size());
  }

  @Test
  void aReadIsUpToDateWhenItShowsWhatWasThereWhenTheObjectsBeganAnew() {
    send(List.of(RECORD));
    archive.objectsBeginAnew();
    Rows before = new Rows();
    archive.reader(Runnable::run).read(IcebergReader.Query.events("b", 0), before);
    assertFalse(before.upToDate);
    scheduler.advance(LAG_MS);
    Rows after = new Rows();
    archive.reader(Runnable::run).read(IcebergReader.Query.events("b", 0), after);
    assertTrue(after.upToDate);
  }

  @Test
  void whatDoesNotFitTheSchemaIsDroppedAndCounted() {
    roll(List.of("{\"ns\":\"a\"}", RECORD.replace("\"ts\":5", "\"ts\":\"five\""), RECORD));
    assertEquals(1, read(IcebergReader.Query.events("a", 0)).size());
    assertEquals(2, archive.dropped());
  }

  @Test
  void whatIsDueWhileTheSinkDropsIsLostAndCounted() {
    faults.sink(Faults.SinkMode.DROP);
    roll(List.of(RECORD));
    faults.sink(Faults.SinkMode.OK);
    roll(List.of(RECORD.replace("\"seq\":1", "\"seq\":2")));
    assertEquals(1, read(IcebergReader.Query.events("a", 0)).size());
    assertEquals(1, archive.dropped());
  }

  private void send(List<String> records) {
    pipeline.send(
        EmbeddedPipeline.EVENTS,
        records,
        new Completion() {
          @Override
          public void succeeded() {}

          @Override
          public void failed(String error) {
            throw new AssertionError(error);
          }
        });
  }

  private static final class Rows implements IcebergReader.Visitor {
    private final List<ArchivedEvent> events = new ArrayList<>();
    private boolean completed;
    private boolean upToDate;

    @Override
    public void event(ArchivedEvent event) {
      events.add(event);
    }

    @Override
    public void progress(double rows) {}

    @Override
    public void completed(boolean isUpToDate) {
      completed = true;
      upToDate = isUpToDate;
    }

    @Override
    public void failed(String error) {
      throw new AssertionError(error);
    }
  }
}
