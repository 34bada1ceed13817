package dev.unifiedstorage.emulator.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowSorterTest {
  @TempDir Path folder;

  @Test
  void anyOrderComesOutSortedWhetherItFitsInMemoryOrNot() throws IOException {
    for (long bufferBytes : new long[] {1 << 30, 20_000, 1}) {
      Random random = new Random(7);
      List<ArchivedRow> rows = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        rows.add(row(random.nextInt(4), random.nextInt(200), i));
      }
      try (RowSorter sorter = new RowSorter(folder.resolve("scratch"), bufferBytes)) {
        for (ArchivedRow row : rows) {
          sorter.add(row);
        }
        assertEquals(bufferBytes == 1 << 30, sorter.runs() == 0);
        List<ArchivedRow> sorted = new ArrayList<>();
        sorter.forEach(sorted::add);
        rows.sort(ArchivedRow.ORDER);
        assertEquals(rows.size(), sorted.size());
        for (int i = 0; i < rows.size(); i++) {
          assertSame(rows.get(i), sorted.get(i));
        }
      }
    }
    try (Stream<Path> left = Files.list(folder.resolve("scratch"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void itStopsWhenNoMoreIsWanted() throws IOException {
    try (RowSorter sorter = new RowSorter(folder, 1_000)) {
      for (int i = 0; i < 100; i++) {
        sorter.add(row(1, i, i));
      }
      assertTrue(sorter.runs() > 3);
      List<ArchivedRow> taken = new ArrayList<>();
      sorter.forEach(row -> taken.add(row) && taken.size() < 3);
      assertEquals(3, taken.size());
    }
  }

  private static ArchivedRow row(long epoch, long seq, int number) {
    boolean fence = seq == 0;
    return new ArchivedRow(
        epoch,
        0,
        seq,
        fence ? "store.fence" : "thing.updated",
        fence ? null : "é" + number,
        fence ? null : "Customer",
        fence ? 0 : number,
        number,
        "x".repeat(number % 90).getBytes(StandardCharsets.UTF_8),
        number % 3 == 0 ? null : "s" + number,
        number % 3 == 1 ? null : "é" + number,
        number % 3 == 0 ? 0 : number,
        number % 2 - 1,
        number % 4);
  }

  private static void assertSame(ArchivedRow expected, ArchivedRow actual) {
    assertEquals(expected.epoch(), actual.epoch());
    assertEquals(expected.seq(), actual.seq());
    assertEquals(expected.tsMs(), actual.tsMs(), "equal rows keep their order");
    assertEquals(expected.verb(), actual.verb());
    assertEquals(expected.entityId(), actual.entityId());
    assertEquals(expected.entityType(), actual.entityType());
    assertEquals(expected.version(), actual.version());
    assertArrayEquals(expected.payload(), actual.payload());
    assertEquals(expected.session(), actual.session());
    assertEquals(expected.sub(), actual.sub());
    assertEquals(expected.n(), actual.n());
    assertEquals(expected.events(), actual.events());
    assertEquals(expected.batchIndex(), actual.batchIndex());
  }
}
