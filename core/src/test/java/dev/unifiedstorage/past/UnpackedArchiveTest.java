package dev.unifiedstorage.past;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.wal.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rows of both kinds in one table, as who reads the archive sees them. */
final class UnpackedArchiveTest {
  private final Json json = new JacksonJson();
  private final Origin origin = new Origin("t", new FakeTime(), json);
  private final List<ArchivedEvent> rows = new ArrayList<>();
  private IcebergReader.Query asked;

  /** What the read gave, as {@code epoch.seq.life}; of events also {@code =id}. */
  private final List<String> found = new ArrayList<>();

  private static String idOf(double seq) {
    return "t" + (long) seq % 3;
  }

  private void single(double epoch, double life, double seq) {
    String payload = "{\"$id\":\"" + idOf(seq) + "\",\"n\":1}";
    rows.add(
        new ArchivedEvent(
            epoch, life, seq, "thing.updated", idOf(seq), "T", seq, 100 + seq, payload));
  }

  private void fence(double epoch, double life) {
    rows.add(new ArchivedEvent(epoch, life, 0, "store.fence", null, null, 0, 5, "{}"));
  }

  private void packed(double epoch, double life, double from, double to) {
    StringBuilder events = new StringBuilder();
    for (double seq = from; seq <= to; seq++) {
      events.append(events.length() == 0 ? "" : ",");
      events.append("[\"U\"," + (long) (seq - from) + "," + (long) seq + ",\"T\",\"" + idOf(seq));
      events.append("\",{\"n\":1}]");
    }
    add(epoch, life, from, (int) (to - from) + 1, "{\"events\":[" + events + "]}");
  }

  private void add(double epoch, double life, double seq, int events, String payload) {
    rows.add(
        new ArchivedEvent(
            epoch,
            life,
            seq,
            ArchivedEvent.PACKED,
            null,
            null,
            0,
            100 + seq,
            payload,
            null,
            null,
            0,
            -1,
            events));
  }

  private IcebergReader archive() {
    return (query, visitor) -> {
      asked = query;
      rows.sort(
          Comparator.comparingDouble(ArchivedEvent::epoch)
              .thenComparingDouble(ArchivedEvent::seq)
              .thenComparingDouble(ArchivedEvent::life));
      for (ArchivedEvent row : rows) {
        if (query.wants(row)) {
          visitor.event(query.positionsOnly() ? row.position() : row);
        }
      }
      visitor.completed(true);
      return () -> {};
    };
  }

  private String read(IcebergReader.Query query) {
    found.clear();
    String[] end = {"none"};
    new UnpackedArchive(archive(), origin)
        .read(
            query,
            new IcebergReader.Visitor() {
              @Override
              public void event(ArchivedEvent row) {
                assertEquals(0, row.events());
                String position =
                    (long) row.epoch() + "." + (long) row.seq() + "." + (long) row.life();
                found.add(row.payload() == null ? position : position + "=" + row.entityId());
              }

              @Override
              public void progress(double count) {}

              @Override
              public void completed(boolean upToDate) {
                end[0] = "completed";
              }

              @Override
              public void failed(String error) {
                end[0] = error;
              }
            });
    return end[0];
  }

  @Test
  void bothKindsComeInOneOrder() {
    fence(1, 7);
    single(1, 7, 1);
    packed(1, 7, 2, 4);
    single(1, 7, 5);
    fence(2, 8);
    packed(2, 8, 6, 7);
    assertEquals("completed", read(IcebergReader.Query.events("t", 0)));
    assertEquals(
        List.of(
            "1.0.7=null",
            "1.1.7=t1",
            "1.2.7=t2",
            "1.3.7=t0",
            "1.4.7=t1",
            "1.5.7=t2",
            "2.0.8=null",
            "2.6.8=t0",
            "2.7.8=t1"),
        found);
  }

  @Test
  void rowsThatOverlapAreMergedAndRepeatsStandBesideTheirLike() {
    packed(1, 7, 1, 6);
    packed(1, 7, 1, 3);
    single(1, 7, 2);
    packed(1, 9, 3, 5);
    packed(1, 7, 4, 8);
    assertEquals("completed", read(IcebergReader.Query.positions("t", 0)));
    assertEquals(
        List.of(
            "1.1.7", "1.1.7", "1.2.7", "1.2.7", "1.2.7", "1.3.7", "1.3.7", "1.3.9", "1.4.7",
            "1.4.7", "1.4.9", "1.5.7", "1.5.7", "1.5.9", "1.6.7", "1.6.7", "1.7.7", "1.8.7"),
        found);
  }

  @Test
  void boundsAndIdsAreThoseOfSingleEvents() {
    packed(1, 7, 1, 10);
    single(1, 7, 11);
    packed(1, 7, 12, 13);
    assertEquals("completed", read(new IcebergReader.Query("t", 4, 12, Set.of("t0"), false)));
    assertEquals(List.of("1.6.7=t0", "1.9.7=t0", "1.12.7=t0"), found);
    assertEquals("completed", read(new IcebergReader.Query("t", 4, 12, Set.of("t0"), true)));
    assertEquals(List.of("1.6.7", "1.9.7", "1.12.7"), found);
    assertEquals("completed", read(new IcebergReader.Query("t", 8, 10, null, true)));
    assertEquals(List.of("1.9.7", "1.10.7"), found);
  }

  @Test
  void readBeginsAsFarBeforeAsAPackedRowReaches() {
    packed(1, 7, 1001, 2000);
    read(IcebergReader.Query.events("t", 1999));
    assertEquals(1000, asked.afterSeq());
    assertEquals(List.of("1.2000.7=t2"), found);
    read(IcebergReader.Query.fences("t"));
    assertEquals(0, asked.untilSeq());
    read(IcebergReader.Query.positions("t", 5));
    assertEquals(0, asked.afterSeq());
  }

  @Test
  void rowThatCannotBeTakenApartFailsTheRead() {
    single(1, 7, 1);
    add(1, 7, 2, 2, "{\"events\":[[\"U\",0,2,\"T\",\"a\",{}],7]}");
    single(1, 7, 4);
    String end = read(IcebergReader.Query.events("t", 0));
    assertTrue(end.contains("seq 2") && end.contains("event 1 is no array"), end);
    assertEquals(List.of("1.1.7=t1", "1.2.7=a"), found);
  }
}
