package dev.unifiedstorage.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  private final Json json = new JacksonJson();
  private final SqliteFile sql = new SqliteFile();
  private final Tables tables = new Tables(sql, json);
  private final Origin origin = new Origin("test", new FakeTime(), json);
  private final EventLog log =
      new EventLog(tables, new TableReader(tables, json), new Slots(), origin);

  @AfterEach
  void close() {
    sql.close();
  }

  private Event fence(double epoch) {
    return Event.fence(origin, Life.ofEpoch(epoch));
  }

  private Event created(double epoch, double seq) {
    Thing thing = Thing.created("t" + seq, "T", Fields.ofText("{}"), 1, seq, 2);
    return Event.created(origin, thing, Life.ofEpoch(epoch), false);
  }

  private void write(Event... events) {
    EventLog.Written[] written = {EventLog.Written.NONE};
    tables.transaction(() -> written[0] = log.write(List.of(events), tables.nextTx()));
    log.committed(written[0]);
  }

  /** Events as epoch and seq, such as {@code 3.2}. */
  private List<String> readAfter(double seq) {
    return log.readAfter(seq, 1).stream()
        .map(event -> (long) event.epoch() + "." + (long) event.seq())
        .toList();
  }

  @Test
  void fenceInARowWhoseBeginningIsAcceptedLeavesWithItsFirstEvent() {
    write(fence(1), created(1, 1), fence(2), fence(3), created(3, 2), created(3, 3));
    assertEquals(List.of("1.0", "1.1", "2.0", "3.0", "3.2", "3.3"), readAfter(0));
    assertEquals(List.of("2.0", "3.0", "3.2", "3.3"), readAfter(1));
    assertEquals(List.of("3.3"), readAfter(2));
  }

  @Test
  void fenceAtTheEndOfARowLeavesToo() {
    write(created(1, 1), created(1, 2), fence(2));
    assertEquals(List.of("1.2", "2.0"), readAfter(1));
  }
}
