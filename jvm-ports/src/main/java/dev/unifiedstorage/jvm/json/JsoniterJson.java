package dev.unifiedstorage.jvm.json;

import com.jsoniter.JsonIterator;
import com.jsoniter.ValueType;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The JSON port by jsoniter.
 *
 * <p>One instance belongs to one event loop: it reuses its reader and remembers keys it has seen.
 * Texts of any size and nesting get an answer; what nests deeper than {@value #TREE_DEPTH} is kept
 * as text below that, and {@link JsonObject#depth} still tells how deep it goes.
 */
public final class JsoniterJson implements Json {
  /** Twice what the protocol accepts, so that it can see the excess and refuse it. */
  static final int TREE_DEPTH = 128;

  private static final byte[] NOTHING = {};
  private static final int KEY_SLOTS = 1024;
  private static final int LONGEST_SHARED_KEY = 64;

  private final JsonIterator reader = new JsonIterator();
  private final String[] keys = new String[KEY_SLOTS];

  @Override
  public JsonObject parse(String text) {
    Object value = value(text);
    if (value instanceof JsoniterObject object) {
      return object;
    }
    throw new JsonParseException(
        "expected a JSON object, found "
            + JsoniterObject.kindOf(value).name().toLowerCase(Locale.ROOT));
  }

  @Override
  public JsonValue parseMessage(String text) {
    Object value = value(text);
    if (value instanceof JsonValue container) {
      return container;
    }
    throw new JsonParseException(
        "expected a JSON object or array, found "
            + JsoniterObject.kindOf(value).name().toLowerCase(Locale.ROOT));
  }

  /**
   * Parses one JSON array.
   *
   * @throws JsonParseException when the text is no JSON, or JSON that is no array
   */
  public JsonArray parseArray(String text) {
    Object value = value(text);
    if (value instanceof JsoniterArray array) {
      return array;
    }
    throw new JsonParseException(
        "expected a JSON array, found "
            + JsoniterObject.kindOf(value).name().toLowerCase(Locale.ROOT));
  }

  @Override
  public JsonObject object() {
    return new JsoniterObject();
  }

  @Override
  public JsonWriter writer() {
    return new JsonText();
  }

  @Override
  public int indexOf(String text, char character, int from) {
    return text.indexOf(character, from);
  }

  @Override
  public int utf8Length(String text) {
    int length = text.length();
    int bytes = length;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // A surrogate counts two here, so that a pair comes to four; a lone one, which UTF-8 cannot
        // hold, is written as the three bytes of U+FFFD.
        if (c >= 0x800 && (!Character.isSurrogate(c) || !isPaired(text, i))) {
          bytes += 2;
        } else {
          bytes += 1;
        }
      }
    }
    return bytes;
  }

  private Object value(String text) {
    byte[] bytes =
        hasLoneSurrogate(text)
            ? LoneSurrogates.encode(text)
            : text.getBytes(StandardCharsets.UTF_8);
    JsonGrammar grammar = new JsonGrammar(bytes);
    grammar.check();
    if (grammar.surrogateEscapes()) {
      bytes = LoneSurrogates.unescape(bytes);
    }
    try {
      reader.reset(bytes);
      return read(0);
    } catch (IOException e) {
      throw new JsonParseException("JSON could not be read: " + e.getMessage());
    } finally {
      reader.reset(NOTHING);
    }
  }

  private Object read(int depth) throws IOException {
    ValueType next = reader.whatIsNext();
    return switch (next) {
      case STRING -> reader.readString();
      case NUMBER -> JsonNumber.parse(reader.readNumberAsString());
      case BOOLEAN -> reader.readBoolean();
      case NULL -> {
        reader.readNull();
        yield JsoniterObject.NULL;
      }
      case OBJECT -> depth == TREE_DEPTH ? readTooDeep(true) : readObject(depth);
      case ARRAY -> depth == TREE_DEPTH ? readTooDeep(false) : readArray(depth);
      case INVALID -> throw new JsonParseException("JSON could not be read");
    };
  }

  private JsoniterObject readObject(int depth) throws IOException {
    JsoniterObject object = new JsoniterObject();
    for (String key = reader.readObject(); key != null; key = reader.readObject()) {
      object.put(shared(key), read(depth + 1));
    }
    object.trim();
    return object;
  }

  private JsoniterArray readArray(int depth) throws IOException {
    List<Object> values = new ArrayList<>();
    while (reader.readArray()) {
      values.add(read(depth + 1));
    }
    return new JsoniterArray(values);
  }

  private TooDeep readTooDeep(boolean object) throws IOException {
    String text = reader.readAny().toString();
    JsonGrammar grammar = new JsonGrammar(text.getBytes(StandardCharsets.UTF_8));
    grammar.check();
    return new TooDeep(object, text.strip(), grammar.maxDepth());
  }

  /** The same key as one instance, for a million things share a handful of keys. */
  private String shared(String key) {
    if (key.length() > LONGEST_SHARED_KEY) {
      return key;
    }
    int hash = key.hashCode();
    int slot = (hash ^ hash >>> 16) & KEY_SLOTS - 1;
    String known = keys[slot];
    if (key.equals(known)) {
      return known;
    }
    keys[slot] = key;
    return key;
  }

  private static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i)) && !isPaired(text, i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the surrogate at {@code i} has its other half beside it. */
  private static boolean isPaired(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }
}
