package dev.unifiedstorage.port;

/**
 * A growing JSON text.
 *
 * <p>It exists so that the core can put together replies and rows from pieces already in text
 * without walking characters, and each host can append in the way it does fastest.
 */
public interface JsonWriter {
  /** Appends text as it is: punctuation, or JSON made before. */
  JsonWriter raw(String text);

  /** Appends a quoted and escaped string. */
  JsonWriter string(String value);

  /** Appends a number; it must be finite. */
  JsonWriter number(double value);

  /** Appends a whole object. */
  JsonWriter object(JsonObject value);

  /** Appends any value. */
  JsonWriter value(JsonValue value);

  /** Appends what has been appended to another text. */
  default JsonWriter raw(JsonWriter other) {
    return raw(other.text());
  }

  /**
   * Appends a whole thing as clients see it.
   *
   * @param fields the text of a JSON object with the thing's own fields
   */
  default JsonWriter thing(
      String id, String type, double version, String fields, double createdAt, double updatedAt) {
    raw("{\"$id\":").string(id).raw(",\"$type\":").string(type);
    raw(",\"$version\":").number(version);
    if (fields.length() > 2) {
      raw(",").raw(fields.substring(1, fields.length() - 1));
    }
    raw(",\"$createdAt\":").number(createdAt);
    return raw(",\"$updatedAt\":").number(updatedAt).raw("}");
  }

  /** Appends what a reply says of a thing that was written. */
  default JsonWriter written(String thingId, double version) {
    return raw("{\"$id\":").string(thingId).raw(",\"$version\":").number(version).raw("}");
  }

  /**
   * Appends the reply to one write.
   *
   * @param id the request's id as JSON text
   */
  default JsonWriter ack(String id, String thingId, double version) {
    raw("{\"id\":").raw(id).raw(",\"status\":\"ack\",\"$id\":").string(thingId);
    return raw(",\"$version\":").number(version).raw("}");
  }

  /**
   * Appends a thing as a row has it, in a line: its parts separated by tabs, and no {@code
   * updatedAt} that is the same as {@code createdAt}.
   *
   * @param seq of the event that made this version; 0 is left out
   * @param fields the text of a JSON object with the thing's own fields
   */
  default JsonWriter line(
      String id, double version, double createdAt, double updatedAt, double seq, String fields) {
    string(id).raw("\t").number(version).raw("\t").number(createdAt).raw("\t");
    if (updatedAt != createdAt) {
      number(updatedAt);
    }
    if (seq != 0) {
      raw("\t").number(seq);
    }
    return raw("\t").raw(fields);
  }

  /** How many characters have been appended so far. */
  int length();

  /** Everything appended so far. */
  String text();
}
