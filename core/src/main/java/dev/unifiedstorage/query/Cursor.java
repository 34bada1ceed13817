package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonWriter;

/**
 * Where a page ended: the order keys and the id of its last thing, whether or not it still exists.
 *
 * <p>Nothing is kept for it, so that it outlives the instance. Its text is for {@link #parse}
 * alone.
 */
record Cursor(Object[] keys, String id) {
  private static final String BINDING = "q";
  private static final String KEYS = "k";
  private static final String ID = "i";

  /**
   * Reads what {@link #text} wrote.
   *
   * @param binding what the query is recognised by
   * @param keys how many order keys the query has
   * @throws QueryException when the text is no cursor of this query
   */
  static Cursor parse(String text, String binding, int keys, Json json) {
    JsonObject object;
    try {
      object = json.parse(text);
    } catch (JsonParseException e) {
      throw none();
    }
    if (object.kind(BINDING) != JsonKind.STRING
        || object.kind(KEYS) != JsonKind.ARRAY
        || object.kind(ID) != JsonKind.STRING
        || object.array(KEYS).size() != keys) {
      throw none();
    }
    if (!object.string(BINDING).equals(binding)) {
      throw new QueryException(
          "cursor", "expected a cursor of a query with this $type, where and orderBy");
    }
    Object[] found = new Object[keys];
    for (int i = 0; i < keys; i++) {
      found[i] = key(object.array(KEYS), i);
    }
    return new Cursor(found, object.string(ID));
  }

  /** A key that is its type alone is the rank's number in a list of its own. */
  private static Object key(JsonArray array, int index) {
    switch (array.kind(index)) {
      case NUMBER:
        return OrderKey.of(Value.of(array.number(index)));
      case STRING:
        return OrderKey.cut(array.string(index));
      case ARRAY:
        JsonArray rank = array.array(index);
        if (rank.size() == 1 && rank.kind(0) == JsonKind.NUMBER) {
          Object key = OrderKey.rankOf(rank.number(0));
          if (key != null) {
            return key;
          }
        }
        throw none();
      default:
        throw none();
    }
  }

  String text(String binding, Json json) {
    JsonWriter writer = json.writer().raw("{\"q\":").string(binding).raw(",\"k\":[");
    String separator = "";
    for (Object key : keys) {
      writer.raw(separator);
      separator = ",";
      if (key instanceof String string) {
        writer.string(string);
      } else if (key instanceof Double number) {
        writer.number(number);
      } else {
        writer.raw("[").number(((OrderKey.Rank) key).ordinal()).raw("]");
      }
    }
    return writer.raw("],\"i\":").string(id).raw("}").text();
  }

  private static QueryException none() {
    return new QueryException("cursor", "expected a cursor that a reply has given");
  }
}
