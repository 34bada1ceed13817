package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * The host's JSON.
 *
 * <p>Parsing follows RFC 8259 strictly, numbers are IEEE 754 doubles, of duplicate keys the last
 * counts, and every key is a plain key, {@code __proto__} included. Writing gives what {@code
 * JSON.stringify} gives: no spaces, shortest numbers, lone surrogates escaped, so that the text is
 * always valid UTF-8 and never has a raw line break or tab.
 */
public interface Json extends RecordObjects {
  /**
   * Parses one JSON object.
   *
   * @throws JsonParseException when the text is no JSON, or JSON that is no object
   */
  JsonObject parse(String text);

  /**
   * Parses one JSON object or array.
   *
   * @throws JsonParseException when the text is no JSON, or JSON that is neither
   */
  JsonValue parseMessage(String text);

  /** A member as JSON text, or null when it is neither a string nor a number that has one. */
  default @Nullable String scalar(JsonObject object, Member member) {
    return switch (object.kind(member)) {
      case STRING -> writer().string(object.string(member.key())).text();
      case NUMBER -> {
        double number = object.number(member);
        // JSON can say 1e999, and nothing can say it back.
        yield Math.abs(number) <= Double.MAX_VALUE ? writer().number(number).text() : null;
      }
      default -> null;
    };
  }

  /** A new empty map. */
  default <V> IdMap<V> map() {
    return new HashIdMap<>();
  }

  /** A new text of no lines. */
  default LineWriter lines() {
    return new BuiltLines();
  }

  /** The length of {@code text} in UTF-8 bytes. */
  int utf8Length(String text);

  /**
   * Whether a text has a character behind the first 256: then each of its characters takes two
   * bytes in memory, here as in V8, and else one.
   */
  default boolean isWide(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xFF) {
        return true;
      }
    }
    return false;
  }

  /**
   * The same text, which keeps no other in memory. It is here because in the Worker a part of a
   * text holds on to the whole: an id to the megabyte of its row.
   */
  default String copy(String text) {
    return text;
  }

  /**
   * What {@code text.hashCode()} gives. It is here because every row's checksum is made of it, and
   * the host walks a megabyte several times faster.
   */
  default int hash(String text) {
    return text.hashCode();
  }

  /**
   * What {@code text.indexOf(character, from)} gives. It is here because rows are megabytes of
   * lines, and in the Worker only the host finds a character without walking there in Java.
   */
  int indexOf(String text, char character, int from);
}
