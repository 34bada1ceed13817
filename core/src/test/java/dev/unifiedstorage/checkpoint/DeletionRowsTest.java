package dev.unifiedstorage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The newest deletions are known again after every start, and older ones are known to be gone. */
final class DeletionRowsTest {
  private static final int KEPT = 1_000;

  private final Json json = new JacksonJson();
  private final SqliteFile sql = new SqliteFile();
  private Things state;
  private Persistence persistence;
  private double seq;

  DeletionRowsTest() {
    start();
  }

  @AfterEach
  void close() {
    sql.close();
  }

  private void start() {
    state = new Things(StateOptions.unlimited(), json, KEPT);
    LazyCheckpointerOptions options =
        new LazyCheckpointerOptions(
            1000, 1000, 1e9, 1000, Layout.PACKED, 0, stats -> {}, error -> {});
    Origin origin = new Origin("test", new FakeTime(), json);
    persistence = new Persistence(sql, state, origin, options, false);
    persistence.loader().load();
  }

  private void createAndDelete(int count) {
    for (int i = 0; i < count; i++) {
      String id = "some-thing-" + (long) (seq + 2);
      state.put(Thing.created(id, "T", Fields.ofText("{}"), 1, ++seq, 2));
      state.remove(id, ++seq, 5);
    }
  }

  private void checkpoint() {
    CommitPoint point = new CommitPoint(Life.ofEpoch(1), 1, seq, 0, seq, false, false);
    persistence.writer().write(point, List.of());
  }

  private NavigableSet<Double> since(double after) {
    NavigableSet<Double> seqs = new TreeSet<>();
    persistence
        .deletionRows()
        .forEachSince(
            after,
            deletion -> {
              assertEquals("some-thing-" + (long) deletion.seq(), deletion.id());
              assertEquals("T", deletion.type());
              seqs.add(deletion.seq());
            });
    return seqs;
  }

  private double rowsOfDeletions() {
    SqlCursor cursor = sql.exec("SELECT count(*) FROM segments WHERE kind = 3");
    cursor.next();
    return cursor.number(0);
  }

  @Test
  void fewRideInTheCommitRecordAndCostNoRow() {
    createAndDelete(50);
    checkpoint();
    createAndDelete(50);
    double before = sql.rowsWritten();
    checkpoint();
    assertEquals(1, sql.rowsWritten() - before);
    start();
    assertEquals(100, since(0).size());
    assertEquals(20, since(160).size());
    assertTrue(persistence.deletionRows().knowsAllSince(0));
  }

  @Test
  void manyGoToRowsWhichAreReadWhenAskedFor() {
    for (int i = 0; i < 10; i++) {
      createAndDelete(90);
      checkpoint();
      start();
    }
    assertEquals(900, since(0).size());
    assertTrue(rowsOfDeletions() >= 1 && rowsOfDeletions() <= 3, rowsOfDeletions() + " rows");
    assertEquals(10, since(seq - 20).size());
  }

  @Test
  void ofTheOldestNothingIsClaimedToBeKnown() {
    for (int i = 0; i < 40; i++) {
      createAndDelete(200);
      checkpoint();
      start();
    }
    DeletionRows rows = persistence.deletionRows();
    assertFalse(rows.knowsAllSince(0));
    assertTrue(rows.knowsAllSince(seq - 2 * KEPT), "the newest " + KEPT + " are known");
    assertEquals(KEPT, since(seq - 2 * KEPT).size());
    assertTrue(rowsOfDeletions() <= 8, "slots are used again");
  }

  @Test
  void moreThanAreKeptInOneLifeAreForgottenToo() {
    createAndDelete(5 * KEPT);
    assertTrue(persistence.deletionRows().knowsAllSince(seq - 2 * KEPT));
    assertFalse(persistence.deletionRows().knowsAllSince(seq - 8 * KEPT));
    checkpoint();
    start();
    assertTrue(persistence.deletionRows().knowsAllSince(seq - 2 * KEPT));
    assertFalse(persistence.deletionRows().knowsAllSince(seq - 8 * KEPT));
    assertEquals(KEPT, since(seq - 2 * KEPT).size());
  }

  @Test
  void anUndoneDeletionIsNone() {
    createAndDelete(1);
    state.put(Thing.created("x", "T", Fields.ofText("{}"), 1, ++seq, 2));
    var undo = state.remove("x", ++seq, 5);
    undo.undo();
    assertEquals(1, since(0).size());
  }
}
