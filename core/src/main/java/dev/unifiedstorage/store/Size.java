package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.state.Thing;
import org.jspecify.annotations.Nullable;

/**
 * How large a thing is while it is changed, in UTF-8 bytes.
 *
 * <p>Nearly every thing is so small that an upper estimate tells. Only one that comes near the
 * limit is measured, once; from then on what is added and taken away is measured in its place.
 */
final class Size {
  /** What a number takes as text at most, its comma and the quotes of its name included. */
  static final int NUMBER_CHARS = 30;

  /** A number such as 1e20 can take this many times more room printed than it took in a message. */
  static final double MAX_GROWTH = 5;

  private final Thing thing;
  private final Json json;
  private double bytes;
  private boolean measured;

  Size(Thing thing, Json json) {
    this.thing = thing;
    this.json = json;
    this.bytes = thing.bytes();
  }

  /** That many characters more, at most. */
  void grow(double chars) {
    bytes += chars;
  }

  /** A value under a name, or in an array where the name is null, was added. */
  void added(@Nullable String name, JsonValue value) {
    bytes += length(name, value);
  }

  /** One was taken away. */
  void removed(@Nullable String name, JsonValue value) {
    if (measured) {
      bytes -= length(name, value);
    }
  }

  private double length(@Nullable String name, JsonValue value) {
    String text = json.writer().value(value).text();
    double length = measured ? json.utf8Length(text) : text.length();
    if (name != null) {
      String quoted = json.writer().string(name).text();
      length += 1 + (measured ? json.utf8Length(quoted) : quoted.length());
    }
    return length + 1;
  }

  /** Whether the thing is over its limit with these fields. */
  boolean isOver(JsonObject fields) {
    if (!measured && bytes * MAX_GROWTH > Limits.THING_BYTES) {
      measured = true;
      double own = thing.measured(json).bytes() - json.utf8Length(thing.fields().text(json));
      bytes = own + json.utf8Length(json.writer().object(fields).text());
    }
    return bytes > Limits.THING_BYTES;
  }
}
