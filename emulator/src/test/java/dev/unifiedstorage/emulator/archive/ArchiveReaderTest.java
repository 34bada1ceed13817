package dev.unifiedstorage.emulator.archive;

import static dev.unifiedstorage.emulator.archive.ArchiveFixture.fence;
import static dev.unifiedstorage.emulator.archive.ArchiveFixture.packed;
import static dev.unifiedstorage.emulator.archive.ArchiveFixture.updated;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.IcebergReader.Query;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveReaderTest {
  @TempDir Path folder;
  private ArchiveFixture fixture;

  @BeforeEach
  void open() {
    fixture = new ArchiveFixture(folder);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void beforeTheFirstRollTheAnswerIsEmptyAndComplete() throws Exception {
    assertEquals(List.of("completed"), fixture.read("a", 0));
    fixture.send(updated("a", 1, 1));
    assertEquals(List.of("completed"), fixture.read("a", 0));
  }

  @Test
  void rowsComeInOrderHoweverTheyCameIntoTheTable() throws Exception {
    fixture.archive(updated("a", 2, 4), updated("a", 1, 2), fence("a", 2), updated("b", 1, 1));
    fixture.archive(updated("a", 1, 1), updated("a", 2, 3), fence("a", 1), updated("a", 1, 2));
    assertEquals(
        List.of("1.0", "1.1", "1.2", "1.2", "2.0", "2.3", "2.4", "completed"),
        fixture.read("a", 0));
    assertEquals(List.of("1.0", "2.0", "2.3", "2.4", "completed"), fixture.read("a", 2));
    assertEquals(List.of("1.0", "2.0", "completed"), fixture.read("a", 99));
    assertEquals(List.of("1.1", "completed"), fixture.read("b", 0));
    assertEquals(List.of("completed"), fixture.read("c", 0));
    assertEquals(List.of("completed"), fixture.read("aa", 0));
  }

  @Test
  void aQueryLeavesOutWhatItDoesNotAskFor() throws Exception {
    String other = updated("a", 1, 3).replace("c1", "c2");
    fixture.archive(fence("a", 1), updated("a", 1, 1), updated("a", 1, 2), other);
    fixture.archive(updated("a", 1, 4), fence("a", 2));
    double all = Double.POSITIVE_INFINITY;
    assertEquals(
        List.of("1.0", "1.2", "1.3", "2.0", "completed"),
        fixture.read(new Query("a", 1, 3, null, false)));
    assertEquals(
        List.of("1.0", "1.3", "2.0", "completed"), fixture.read(Query.of("a", Set.of("c2"), all)));
    assertEquals(
        List.of("1.0", "1.1", "1.2", "2.0", "completed"),
        fixture.read(Query.of("a", Set.of("c1", "absent"), 3)));
    assertEquals(
        List.of("1.0", "1.3", "1.4", "2.0", "completed"), fixture.read(Query.positions("a", 2)));
  }

  @Test
  void aPositionIsReadWithoutItsPayload() throws Exception {
    fixture.archive(fence("a", 1), updated("a", 1, 1));
    List<ArchivedEvent> events = new ArrayList<>();
    Queue<Runnable> loop = new ConcurrentLinkedQueue<>();
    List<String> end = new ArrayList<>();
    fixture.archive.reader(loop::add).read(Query.positions("a", 0), collecting(events, end));
    runUntil(loop, () -> !end.isEmpty());
    assertEquals(new ArchivedEvent(1, 0, 1, null, null, null, 0, 0, null), events.get(1));
  }

  @Test
  void anEventCarriesEveryField() throws Exception {
    fixture.archive(fence("a", 1), updated("a", 1, 1, "\"name\":\"Zoë\""));
    List<ArchivedEvent> events = new ArrayList<>();
    Queue<Runnable> loop = new ConcurrentLinkedQueue<>();
    List<String> end = new ArrayList<>();
    fixture.archive.reader(loop::add).read(Query.events("a", 0), collecting(events, end));
    runUntil(loop, () -> !end.isEmpty());
    assertEquals(
        List.of(
            new ArchivedEvent(1, 0, 0, "store.fence", null, null, 0, 1769860800000d, "{}"),
            new ArchivedEvent(
                1,
                0,
                1,
                "thing.updated",
                "c1",
                "Customer",
                1,
                1769860800000d,
                "{\"$id\":\"c1\",\"name\":\"Zoë\"}")),
        events);
  }

  @Test
  void moreThanFitsInMemoryComesInOrderToo() throws Exception {
    fixture.close();
    fixture = new ArchiveFixture(folder, 5_000);
    List<String> records = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int seq = 1; seq <= 2_000; seq++) {
      records.add(updated("a", 1, seq));
      expected.add("1." + seq);
    }
    expected.add("completed");
    Collections.shuffle(records, new Random(3));
    fixture.archive(records.subList(0, 700).toArray(String[]::new));
    fixture.archive(records.subList(700, 2_000).toArray(String[]::new));
    assertEquals(expected, fixture.read("a", 0));
  }

  @Test
  void filesThatCannotMatterAreNeverOpened() throws Exception {
    // Namespaces that differ behind the sixteenth character, where shortened bounds would end.
    String prefix = "a-namespace-with-a-long-name-";
    for (int i = 0; i < 3; i++) {
      fixture.archive(updated(prefix + i, 1, 1), updated(prefix + i, 1, 2));
    }
    fixture.archive(updated(prefix + 1, 1, 3), updated(prefix + 1, 1, 4));
    assertEquals(List.of("1.1", "1.2", "1.3", "1.4", "completed"), fixture.read(prefix + 1, 0));
    List<Path> files = filesOf(fixture.table());
    for (int i : new int[] {0, 2}) {
      Files.delete(files.get(i));
    }
    assertEquals(List.of("1.1", "1.2", "1.3", "1.4", "completed"), fixture.read(prefix + 1, 0));
    Files.delete(files.get(1));
    assertEquals(List.of("1.3", "1.4", "completed"), fixture.read(prefix + 1, 2));
    List<String> failed = fixture.read(prefix + 1, 1);
    assertEquals(1, failed.size());
    assertTrue(failed.get(0).contains("namespace " + prefix + 1), failed.get(0));
    assertTrue(failed.get(0).contains(files.get(1).getFileName().toString()), failed.get(0));
  }

  @Test
  void aPackedRowComesWhateverIdsAreAskedFor() throws Exception {
    fixture.archive(fence("a", 1), packed("a", 1, 1));
    fixture.archive(packed("a", 1, 4));
    fixture.archive(updated("a", 1, 7));
    double all = Double.POSITIVE_INFINITY;
    assertEquals(
        List.of("1.0", "1.1", "1.4", "completed"),
        fixture.read(Query.of("a", Set.of("absent"), all)));
    assertEquals(
        List.of("1.0", "1.1", "1.4", "1.7", "completed"),
        fixture.read(Query.of("a", Set.of("c1"), all)));
    assertEquals(List.of("1.0", "1.4", "1.7", "completed"), fixture.read("a", 1));
    // What has no packed rows is left out by its ids as ever.
    Files.delete(filesOf(fixture.table()).get(2));
    assertEquals(
        List.of("1.0", "1.1", "1.4", "completed"),
        fixture.read(Query.of("a", Set.of("absent"), all)));
  }

  @Test
  void aTableOfBeforeThereWerePackedRowsTakesThem() throws Exception {
    fixture.archive(fence("a", 1), updated("a", 1, 1));
    fixture.table().updateSchema().deleteColumn("events").commit();
    fixture.close();
    fixture = new ArchiveFixture(folder);
    fixture.archive(packed("a", 1, 2));
    assertEquals(List.of("1.0", "1.1", "1.2", "completed"), fixture.read("a", 0));
    assertEquals(List.of("1.0", "1.1", "1.2", "completed"), fixture.read(Query.positions("a", 0)));
  }

  @Test
  void filesOfBeforeAMomentAreNeverOpened() throws Exception {
    fixture.archive(fence("a", 1), updated("a", 1, 1));
    fixture.scheduler.advance(Duration.ofDays(2).toMillis());
    fixture.archive(updated("a", 1, 2));
    double sinceMs = fixture.scheduler.nowMs();
    fixture.scheduler.advance(1000);
    fixture.archive(updated("a", 1, 3));
    Query all = Query.events("a", 0);
    assertEquals(List.of("1.0", "1.1", "1.2", "1.3", "completed"), fixture.read(all));
    Files.delete(filesOf(fixture.table()).get(0));
    assertEquals(List.of("1.2", "1.3", "completed"), fixture.read(all.since(sinceMs)));
    assertEquals(List.of("1.3", "completed"), fixture.read(all.since(sinceMs + 1000)));
    assertEquals(1, fixture.read(all).size());
  }

  @Test
  void aDamagedFileAndADroppedTableAreErrors() throws Exception {
    fixture.archive(updated("a", 1, 1));
    Path file = filesOf(fixture.table()).get(0);
    Files.write(file, new byte[(int) Files.size(file)]);
    List<String> damaged = fixture.read("a", 0);
    assertTrue(damaged.get(0).contains("could not be read"), damaged.toString());
    fixture.archive.table().catalog().dropTable(EventsTable.NAME, false);
    List<String> dropped = fixture.read("a", 0);
    assertTrue(dropped.get(0).contains("unified_storage.events"), dropped.toString());
  }

  @Test
  void aTableWithDeleteFilesIsRefused() throws Exception {
    fixture.archive(updated("a", 1, 1));
    Table table = fixture.table();
    FileScanTask task;
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      task = tasks.iterator().next();
    }
    DeleteFile deletes =
        FileMetadata.deleteFileBuilder(table.spec())
            .ofPositionDeletes()
            .withPath("s3://archive/deletes.parquet")
            .withFileSizeInBytes(10)
            .withPartition(task.partition())
            .withRecordCount(1)
            .build();
    table.newRowDelta().addDeletes(deletes).commit();
    List<String> refused = fixture.read("a", 0);
    assertTrue(refused.get(0).contains("delete files"), refused.toString());
  }

  @Test
  void aSlowObjectIsWaitedForAndACancelledReadSaysNothing() throws Exception {
    String[] records = new String[10_000];
    for (int i = 0; i < records.length; i++) {
      records[i] = updated("a", 1, i + 1);
    }
    fixture.archive(records);
    Queue<Runnable> loop = new ConcurrentLinkedQueue<>();
    List<ArchivedEvent> events = new ArrayList<>();
    List<String> end = new ArrayList<>();
    IcebergReader.Read read =
        fixture.archive.reader(loop::add).read(Query.events("a", 0), collecting(events, end));
    await(() -> loop.size() == 2);
    loop.poll().run();
    int batch = events.size();
    assertTrue(batch < 1_000, "" + batch);
    await(() -> loop.size() == 2);
    read.cancel();
    while (!loop.isEmpty()) {
      loop.poll().run();
    }
    assertEquals(batch, events.size());
    assertEquals(List.of(), end);

    // The thread that was cancelled is free again, and so is every other one.
    ArchiveReader reader = fixture.archive.reader(loop::add);
    for (int i = 0; i < 5; i++) {
      reader.read(Query.events("a", 0), collecting(events, end));
    }
    await(() -> loop.size() >= 4);
    reader.cancelAll();
    assertEquals(10_001, fixture.read("a", 0).size());
  }

  private static IcebergReader.Visitor collecting(List<ArchivedEvent> events, List<String> end) {
    return new IcebergReader.Visitor() {
      @Override
      public void event(ArchivedEvent event) {
        events.add(event);
      }

      @Override
      public void progress(double rows) {}

      @Override
      public void completed(boolean upToDate) {
        end.add("completed");
      }

      @Override
      public void failed(String error) {
        end.add(error);
      }
    };
  }

  /** The table's files in the order they were committed. */
  private List<Path> filesOf(Table table) throws Exception {
    List<FileScanTask> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(files::add);
    }
    files.sort(
        (a, b) -> Long.compare(a.file().dataSequenceNumber(), b.file().dataSequenceNumber()));
    List<Path> paths = new ArrayList<>();
    for (FileScanTask file : files) {
      paths.add(fixture.archive.table().io().path(file.file().location()));
    }
    return paths;
  }

  private static void runUntil(Queue<Runnable> loop, BooleanSupplier condition)
      throws InterruptedException {
    await(
        () -> {
          Runnable task = loop.poll();
          if (task != null) {
            task.run();
          }
          return condition.getAsBoolean();
        });
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ArchiveFixture.DEADLINE_MS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not so within " + ArchiveFixture.DEADLINE_MS + " ms");
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }
}
