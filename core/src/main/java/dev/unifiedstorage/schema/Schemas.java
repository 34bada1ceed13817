package dev.unifiedstorage.schema;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
import org.jspecify.annotations.Nullable;

/** What the own fields of things have to be, by type: the setting {@code SCHEMAS}. */
public final class Schemas {
  private static final int CHARS = 256 * 1024;
  private static final int DEPTH = 64;

  private final IdMap<Schema> byType;
  private final Json json;

  private Schemas(Json json) {
    this.byType = json.map();
    this.json = json;
  }

  /**
   * Reads the setting.
   *
   * @param text a JSON object: a schema by type; or empty for none
   * @return null for none
   * @throws IllegalArgumentException naming the keyword that is not supported, or what was expected
   *     where
   */
  public static @Nullable Schemas parse(String text, Json json) {
    if (text.isEmpty()) {
      return null;
    }
    if (text.length() > CHARS) {
      throw new IllegalArgumentException(
          "SCHEMAS: expected at most " + CHARS + " characters, got " + text.length());
    }
    JsonObject types;
    try {
      types = json.parse(text);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          Mismatch.of("SCHEMAS", "a JSON object with schemas by type", Value.of(text), json));
    }
    if (types.depth() > DEPTH) {
      throw new IllegalArgumentException(
          "SCHEMAS: expected at most " + DEPTH + " levels, got " + types.depth());
    }
    Schemas schemas = new Schemas(json);
    for (String type : types.keys()) {
      schemas.byType.put(type, new SchemaReader(type, Value.of(types, type), json).read());
    }
    return schemas;
  }

  /** Why things of a type cannot have these own fields, or null when they can. */
  public @Nullable Misfit misfit(String type, JsonObject fields) {
    Schema schema = byType.get(type);
    return schema == null ? null : Validation.misfit(schema, Value.of(fields), json);
  }
}
