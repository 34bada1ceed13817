package dev.unifiedstorage.emulator.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamLogTest {
  @TempDir Path folder;

  @Test
  void aLogTornAtAnyByteKeepsExactlyTheWholeSends() throws IOException {
    List<List<String>> sends =
        List.of(
            List.of("{\"a\":\"é {} \"}"),
            List.of("{\"b\":1}", "{\"b\":2}", "{\"b\":\"x \"}"),
            List.of("{}"),
            List.of("{\"c\":[\" \"]}", "{\"d\":4}"));
    StreamLog log = StreamLog.open(folder.resolve("whole"), StreamLog.SEGMENT_BYTES);
    List<Integer> ends = new ArrayList<>(List.of(0));
    List<Integer> counts = new ArrayList<>(List.of(0));
    for (List<String> send : sends) {
      int bytes = append(log, send);
      ends.add(ends.get(ends.size() - 1) + bytes);
      counts.add(counts.get(counts.size() - 1) + send.size());
    }
    log.close();
    List<String> all = sends.stream().flatMap(List::stream).toList();
    byte[] content = Files.readAllBytes(Segment.in(folder.resolve("whole"), 0).file());
    assertEquals(ends.get(ends.size() - 1), content.length);

    for (int length = 0; length <= content.length; length++) {
      for (boolean hole : new boolean[] {false, true}) {
        byte[] torn = Arrays.copyOf(content, hole ? content.length : length);
        if (hole) {
          // What a power cut leaves when a later block of a write reached the disk and this did
          // not.
          Arrays.fill(torn, length, Math.min(length + 3, torn.length), (byte) 0);
        }
        if (hole && length == content.length) {
          continue;
        }
        Path stream = folder.resolve("torn");
        Files.createDirectories(stream);
        Files.write(Segment.in(stream, 0).file(), torn);
        int whole = 0;
        while (whole + 1 < ends.size() && ends.get(whole + 1) <= length) {
          whole++;
        }
        try (StreamLog reopened = StreamLog.open(stream, StreamLog.SEGMENT_BYTES)) {
          List<String> expected = all.subList(0, counts.get(whole));
          assertEquals(expected, reopened.read(0, 100, 1 << 20), "cut at " + length);
          append(reopened, List.of("{\"next\":true}"));
          assertEquals(List.of("{\"next\":true}"), reopened.read(expected.size(), 100, 1 << 20));
        }
      }
    }
  }

  @Test
  void segmentsRollAndReadAsOneLog() throws IOException {
    Path stream = folder.resolve("rolling");
    List<String> all = new ArrayList<>();
    StreamLog log = StreamLog.open(stream, 200);
    for (int i = 0; i < 100; i++) {
      List<String> send = List.of("{\"i\":" + i + "}", "{\"j\":" + i + "}");
      append(log, send);
      all.addAll(send);
      if (i % 30 == 29) {
        log.close();
        log = StreamLog.open(stream, 200);
      }
    }
    try (Stream<Path> files = Files.list(stream)) {
      assertTrue(files.count() > 5);
    }
    assertEquals(200, log.end());
    assertEquals(all, log.read(0, 1000, 1 << 20));
    for (int from = 0; from <= 200; from += 7) {
      assertEquals(all.subList(from, Math.min(200, from + 5)), log.read(from, 5, 1 << 20));
    }
    assertEquals(all.subList(3, 4), log.read(3, 1, 1 << 20));
    assertEquals(List.of(), log.read(200, 10, 1 << 20));
    assertEquals(List.of(), log.read(5000, 10, 1 << 20));
    assertTrue(log.read(0, 1000, 50).size() < 10);
    log.close();
  }

  @Test
  void whatWasNotForcedCanBeTakenBack() throws IOException {
    try (StreamLog log = StreamLog.open(folder.resolve("undone"), StreamLog.SEGMENT_BYTES)) {
      append(log, List.of("{\"kept\":1}"));
      log.append(bytes(List.of("{\"lost\":1}")), 1);
      assertEquals(List.of("{\"kept\":1}"), log.read(0, 10, 1 << 20));
      log.undo();
      append(log, List.of("{\"kept\":2}"));
      assertEquals(List.of("{\"kept\":1}", "{\"kept\":2}"), log.read(0, 10, 1 << 20));
    }
  }

  @Test
  void recordsLargerThanAReadAreWhole() throws IOException {
    String large = "{\"v\":\"" + "x".repeat(3_000_000) + "\"}";
    try (StreamLog log = StreamLog.open(folder.resolve("large"), StreamLog.SEGMENT_BYTES)) {
      append(log, List.of("{}", large, "{\"z\":1}"));
      assertEquals(List.of("{}", large, "{\"z\":1}"), log.read(0, 10, 1 << 30));
    }
  }

  private static int append(StreamLog log, List<String> records) throws IOException {
    ByteBuffer bytes = bytes(records);
    int length = bytes.remaining();
    log.append(bytes, records.size());
    log.force();
    return length;
  }

  private static ByteBuffer bytes(List<String> records) {
    return ByteBuffer.wrap((String.join("\n", records) + " \n").getBytes(StandardCharsets.UTF_8));
  }
}
