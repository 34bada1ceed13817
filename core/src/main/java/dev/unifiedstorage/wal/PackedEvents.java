package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Events of one life that follow on one another, as one record: {@code store.events}.
 *
 * <p>Its envelope is the first event's, with {@code events}, their number. Its payload has {@code
 * lastSeq} and {@code events}, of which each is an array: the verb's letter, the milliseconds since
 * the record's {@code ts}, the version, the type, the id, the fields, and what few events say
 * beside. That is JSON within JSON, no text within text, so that SQL can take it apart and nothing
 * is escaped twice. {@link PackedRow} reads it.
 *
 * <p>The envelope is four fifths of a small event's record, and a Pipeline is paid by the byte.
 */
final class PackedEvents implements PipelineRecord {
  /**
   * The most bytes of events in one, about: behind that the envelope hardly counts, and a reader
   * holds a record as a whole.
   */
  static final int MOST_BYTES = 256 * 1024;

  /** What an array adds to an event's id, type and fields, in bytes. */
  private static final int EVENT_BYTES = 56;

  /** What {@code events} and {@code lastSeq} add to an envelope, in bytes. */
  private static final int MORE_BYTES = 96;

  private final List<Event> events;

  private PackedEvents(List<Event> events) {
    this.events = events;
  }

  /**
   * What is sent of a batch: its events in their order, packed where two or more can be.
   *
   * <p>A fence, a probe and what no life wrote stay records of their own, for readers look for
   * them; and so does a lone event, which is no smaller packed.
   */
  static List<PipelineRecord> pack(List<Event> batch) {
    List<PipelineRecord> records = new ArrayList<>();
    int from = 0;
    while (from < batch.size()) {
      int to = endOfRun(batch, from);
      List<Event> run = batch.subList(from, to);
      records.add(to - from == 1 ? run.get(0) : new PackedEvents(List.copyOf(run)));
      from = to;
    }
    return records;
  }

  private static int endOfRun(List<Event> batch, int from) {
    double bytes = 0;
    int to = from;
    while (to < batch.size() && to - from < ArchivedEvent.MOST_PACKED) {
      Event event = batch.get(to);
      bytes += bytesOf(event);
      boolean follows = to == from || follows(batch.get(to - 1), event);
      if (to > from && (!follows || bytes > MOST_BYTES)) {
        break;
      }
      to++;
    }
    return to;
  }

  private static boolean follows(Event before, Event event) {
    return isPackable(before)
        && isPackable(event)
        && event.life() == before.life()
        && event.epoch() == before.epoch()
        && event.seq() == before.seq() + 1;
  }

  private static boolean isPackable(Event event) {
    return event.seq() > 0 && event.life() != 0 && event.entityId() != null;
  }

  private static int bytesOf(Event event) {
    return event.bytes() - Event.ENVELOPE_BYTES + EVENT_BYTES;
  }

  /** About how many bytes a record has, at most. */
  static double bytesOf(PipelineRecord record) {
    if (!(record instanceof PackedEvents packed)) {
      return ((Event) record).bytes();
    }
    double bytes = Event.ENVELOPE_BYTES + MORE_BYTES;
    for (Event event : packed.events) {
      bytes += bytesOf(event);
    }
    return bytes;
  }

  @Override
  public void writeTo(JsonWriter writer) {
    Event first = events.get(0);
    Origin origin = first.origin();
    double lastSeq = events.get(events.size() - 1).seq();
    writer.raw("{\"verb\":\"" + ArchivedEvent.PACKED + "\",\"store\":\"things\",\"payload\":");
    writer.raw("{\"lastSeq\":").number(lastSeq).raw(",\"events\":[");
    for (int i = 0; i < events.size(); i++) {
      writer.raw(i == 0 ? "" : ",");
      write(events.get(i), first.tsMs(), writer);
    }
    writer.raw("]},\"timestamp\":").string(origin.clock().iso(first.tsMs()));
    // Another send may begin with the same event and end with another one.
    String operation = origin.json().writer().raw("events-").number(lastSeq).text();
    writer
        .raw(",\"idempotencyKey\":")
        .string(
            origin
                .json()
                .idempotencyKey(
                    operation, null, first.tsMs(), first.epoch(), first.seq(), first.life()));
    writer.raw(",\"_meta\":{\"namespace\":").string(origin.namespace());
    writer.raw("},\"ns\":").string(origin.namespace());
    writer.raw(",\"epoch\":").number(first.epoch()).raw(",\"seq\":").number(first.seq());
    writer.raw(",\"life\":").number(first.life()).raw(",\"events\":").number(events.size());
    writer.raw(",\"ts\":").number(first.tsMs()).raw("}");
  }

  private static void write(Event event, double sinceMs, JsonWriter writer) {
    Json json = event.origin().json();
    writer.raw("[\"").raw(String.valueOf(event.verb().code())).raw("\",");
    writer.number(event.tsMs() - sinceMs).raw(",").number(event.version()).raw(",");
    writer.string(event.thingType()).raw(",").string(event.thingId()).raw(",");
    writer.raw(event.fields().text(json));
    boolean removing = !event.fields().unset().isEmpty();
    if (removing || event.extras() != null) {
      writer.raw(",{\"v\":1");
      if (removing) {
        event.writeUnset(writer.raw(",\"$unset\":"));
      }
      event.writeLineExtras(writer);
      writer.raw("}");
    }
    writer.raw("]");
  }

  @Override
  public JsonObject toObject(Json json) {
    JsonWriter text = json.writer();
    writeTo(text);
    return json.parse(text.text());
  }
}
