package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object: keys and values in one array, in the order they came.
 *
 * <p>Up to {@value #INDEX_ABOVE} fields are found by walking; larger objects get an index. A map an
 * object would cost a store of a million things several times the memory of their data.
 */
final class JsoniterObject implements JsonObject {
  /** JSON's null, for null itself means that nothing is there. */
  static final Object NULL = new Object();

  private static final int INDEX_ABOVE = 16;
  private static final Object[] EMPTY = {};

  private Object[] slots = EMPTY;
  private int size;
  private @Nullable Map<String, Integer> index;

  /** The object as a map of Java's own values; see {@link JsonValues}. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < 2 * size; i += 2) {
      map.put((String) slots[i], toValue(slots[i + 1]));
    }
    return map;
  }

  static @Nullable Object toValue(Object value) {
    if (value instanceof JsoniterObject object) {
      return object.toMap();
    }
    if (value instanceof JsoniterArray array) {
      return array.toList();
    }
    return value == NULL ? null : value;
  }

  @Override
  public JsonKind kind(String key) {
    int at = find(key);
    return at < 0 ? JsonKind.ABSENT : kindOf(slots[at + 1]);
  }

  @Override
  public String string(String key) {
    return (String) get(key);
  }

  @Override
  public double number(String key) {
    return (Double) get(key);
  }

  @Override
  public boolean bool(String key) {
    return (Boolean) get(key);
  }

  @Override
  public JsonObject object(String key) {
    return (JsoniterObject) get(key);
  }

  @Override
  public JsonArray array(String key) {
    return (JsoniterArray) get(key);
  }

  @Override
  public List<String> keys() {
    List<String> keys = new ArrayList<>(size);
    for (int i = 0; i < 2 * size; i += 2) {
      keys.add((String) slots[i]);
    }
    return keys;
  }

  @Override
  public JsonObject set(String key, String value) {
    put(key, Objects.requireNonNull(value, key));
    return this;
  }

  @Override
  public JsonObject set(String key, double value) {
    put(key, value);
    return this;
  }

  @Override
  public JsonValue value(String key) {
    return JsoniterScalar.wrapped(get(key));
  }

  @Override
  public JsonObject set(String key, JsonValue value) {
    put(key, JsoniterScalar.of(Objects.requireNonNull(value, key)));
    return this;
  }

  @Override
  public boolean same(JsonValue other) {
    return JsoniterScalar.same(this, JsoniterScalar.of(other));
  }

  boolean sameFields(JsoniterObject other) {
    if (size != other.size) {
      return false;
    }
    for (int i = 0; i < 2 * size; i += 2) {
      int at = other.find((String) slots[i]);
      if (at < 0 || !JsoniterScalar.same(slots[i + 1], other.slots[at + 1])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public JsonObject copy(String key, JsonObject other) {
    put(key, ((JsoniterObject) other).get(key));
    return this;
  }

  @Override
  public void remove(String key) {
    int at = find(key);
    if (at < 0) {
      return;
    }
    System.arraycopy(slots, at + 2, slots, at, 2 * size - at - 2);
    size--;
    slots[2 * size] = null;
    slots[2 * size + 1] = null;
    index = null;
  }

  @Override
  public void removeAll(List<String> keys) {
    if (keys.size() == 1) {
      remove(keys.get(0));
      return;
    }
    Set<String> removed = new HashSet<>(keys);
    int end = 0;
    for (int i = 0; i < 2 * size; i += 2) {
      if (!removed.contains((String) slots[i])) {
        slots[end] = slots[i];
        slots[end + 1] = slots[i + 1];
        end += 2;
      }
    }
    Arrays.fill(slots, end, 2 * size, null);
    size = end / 2;
    index = null;
  }

  @Override
  public JsonObject setAll(JsonObject other) {
    JsoniterObject from = (JsoniterObject) other;
    if (size == 0 && from != this) {
      slots = Arrays.copyOf(from.slots, 2 * from.size);
      size = from.size;
      return this;
    }
    for (int i = 0; i < 2 * from.size; i += 2) {
      put((String) from.slots[i], from.slots[i + 1]);
    }
    return this;
  }

  @Override
  public int depth() {
    int deepest = 0;
    for (int i = 1; i < 2 * size; i += 2) {
      deepest = Math.max(deepest, depthOf(slots[i]));
    }
    return deepest + 1;
  }

  /** Sets a value of the tree; a key that was there keeps its place. */
  void put(String key, Object value) {
    int at = find(key);
    if (at >= 0) {
      slots[at + 1] = value;
      return;
    }
    int end = 2 * size;
    if (end == slots.length) {
      slots = Arrays.copyOf(slots, end == 0 ? 8 : end * 2);
    }
    slots[end] = key;
    slots[end + 1] = value;
    size++;
    if (index != null) {
      index.put(key, end);
    }
  }

  /** Gives back the room that growing left over. */
  void trim() {
    if (slots.length > 2 * size) {
      slots = Arrays.copyOf(slots, 2 * size);
    }
  }

  void appendTo(StringBuilder out) {
    out.append('{');
    for (int i = 0; i < 2 * size; i += 2) {
      if (i > 0) {
        out.append(',');
      }
      JsonText.appendString(out, (String) slots[i]);
      out.append(':');
      JsonText.appendValue(out, slots[i + 1]);
    }
    out.append('}');
  }

  static JsonKind kindOf(Object value) {
    if (value instanceof String) {
      return JsonKind.STRING;
    }
    if (value instanceof Double) {
      return JsonKind.NUMBER;
    }
    if (value instanceof JsoniterObject) {
      return JsonKind.OBJECT;
    }
    if (value instanceof JsoniterArray) {
      return JsonKind.ARRAY;
    }
    if (value instanceof Boolean) {
      return JsonKind.BOOLEAN;
    }
    if (value instanceof TooDeep deep) {
      return deep.object() ? JsonKind.OBJECT : JsonKind.ARRAY;
    }
    return JsonKind.NULL;
  }

  static int depthOf(Object value) {
    if (value instanceof JsoniterObject object) {
      return object.depth();
    }
    if (value instanceof JsoniterArray array) {
      return array.depth();
    }
    return value instanceof TooDeep deep ? deep.depth() : 0;
  }

  private Object get(String key) {
    int at = find(key);
    if (at < 0) {
      throw new IllegalStateException("expected a value under \"" + key + "\", found none");
    }
    return slots[at + 1];
  }

  private int find(String key) {
    if (size > INDEX_ABOVE) {
      return findByIndex(key);
    }
    Object[] all = slots;
    int end = 2 * size;
    for (int i = 0; i < end; i += 2) {
      if (all[i].equals(key)) {
        return i;
      }
    }
    return -1;
  }

  private int findByIndex(String key) {
    if (index == null) {
      index = new HashMap<>(2 * size);
      for (int i = 0; i < 2 * size; i += 2) {
        index.put((String) slots[i], i);
      }
    }
    Integer at = index.get(key);
    return at == null ? -1 : at;
  }
}
