package dev.unifiedstorage.emulator.archive;

import static dev.unifiedstorage.emulator.archive.ArchiveFixture.fence;
import static dev.unifiedstorage.emulator.archive.ArchiveFixture.updated;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.pipeline.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SinkTest {
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

  private void restart() throws InterruptedException {
    fixture.close();
    fixture = new ArchiveFixture(folder);
  }

  @Test
  void recordsBecomeRowsWithEveryColumn() throws Exception {
    fixture.archive(fence("a", 1), updated("a", 1, 1, "\"name\":\"Zoë\""));
    Table table = fixture.table();
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      records.forEach(rows::add);
    }
    assertEquals("store.fence", rows.get(0).getField("verb"));
    assertNull(rows.get(0).getField("entityId"));
    assertNull(rows.get(0).getField("version"));
    Record row = rows.get(1);
    assertEquals("{\"$id\":\"c1\",\"name\":\"Zoë\"}", row.getField("payload"));
    assertEquals("thing.updated", row.getField("verb"));
    assertEquals("things", row.getField("store"));
    assertEquals("c1", row.getField("entityId"));
    assertEquals("Customer", row.getField("entityType"));
    assertEquals(1L, row.getField("version"));
    assertEquals(1769860800000L, row.getField("ts"));
    assertEquals("c1:updated:1:1.1", row.getField("idempotencyKey"));
    assertEquals("2023-11-14T22:13:20Z", row.getField("__ingest_ts").toString());
    assertEquals("[\n  1000: __ingest_ts_day: day(12)\n]", table.spec().toString());
    Map<String, String> summary = table.currentSnapshot().summary();
    assertEquals("events:0-2", summary.get(EventsTable.BATCH));
    assertEquals("0", summary.get(EventsTable.DROPPED));
    assertEquals("2", table.properties().get(EventsTable.NEXT_OFFSET));
  }

  @Test
  void aCrashAfterAnyStepLosesNothingAndRepeatsNothing() throws Exception {
    List<String> expected = new ArrayList<>();
    for (int step = 0; step < 4; step++) {
      String first = "crash" + step;
      fixture.send(updated(first, 1, 1), updated(first, 1, 2));
      Sink dying = fixture.sink();
      if (step > 0) {
        Sink.Batch batch = dying.write(() -> true);
        if (step > 1) {
          dying.commit(batch);
        }
        if (step > 2) {
          dying.cut();
        }
      }
      restart();
      // More arrives before the next process rolls, so the next batch is not the same one.
      fixture.send(updated(first, 1, 3));
      fixture.sink().roll(() -> true);
      fixture.sink().roll(() -> true);
      expected.addAll(List.of(first + " 1.1", first + " 1.2", first + " 1.3"));
      assertEquals(expected, fixture.rows(), "after step " + step);
    }
  }

  @Test
  void whatACrashLeftOfAFileIsWrittenOver() throws Exception {
    fixture.send(updated("a", 1, 1));
    fixture.sink().write(() -> true);
    Path file = fixture.dataFiles().get(0);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
    restart();
    fixture.sink().roll(() -> true);
    assertEquals(List.of("a 1.1"), fixture.rows());
    assertEquals(List.of(file), fixture.dataFiles());
  }

  @Test
  void aCommitThatFailsIsRepeatedAndLeavesTheTableWhole() throws Exception {
    fixture.archive(updated("a", 1, 1));
    fixture.send(updated("a", 1, 2));
    sql(
        "CREATE TRIGGER full BEFORE UPDATE ON iceberg_tables BEGIN"
            + " SELECT RAISE(ABORT, 'the disk is full'); END");
    Sink sink = fixture.sink();
    assertThrows(RuntimeException.class, () -> sink.roll(() -> true));
    assertEquals(List.of("a 1.1"), fixture.rows());
    sql("DROP TRIGGER full");
    fixture.send(updated("a", 1, 3));
    sink.roll(() -> true);
    assertEquals(List.of("a 1.1", "a 1.2", "a 1.3"), fixture.rows());
  }

  @Test
  void toldToStopItLeavesNothingHalfDone() throws Exception {
    String[] records = new String[3_000];
    for (int i = 0; i < records.length; i++) {
      records[i] = updated("a", 1, i + 1, "\"pad\":\"" + "x".repeat(300) + "\"");
    }
    fixture.send(records);
    int[] asked = {0};
    Sink sink = fixture.sink();
    sink.roll(() -> asked[0]++ < 3);
    assertTrue(asked[0] >= 3);
    assertEquals(List.of(), fixture.dataFiles());
    assertNull(fixture.table().currentSnapshot());
    sink.roll(() -> true);
    assertEquals(3_000, fixture.rows().size());
  }

  @Test
  void aRollEndsHoweverMuchComesMeanwhile() throws Exception {
    fixture.send(updated("a", 1, 1));
    int[] seq = {1};
    fixture
        .sink()
        .roll(
            () -> {
              try {
                fixture.send(updated("a", 1, ++seq[0]));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
              return seq[0] < 1_000;
            });
    assertTrue(seq[0] < 1_000);
    assertEquals(1, fixture.dataFiles().size());
    fixture.sink().roll(() -> true);
    assertEquals(seq[0], fixture.rows().size());
  }

  @Test
  void whatDoesNotFitIsDroppedCountedAndLoggedOnce() throws Exception {
    fixture.archive(
        "{}", updated("a", 1, 1), updated("a", 1, 2).replace("\"seq\":2", "\"seq\":\"2\""));
    assertEquals(List.of("a 1.1"), fixture.rows());
    assertEquals(1, fixture.log.size(), fixture.log.toString());
    assertTrue(
        fixture.log.get(0).contains("verb: expected a value, found none"), fixture.log.get(0));
    Map<String, String> summary = fixture.table().currentSnapshot().summary();
    assertEquals("2", summary.get(EventsTable.DROPPED));

    Sink sink = fixture.sink();
    fixture.send("{}");
    sink.roll(() -> true);
    assertEquals(1, sink.dropped());
    assertEquals("4", fixture.table().properties().get(EventsTable.NEXT_OFFSET));
    assertEquals(1, fixture.dataFiles().size());
  }

  @Test
  void onRequestItDropsWhatWouldFit() throws Exception {
    fixture.faults.sink(Faults.SinkMode.DROP);
    fixture.archive(updated("a", 1, 1));
    fixture.faults.sink(Faults.SinkMode.OK);
    fixture.archive(updated("a", 1, 2));
    assertEquals(List.of("a 1.2"), fixture.rows());
  }

  @Test
  void everyDayIsAPartition() throws Exception {
    fixture.archive(updated("a", 1, 1));
    fixture.scheduler.advance(Duration.ofDays(1).toMillis());
    fixture.archive(updated("a", 1, 2));
    List<String> days = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = fixture.table().newScan().planFiles()) {
      tasks.forEach(task -> days.add(task.spec().partitionToPath(task.partition())));
    }
    days.sort(null);
    assertEquals(List.of("__ingest_ts_day=2023-11-14", "__ingest_ts_day=2023-11-15"), days);
  }

  @Test
  void manifestsAndMetadataStayFewAndSnapshotsAreThinnedOut() throws Exception {
    Sink sink = fixture.sink();
    List<String> expected = new ArrayList<>();
    for (int i = 10; i < 26; i++) {
      fixture.send(updated("a", 1, i));
      sink.roll(() -> true);
      expected.add("a 1." + i);
    }
    assertEquals(expected, fixture.rows());
    Table table = fixture.table();
    assertTrue(table.currentSnapshot().allManifests(table.io()).size() < 11);
    assertTrue(metadataFiles(".metadata.json") <= 12, "" + metadataFiles(".metadata.json"));
    assertEquals(16, EventsTable.snapshots(table));
    assertEquals(16, metadataFiles("snap-"));
    assertEquals(2, fixture.archive.expire(2));
    assertEquals(2, metadataFiles("snap-"));
    assertEquals(expected, fixture.rows());
  }

  @Test
  void aTableThatWasDroppedIsFilledAgainFromTheLog() throws Exception {
    fixture.archive(updated("a", 1, 1), updated("a", 1, 2));
    fixture.archive.table().catalog().dropTable(EventsTable.NAME, false);
    fixture.archive(updated("a", 1, 3));
    assertEquals(List.of("a 1.1", "a 1.2", "a 1.3"), fixture.rows());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aClockThatIsBehindTheTableDoesNotStopIt(boolean atStart) throws Exception {
    fixture.archive(updated("a", 1, 1));
    fixture.archive(updated("a", 1, 2));
    Sink sink = fixture.sink();
    if (atStart) {
      fixture.close();
      moveTheTableAheadByAnHour();
      fixture = new ArchiveFixture(folder);
      sink = fixture.sink();
    } else {
      moveTheTableAheadByAnHour();
    }
    fixture.send(updated("a", 1, 3));
    sink.roll(() -> true);
    fixture.send(updated("a", 1, 4));
    sink.roll(() -> true);
    assertEquals(List.of("a 1.1", "a 1.2", "a 1.3", "a 1.4"), fixture.rows());
    assertEquals(1, fixture.log.size(), fixture.log::toString);
    assertTrue(
        fixture.log.get(0).contains("s ahead of the clock, as after a clock was set back"),
        fixture.log.get(0));
    long nowMs = System.currentTimeMillis();
    TableMetadata metadata = ((HasTableOperations) fixture.table()).operations().current();
    metadata.snapshots().forEach(one -> assertTrue(one.timestampMillis() <= nowMs));
    for (TableMetadata.MetadataLogEntry older : metadata.previousFiles()) {
      assertTrue(fixture.archive.table().io().newInputFile(older.file()).exists(), older.file());
    }
    assertEquals(metadata.previousFiles().size() + 1, metadataFiles(".metadata.json"));
  }

  /** As if the clock had been an hour ahead at all commits until now. */
  private void moveTheTableAheadByAnHour() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("warehouse"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".metadata.json")).toList()) {
        Files.writeString(
            file,
            Pattern.compile("(?<=\"(?:last-updated|timestamp)-ms\":)\\d+")
                .matcher(Files.readString(file))
                .replaceAll(time -> "" + (Long.parseLong(time.group()) + 3_600_000)));
      }
    }
  }

  @Test
  void aLogThatWasReplacedIsReadFromItsBeginning() throws Exception {
    fixture.archive(updated("a", 1, 1), updated("a", 1, 2));
    fixture.close();
    try (Stream<Path> log = Files.list(folder.resolve("pipeline/events"))) {
      for (Path segment : log.toList()) {
        Files.delete(segment);
      }
    }
    fixture = new ArchiveFixture(folder);
    fixture.archive(updated("a", 1, 3));
    assertEquals(List.of("a 1.1", "a 1.2", "a 1.3"), fixture.rows());
    assertTrue(fixture.log.get(0).startsWith("error the table has the log up to offset 2"));
  }

  @Test
  void aLogCutBeforeTheTableWasMadeAnewIsNeverTakenForTheWhole() throws Exception {
    fixture.archive(updated("a", 1, 1));
    fixture.close();
    Path segments = folder.resolve("pipeline/events");
    Files.move(
        segments.resolve("00000000000000000000.jsonl"),
        segments.resolve("00000000000000000007.jsonl"));
    Files.delete(folder.resolve("catalog.sqlite"));
    fixture = new ArchiveFixture(folder);
    fixture.sink().roll(() -> true);
    assertEquals(List.of("a 1.1"), fixture.rows());
    assertEquals("0-6", fixture.table().properties().get(EventsTable.MISSING));
    List<String> read = fixture.read("a", 0);
    assertEquals(1, read.size());
    assertTrue(read.get(0).contains("offsets 0-6 never came into the table"), read.get(0));
  }

  @Test
  void filesOutsideOfABucketAreRefused() throws Exception {
    FolderIO io = fixture.archive.table().io();
    assertThrows(IllegalArgumentException.class, () -> io.path("s3://bucket/../../etc/passwd"));
    assertThrows(IllegalArgumentException.class, () -> io.path("file:///etc/passwd"));
    assertThrows(IllegalArgumentException.class, () -> io.path("s3://bucket/"));
    assertFalse(io.newInputFile("s3://bucket/none").exists());
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("catalog.sqlite"));
        Statement run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  private long metadataFiles(String part) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("warehouse"))) {
      return files.filter(file -> file.getFileName().toString().contains(part)).count();
    }
  }
}
