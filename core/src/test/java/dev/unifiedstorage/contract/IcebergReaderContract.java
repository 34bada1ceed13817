package dev.unifiedstorage.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link IcebergReader} keeps. */
public abstract class IcebergReaderContract {
  private final Cases cases = Cases.of("archive");

  /** Brings records, given as text, into the archive at once, as one roll of the sink does. */
  protected abstract void roll(List<String> records) throws Exception;

  /** Everything that a read gives, once it has completed. */
  protected abstract List<ArchivedEvent> read(IcebergReader.Query query) throws Exception;

  private void rollAll() throws Exception {
    for (JsonNode roll : cases.get("rolls")) {
      List<String> records = new ArrayList<>();
      roll.forEach(record -> records.add(record.toString()));
      roll(records);
    }
  }

  @Test
  void everyQueryOfTheTable() throws Exception {
    rollAll();
    for (JsonNode one : cases.get("queries")) {
      Set<String> ids = new HashSet<>();
      one.path("entityIds").forEach(id -> ids.add(id.textValue()));
      IcebergReader.Query query =
          new IcebergReader.Query(
              one.path("namespace").textValue(),
              one.path("afterSeq").asDouble(0),
              one.path("untilSeq").asDouble(Double.POSITIVE_INFINITY),
              one.has("entityIds") ? ids : null,
              one.path("positionsOnly").booleanValue());
      List<String> expected = new ArrayList<>();
      one.path("found").forEach(position -> expected.add(position.textValue()));
      List<String> found = new ArrayList<>();
      for (ArchivedEvent event : read(query)) {
        String position = (long) event.epoch() + "." + (long) event.seq();
        // A sink repeats, but a repeat stands beside its like.
        if (found.isEmpty() || !found.get(found.size() - 1).equals(position)) {
          found.add(position);
        }
      }
      assertEquals(expected, found, one::toString);
    }
  }

  @Test
  void aPackedRowSaysHowManyEventsItHas() throws Exception {
    rollAll();
    for (boolean positionsOnly : List.of(false, true)) {
      List<String> found = new ArrayList<>();
      for (ArchivedEvent row : read(new IcebergReader.Query("p", 0, 4, null, positionsOnly))) {
        found.add((long) row.seq() + " x" + row.events());
      }
      assertEquals(List.of("0 x0", "1 x3", "4 x0"), found.stream().distinct().toList());
    }
  }

  @Test
  void anEventComesWholeAndAPositionWithoutTheRest() throws Exception {
    rollAll();
    JsonNode event = cases.get("event");
    ArchivedEvent whole =
        new ArchivedEvent(
            event.path("epoch").doubleValue(),
            event.path("life").doubleValue(),
            event.path("seq").doubleValue(),
            event.path("verb").textValue(),
            event.path("entityId").textValue(),
            event.path("entityType").textValue(),
            event.path("version").doubleValue(),
            event.path("ts").doubleValue(),
            event.path("payload").textValue(),
            event.path("session").textValue(),
            event.path("sub").textValue(),
            event.path("n").doubleValue(),
            event.path("batchIndex").intValue());
    double before = whole.seq() - 1;
    List<ArchivedEvent> events =
        read(new IcebergReader.Query("a", before, whole.seq(), null, false));
    assertEquals(whole, events.get(events.size() - 1));
    List<ArchivedEvent> positions =
        read(new IcebergReader.Query("a", before, whole.seq(), null, true));
    assertEquals(
        new ArchivedEvent(whole.epoch(), whole.life(), whole.seq(), null, null, null, 0, 0, null),
        positions.get(positions.size() - 1));
  }
}
