package dev.unifiedstorage.emulator.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFollowerTest {
  @TempDir Path folder;
  private StreamLog log;

  @BeforeEach
  void open() throws IOException {
    log = StreamLog.open(folder.resolve("s"), 200);
  }

  @AfterEach
  void close() throws IOException {
    log.close();
  }

  @Test
  void itGoesThroughAllSegmentsFromAnywhereAndOnWhenThereIsMore() throws IOException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.addAll(append("{\"i\":" + i + "}", "{\"j\":" + i + "}"));
    }
    for (int from = 0; from <= 100; from += 9) {
      LogFollower follower = new LogFollower(() -> log, from);
      assertEquals(all.subList(from, 100), rest(follower));
      assertEquals(100, follower.offset());
      assertEquals(0, follower.bytesBehind());
    }
    LogFollower follower = new LogFollower(() -> log, 100);
    assertEquals(List.of(), rest(follower));
    for (int i = 0; i < 50; i++) {
      List<String> more = append("{\"k\":" + i + "}");
      assertEquals(more.get(0).length() + 2, follower.bytesBehind());
      assertEquals(more, rest(follower));
    }
  }

  @Test
  void itNeverSeesWhatIsNotDurable() throws IOException {
    append("{\"a\":1}");
    log.append(ByteBuffer.wrap("{\"b\":1} \n".getBytes(StandardCharsets.UTF_8)), 1);
    LogFollower follower = new LogFollower(() -> log, 0);
    assertEquals(List.of("{\"a\":1}"), rest(follower));
    log.force();
    assertEquals(List.of("{\"b\":1}"), rest(follower));
  }

  @Test
  void aRecordLargerThanAReadIsWhole() throws IOException {
    String large = "{\"v\":\"" + "x".repeat(3_000_000) + "\"}";
    append("{}", large, "{\"z\":1}");
    assertEquals(List.of("{}", large, "{\"z\":1}"), rest(new LogFollower(() -> log, 0)));
    assertEquals(List.of("{\"z\":1}"), rest(new LogFollower(() -> log, 2)));
  }

  @Test
  void anOffsetThatTheLogDoesNotHaveIsAnError() throws IOException {
    append("{}");
    assertThrows(IOException.class, () -> new LogFollower(() -> log, 2).next((b, f, t) -> {}));
  }

  @Test
  void onlyWholeSegmentsBeforeTheOffsetAreCutAndTheLastOnesStay() throws IOException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.addAll(append("{\"i\":" + i + "}"));
    }
    long segments = segments();
    assertTrue(segments > 4);
    log.cut(5, 2);
    assertEquals(0, log.first());
    log.cut(50, 2);
    long first = log.first();
    assertTrue(first > 0 && first <= 50, "" + first);
    assertEquals(all.subList((int) first, 100), log.read(first, 1_000, 1 << 20));
    assertEquals(List.of(), log.read(0, 1_000, 1 << 20));
    assertEquals(all.subList((int) first, 100), rest(new LogFollower(() -> log, first)));
    assertThrows(IOException.class, () -> new LogFollower(() -> log, 0).next((b, f, t) -> {}));
    log.cut(100, 2);
    assertEquals(2, segments());
    log.close();
    log = StreamLog.open(folder.resolve("s"), 200);
    assertEquals(100, log.end());
    assertEquals(
        all.subList((int) log.first(), 100), rest(new LogFollower(() -> log, log.first())));
  }

  private long segments() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("s"))) {
      return files.count();
    }
  }

  private List<String> append(String... records) throws IOException {
    String lines = String.join("\n", records) + " \n";
    log.append(ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8)), records.length);
    log.force();
    return List.of(records);
  }

  private static List<String> rest(LogFollower follower) throws IOException {
    List<String> records = new ArrayList<>();
    LogFollower.Records add =
        (bytes, from, to) ->
            records.add(new String(bytes, from, to - from, StandardCharsets.UTF_8).strip());
    int read;
    do {
      read = follower.next(add);
    } while (read > 0);
    return records;
  }
}
