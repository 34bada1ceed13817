package dev.unifiedstorage.port;

/**
 * The host's JSON.
 *
 * <p>Parsing follows RFC 8259 strictly, numbers are IEEE 754 doubles, of duplicate keys the last
 * counts, and every key is a plain key, {@code __proto__} included. Writing gives what {@code
 * JSON.stringify} gives: no spaces, shortest numbers, lone surrogates escaped, so that the text is
 * always valid UTF-8 and never has a raw line break or tab.
 */
public interface Json {
  /**
   * Parses one JSON object.
   *
   * @throws JsonParseException when the text is no JSON, or JSON that is no object
   */
  JsonObject parse(String text);

  /** A new empty object. */
  JsonObject object();

  /** A new empty text. */
  JsonWriter writer();

  /** The length of {@code text} in UTF-8 bytes. */
  int utf8Length(String text);

  /**
   * What {@code text.indexOf(character, from)} gives. It is here because rows are megabytes of
   * lines, and in the Worker only the host finds a character without walking there in Java.
   */
  int indexOf(String text, char character, int from);
}
