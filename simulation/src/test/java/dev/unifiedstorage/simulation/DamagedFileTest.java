package dev.unifiedstorage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.SqlCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A store that evicts, and its database file with one bit flipped where a row stands, or cut short:
 * what is not in memory is as it was or refused, and never absent.
 *
 * <p>{@link CorruptionTest} changes columns with SQL, which puts a row with another id to another
 * place. A disk does not: there a damaged id stands where the right one stood.
 */
final class DamagedFileTest {
  /** Small pages, so that few things already make a tree of more than one level. */
  private static final int PAGE_BYTES = 512;

  /** What SQLite puts before a row: its length, the length of its header, and four types. */
  private static final int RECORD_HEADER_BYTES = 6;

  /** The widest integer that SQLite writes. */
  private static final int SUM_BYTES = 8;

  private static final int THINGS = 24;

  private final TestStore store = new TestStore();
  private Map<String, String> state;
  private byte[] image;
  private int cases;
  private int refused;
  private int unchanged;
  private final List<String> wrong = new ArrayList<>();

  /** Rows of a tree of two levels, written in no order, and one row that is gone. */
  @BeforeEach
  void build() {
    store.sql.exec("PRAGMA page_size = " + PAGE_BYTES);
    store.with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "2");
    store.with("LARGE_COLLECTIONS", "normalized");
    store.start();
    for (int i = 0; i < THINGS; i++) {
      String id = "l" + i * 7 % THINGS;
      store.ask("{'type':'create','id':1,'$type':'L','data':{'$id':'" + id + "','n':" + i + "}}");
    }
    store.post("checkpoint");
    store.ask("{'type':'delete','id':1,'$id':'l3'}");
    store.time.advance(100_000);
    store.restart();
    image = store.sql.image();
    state = read();
    assertEquals(
        THINGS - 1, state.values().stream().filter(reply -> reply.contains("$id")).count());
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** Every thing there was, and ids around them that never were. */
  private Map<String, String> read() {
    Map<String, String> replies = new LinkedHashMap<>();
    for (int i = 0; i < THINGS; i++) {
      read("l" + i, replies);
      read(i % 2 == 0 ? "k" + i : "l" + i + "x", replies);
    }
    return replies;
  }

  private void read(String id, Map<String, String> replies) {
    JsonObject reply = store.ask("{'type':'read','id':'r','$ids':['" + id + "']}");
    replies.put(id, store.print(reply));
  }

  @Test
  void flippedBitOfARowIsNeverTakenForItsAbsence() {
    SqlCursor rows = store.sql.exec("SELECT id, type, line FROM things");
    while (rows.next()) {
      List<Integer> copies = placesOf(rows.text(0) + rows.text(1));
      int length = length(rows, copies);
      for (int i = -RECORD_HEADER_BYTES; i < length; i++) {
        byte[] damaged = image.clone();
        for (int copy : copies) {
          if (copy + i >= damaged.length) {
            // The end of a copy that SQLite has begun to overwrite.
            break;
          }
          damaged[copy + i] ^= (byte) (1 << (i & 7));
        }
        look("row of " + rows.text(0) + ", byte " + i, damaged);
      }
    }
    assertTrue(refused > 20 * THINGS, report("flipped bits"));
    assertEquals(0, unchanged, "a flipped bit was not noticed");
  }

  @Test
  void fileCutShortIsNeverTakenForAbsence() {
    for (int length = 0; length < image.length; length += PAGE_BYTES / 8) {
      look("cut at " + length, Arrays.copyOf(image, length));
    }
    assertTrue(refused > 20, report("cuts"));
  }

  /** The file, one character a byte, so that places in the text are places in the file. */
  private String text() {
    return new String(image, StandardCharsets.ISO_8859_1);
  }

  /** How long a row is, by its whole copy: in what SQLite has freed a line may be cut off. */
  private int length(SqlCursor row, List<Integer> copies) {
    int key = row.text(0).length() + row.text(1).length();
    for (int copy : copies) {
      int line = text().indexOf(row.text(2), copy);
      if (line >= 0 && line <= copy + key + SUM_BYTES) {
        return line + row.text(2).length() - copy;
      }
    }
    throw new AssertionError("no copy of " + row.text(0) + " is whole");
  }

  /** Where a row stands; SQLite leaves copies behind in what it has freed. */
  private List<Integer> placesOf(String row) {
    List<Integer> places = new ArrayList<>();
    for (int at = text().indexOf(row); at >= 0; at = text().indexOf(row, at + 1)) {
      places.add(at);
    }
    return places;
  }

  private void look(String what, byte[] damaged) {
    cases++;
    try {
      store.sql.setImage(damaged);
    } catch (IllegalStateException e) {
      // SQLite itself does not take it for a database.
      refused++;
      return;
    }
    store.restart();
    if (store.startError() != null) {
      refused++;
      return;
    }
    boolean anyRefused = false;
    for (Map.Entry<String, String> found : read().entrySet()) {
      boolean unavailable = found.getValue().contains("\"UNAVAILABLE\"");
      anyRefused |= unavailable;
      if (!unavailable && !found.getValue().equals(state.get(found.getKey()))) {
        wrong.add(what + ": " + found);
      }
    }
    refused += anyRefused ? 1 : 0;
    unchanged += anyRefused ? 0 : 1;
  }

  private String report(String of) {
    String report =
        String.format(
            "damaged file, %s: %d cases, %d refused, %d without effect",
            of, cases, refused, unchanged);
    System.out.println(report);
    assertEquals(List.of(), wrong.subList(0, Math.min(10, wrong.size())));
    return report;
  }
}
