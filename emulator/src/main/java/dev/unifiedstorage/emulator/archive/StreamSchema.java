package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a record of the stream {@code events} has to be: the schema with which the platform's stream
 * is made, out of the same file.
 *
 * <p>The platform accepts a record that does not fit, and drops it. Fields that the schema does not
 * name are passed over.
 */
final class StreamSchema {
  /** What a field holds; {@code JSON} is an object in every record of a store. */
  enum Kind {
    STRING("a string"),
    INT64("a whole number"),
    JSON("an object");

    private final String noun;

    Kind(String noun) {
      this.noun = noun;
    }

    /** With its article, for errors. */
    String noun() {
      return noun;
    }
  }

  /** One field of a record; one that is not required may be absent or null. */
  record Field(String name, Kind kind, boolean required) {}

  private static final String FILE = "schema.json";
  private static final double MAX_WHOLE = 9007199254740992.0;

  /** The fields, in the order of the file. */
  static final List<Field> FIELDS = read();

  private StreamSchema() {}

  private static List<Field> read() {
    try (InputStream file = StreamSchema.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("expected " + FILE + " beside " + StreamSchema.class);
      }
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      JsonArray fields = new JsoniterJson().parse(text).array("fields");
      List<Field> all = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        JsonObject field = fields.object(i);
        Kind kind = Kind.valueOf(field.string("type").toUpperCase(Locale.ROOT));
        all.add(new Field(field.string("name"), kind, field.bool("required")));
      }
      return List.copyOf(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Why a record does not fit; null when it does. */
  static String misfit(JsonObject record) {
    for (Field field : FIELDS) {
      JsonKind found = record.kind(field.name());
      boolean absent = found == JsonKind.ABSENT || found == JsonKind.NULL;
      if (absent && field.required()) {
        return field.name() + ": expected a value, found none";
      }
      if (!absent && !fits(record, field, found)) {
        return field.name() + ": expected " + field.kind().noun();
      }
    }
    return null;
  }

  private static boolean fits(JsonObject record, Field field, JsonKind found) {
    return switch (field.kind()) {
      case STRING -> found == JsonKind.STRING;
      case JSON -> found == JsonKind.OBJECT;
      case INT64 -> found == JsonKind.NUMBER && isWhole(record.number(field.name()));
    };
  }

  /** Whether a number is whole, and one that a double has exactly. */
  static boolean isWhole(double number) {
    return number == Math.rint(number) && Math.abs(number) <= MAX_WHOLE;
  }
}
