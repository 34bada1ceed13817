package dev.unifiedstorage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.Json;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The things of a store, as its writes and checkpoints change them. */
final class ThingsTest {
  private final Json json = new JacksonJson();

  @Test
  void undoRestoresWhatWasThere() {
    Things things = new Things(StateOptions.unlimited(), json);
    Thing first = Thing.created("a", "T", Fields.ofText("{}"), 1, 1, 2);
    things.put(first);
    things.markClean(List.of("a"));
    double bytes = things.estimatedBytes();
    Fields changes = Fields.ofText("{\"n\":1}");
    Undo update = things.put(first.updated(changes, 5, 2, 7, json));
    Undo removal = things.remove("a", 3, 3);
    Thing other = Thing.created("a", "Other", Fields.ofText("{}"), 6, 4, 2);
    Undo creation = things.put(other);
    creation.undo();
    assertNull(things.get("a"));
    removal.undo();
    assertEquals(2, things.get("a").version());
    update.undo();
    assertEquals(first, things.get("a"));
    assertEquals(0, things.dirtyCount());
    assertEquals(0, things.dirtyBytes());
    assertEquals(bytes, things.estimatedBytes());
  }

  /** A row of things, of the events up to one, that counts how often it is asked. */
  private static final class CountingRow implements StoredRow {
    private final double lastSeq;
    private int asked;

    private CountingRow(double lastSeq) {
      this.lastSeq = lastSeq;
    }

    @Override
    public Thing thing(int start, String type) {
      return Thing.created(id(start), type, Fields.ofText("{}"), 1, seq(start), 2);
    }

    @Override
    public int length(int start) {
      return 10;
    }

    @Override
    public int charBytes() {
      return 1;
    }

    @Override
    public String id(int start) {
      return (int) lastSeq + "/" + start;
    }

    @Override
    public double seq(int start) {
      asked++;
      return lastSeq - start;
    }

    @Override
    public double lastSeq() {
      asked++;
      return lastSeq;
    }

    @Override
    public double expiresAtMs(int start) {
      return 0;
    }

    @Override
    public int slot() {
      return 0;
    }
  }

  private static Set<String> newerThan(Things things, double seq) {
    Set<String> ids = new TreeSet<>();
    things.forEachNewerThan(seq, "T", entry -> ids.add(entry.id()));
    return ids;
  }

  @Test
  void whatIsNewerIsFoundByRowsAndNotAmongAllThings() {
    Things things = new Things(StateOptions.unlimited(), json);
    List<CountingRow> rows = List.of(new CountingRow(1_000), new CountingRow(2_000));
    for (CountingRow row : rows) {
      for (int start = 0; start < 500; start++) {
        things.load(row.id(start), things.collection("T"), row, start, 10, 0);
      }
      row.asked = 0;
    }
    assertEquals(Set.of(), newerThan(things, 2_000));
    assertEquals(2, rows.get(0).asked + rows.get(1).asked);
    assertEquals(Set.of("2000/0", "2000/1"), newerThan(things, 1_998));
    assertEquals(2, rows.get(0).asked);
  }

  @Test
  void whatIsNewerIsFoundWhereverItLies() {
    Things things = new Things(StateOptions.unlimited(), json);
    CountingRow older = new CountingRow(10);
    for (int start = 0; start < 3; start++) {
      things.load(older.id(start), things.collection("T"), older, start, 10, 0);
    }
    Thing changed = things.get("10/1").updated(Fields.ofText("{\"n\":1}"), 5, 11, 7, json);
    Undo update = things.put(changed);
    things.put(Thing.created("new", "T", Fields.ofText("{}"), 5, 12, 2));
    things.put(Thing.created("other", "Other", Fields.ofText("{}"), 5, 13, 2));
    Undo removal = things.remove("10/2", 14, 5);
    assertEquals(Set.of("10/1", "new"), newerThan(things, 10));
    removal.undo();
    update.undo();
    assertEquals(Set.of("new"), newerThan(things, 10));
    assertEquals(Set.of("10/0", "10/1", "10/2", "new"), newerThan(things, 7));
    things.put(changed);
    CountingRow newer = new CountingRow(11);
    things.stored(things.entry("10/1"), newer, 0, 10);
    things.checkpointed();
    assertEquals(Set.of("11/0", "new"), newerThan(things, 10));
    Set<String> all = new TreeSet<>();
    things.collection("T").forEach(entry -> all.add(entry.id()));
    assertEquals(Set.of("10/0", "10/2", "11/0", "new"), all);
  }
}
