package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.state.Fields;
import java.util.function.Consumer;

/**
 * One event as a line of a log row: {@code verb epoch.life seq ts version joined "type" "id"
 * {fields}}, separated by tabs.
 *
 * <p>It holds what the record cannot be made again without, and no more: the envelope is half of a
 * record and says nothing new. An update that takes fields away has a verb of its own and their
 * names behind its fields; an event with {@link Event.Extras} has a {@code +} behind its verb and
 * an object with these at its end. Every other line is as it was before there were such. A line
 * from before there were lives has an epoch without one.
 */
final class EventLine {
  private EventLine() {}

  /** The verb of an update that takes fields away. */
  private static final String REMOVING = "R";

  /** Behind the verb of an event with {@link Event.Extras}. */
  private static final String EXTRAS = "+";

  static String write(Event event) {
    JsonWriter writer = event.origin().json().writer();
    boolean removing = !event.fields().unset().isEmpty();
    writer
        .raw(removing ? REMOVING : String.valueOf(event.verb().code()))
        .raw(event.extras() == null ? "\t" : EXTRAS + "\t")
        .number(event.epoch());
    if (event.life() != 0) {
      writer.raw(".").number(event.life());
    }
    writer.raw("\t").number(event.seq()).raw("\t").number(event.tsMs());
    writer.raw("\t").number(event.version()).raw(event.joined() ? "\t1\t" : "\t0\t");
    String type = event.entityType();
    String id = event.entityId();
    writer.string(type == null ? "" : type).raw("\t");
    writer.string(id == null ? "" : id).raw("\t");
    writer.raw(event.fields().text(event.origin().json()));
    if (removing) {
      event.writeUnset(writer.raw("\t{\"$unset\":"));
      writer.raw("}");
    }
    if (event.extras() != null) {
      writer.raw("\t{\"v\":1");
      event.writeLineExtras(writer);
      writer.raw("}");
    }
    return writer.text();
  }

  /** Visits the events of a body, in its order. */
  static void readAll(String body, Origin origin, String row, Consumer<Event> visitor) {
    int start = 0;
    while (start < body.length()) {
      int end = body.indexOf('\n', start);
      if (end < 0) {
        throw new CorruptRowException(row, "its last line has no end");
      }
      visitor.accept(read(body.substring(start, end), origin, row));
      start = end + 1;
    }
  }

  private static Event read(String line, Origin origin, String row) {
    String[] parts = new String[9];
    int start = 0;
    for (int i = 0; i < parts.length; i++) {
      int tab = i == parts.length - 1 ? line.length() : line.indexOf('\t', start);
      if (tab < 0) {
        throw new CorruptRowException(row, "an event's line has too few parts");
      }
      parts[i] = line.substring(start, tab);
      start = tab + 1;
    }
    Event.Extras extras = null;
    if (parts[0].endsWith(EXTRAS)) {
      parts[0] = parts[0].substring(0, parts[0].length() - 1);
      int tab = parts[8].lastIndexOf('\t');
      if (tab < 0) {
        throw new CorruptRowException(row, "an event's line has too few parts");
      }
      extras = Event.lineExtras(origin.json().parse(parts[8].substring(tab + 1)));
      parts[8] = parts[8].substring(0, tab);
    }
    boolean removing = parts[0].equals(REMOVING);
    if (removing) {
      parts[0] = String.valueOf(Event.Verb.UPDATED.code());
    }
    Event.Verb verb = parts[0].length() == 1 ? Event.Verb.ofCode(parts[0].charAt(0)) : null;
    if (verb == null || verb == Event.Verb.CUSTOM) {
      throw new CorruptRowException(row, "an event has the unknown verb '" + parts[0] + "'");
    }
    boolean fence = verb.isFence();
    int dot = parts[1].indexOf('.');
    return new Event(
        origin,
        verb,
        number(dot < 0 ? parts[1] : parts[1].substring(0, dot), row),
        dot < 0 ? 0 : number(parts[1].substring(dot + 1), row),
        number(parts[2], row),
        fence ? null : ThingLine.unquote(parts[7], origin.json()),
        fence ? null : ThingLine.unquote(parts[6], origin.json()),
        number(parts[4], row),
        number(parts[3], row),
        removing ? change(parts[8], origin.json(), row) : Fields.ofText(parts[8]),
        line.length() + Event.ENVELOPE_BYTES,
        parts[5].equals("1"),
        null,
        extras);
  }

  /** Fields and, behind a tab, the names of those that are taken away. */
  private static Fields change(String text, Json json, String row) {
    int tab = text.indexOf('\t');
    if (tab < 0) {
      throw new CorruptRowException(row, "an event's line has too few parts");
    }
    return Fields.change(
        json.parse(text.substring(0, tab)), Event.unset(json.parse(text.substring(tab + 1))));
  }

  private static double number(String text, String row) {
    return ThingLine.wholeNumber(text, 0, text.length(), row);
  }
}
