package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.state.Fields;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of the archive that stands for several events, taken apart: what {@link PackedEvents}
 * writes.
 *
 * <p>Each event comes as the row that it would be, had it been a record of its own: who reads the
 * archive need not know that there are two kinds. One is made when it is asked for, so that no more
 * than the row is held.
 */
public final class PackedRow {
  /** The places within an event. */
  private static final int VERB = 0;

  private static final int SINCE_MS = 1;
  private static final int VERSION = 2;
  private static final int TYPE = 3;
  private static final int ID = 4;
  private static final int FIELDS = 5;
  private static final int EXTRAS = 6;

  private final ArchivedEvent row;
  private final Origin origin;

  /** Empty where positions alone were asked for. */
  private final Optional<JsonArray> events;

  private final int size;

  /**
   * Takes a row apart.
   *
   * @throws RuntimeException when no store has written the row
   */
  public PackedRow(ArchivedEvent row, Origin origin) {
    this.row = row;
    this.origin = origin;
    this.events = Optional.ofNullable(row.payload()).map(text -> eventsOf(text, origin.json()));
    this.size = events.map(JsonArray::size).orElse(row.events());
    if (row.events() > 0 && size != row.events()) {
      throw damaged("its payload has " + size + " events");
    }
  }

  private JsonArray eventsOf(String payload, Json json) {
    JsonObject object = json.parse(payload);
    if (object.kind("events") != JsonKind.ARRAY) {
      throw damaged("its payload has no array of events");
    }
    return object.array("events");
  }

  /** How many events there are. */
  public int size() {
    return size;
  }

  /** The seq of an event, by its place from 0 on. */
  public double seq(int place) {
    return row.seq() + place;
  }

  /**
   * The row that an event would be.
   *
   * @throws RuntimeException when no store has written the row
   */
  public ArchivedEvent event(int place) {
    if (events.isEmpty()) {
      return new ArchivedEvent(row.epoch(), row.life(), seq(place), null, null, null, 0, 0, null);
    }
    JsonArray array = events.get();
    if (array.kind(place) != JsonKind.ARRAY) {
      throw damaged("event " + place + " is no array");
    }
    JsonArray event = array.array(place);
    boolean whole =
        event.size() > FIELDS
            && event.kind(VERB) == JsonKind.STRING
            && event.kind(SINCE_MS) == JsonKind.NUMBER
            && event.kind(VERSION) == JsonKind.NUMBER
            && event.kind(TYPE) == JsonKind.STRING
            && event.kind(ID) == JsonKind.STRING
            && event.kind(FIELDS) == JsonKind.OBJECT;
    String letter = whole ? event.string(VERB) : "";
    Event.Verb verb = letter.length() == 1 ? Event.Verb.ofCode(letter.charAt(0)) : null;
    if (verb == null || verb.isFence()) {
      throw damaged("event " + place + " is no event of a thing");
    }
    boolean more = event.size() > EXTRAS && event.kind(EXTRAS) == JsonKind.OBJECT;
    JsonObject extras = more ? event.object(EXTRAS) : null;
    return new Event(
            origin,
            verb,
            row.epoch(),
            row.life(),
            seq(place),
            event.string(ID),
            event.string(TYPE),
            event.number(VERSION),
            row.tsMs() + event.number(SINCE_MS),
            fields(event.object(FIELDS), extras),
            0,
            false,
            null,
            extras == null ? null : Event.lineExtras(extras))
        .archivedRow();
  }

  private static Fields fields(JsonObject fields, @Nullable JsonObject extras) {
    return Fields.change(fields, extras == null ? List.of() : Event.unset(extras));
  }

  private RuntimeException damaged(String what) {
    return new IllegalStateException(
        "epoch "
            + (long) row.epoch()
            + ", life "
            + (long) row.life()
            + ", seq "
            + (long) row.seq()
            + ": expected a packed record of "
            + row.events()
            + " events, "
            + what);
  }
}
