package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which indexes a store may build, by type: the setting {@code INDEXES}. */
public final class IndexDefinitions {
  private static final int INDEXES_A_TYPE = 16;
  private static final int FIELDS = 8;

  private final Map<String, List<IndexDefinition>> byType = new HashMap<>();

  private IndexDefinitions() {}

  /**
   * Reads the setting.
   *
   * @param text a JSON object such as {@code {"Card":[["board","position"],["assignee"]]}}, or
   *     empty for no indexes
   * @throws IllegalArgumentException saying where something else was expected
   */
  public static IndexDefinitions parse(String text, Json json) {
    IndexDefinitions definitions = new IndexDefinitions();
    if (text.isEmpty()) {
      return definitions;
    }
    JsonObject types;
    try {
      types = json.parse(text);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          Mismatch.of("INDEXES", "a JSON object with arrays by type", Value.of(text), json));
    }
    for (String type : types.keys()) {
      if (types.kind(type) != JsonKind.ARRAY || types.array(type).size() > INDEXES_A_TYPE) {
        String must = "an array of at most " + INDEXES_A_TYPE + " indexes";
        throw wrong(type, must, Value.of(types, type), json);
      }
      JsonArray indexes = types.array(type);
      List<IndexDefinition> list = new ArrayList<>();
      for (int i = 0; i < indexes.size(); i++) {
        list.add(index(indexes, i, type + "[" + i + "]", json));
      }
      definitions.byType.put(type, list);
    }
    return definitions;
  }

  private static IndexDefinition index(JsonArray indexes, int at, String place, Json json) {
    String must = "an array of 1 to " + FIELDS + " fields";
    if (indexes.kind(at) != JsonKind.ARRAY) {
      throw wrong(place, must, Value.of(indexes, at), json);
    }
    JsonArray fields = indexes.array(at);
    if (fields.size() < 1 || fields.size() > FIELDS) {
      throw new IllegalArgumentException(
          "INDEXES." + place + " must be " + must + ", got " + fields.size());
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.kind(i) != JsonKind.STRING) {
        throw wrong(place + "[" + i + "]", "a field or a path", Value.of(fields, i), json);
      }
      names.add(fields.string(i));
    }
    IndexDefinition definition = IndexDefinition.of(names);
    if (definition == null) {
      throw new IllegalArgumentException(
          "INDEXES."
              + place
              + " must have no name that begins with $ but those of system fields, got "
              + String.join(", ", names));
    }
    return definition;
  }

  private static IllegalArgumentException wrong(String place, String must, Value value, Json json) {
    return new IllegalArgumentException(Mismatch.of("INDEXES." + place, must, value, json));
  }

  List<IndexDefinition> of(String type) {
    List<IndexDefinition> list = byType.get(type);
    return list == null ? List.of() : list;
  }
}
