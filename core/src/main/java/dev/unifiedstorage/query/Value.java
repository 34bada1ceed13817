package dev.unifiedstorage.query;

import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;

/**
 * One JSON value as a filter or a schema meets it, or that there is none.
 *
 * <p>A number that JSON can say and nothing can say back, such as 1e999, is null here: it is null
 * in every row and every reply too, so that a thing matches the same before and after a restart.
 */
public final class Value {
  /** Stands for the string of what is no string, and for the tree of what is no object or array. */
  private static final String NONE = "";

  static final Value MISSING = new Value(JsonKind.ABSENT, 0, NONE, NONE);
  private static final Value NULL = new Value(JsonKind.NULL, 0, NONE, NONE);
  private static final Value FALSE = new Value(JsonKind.BOOLEAN, 0, NONE, NONE);
  private static final Value TRUE = new Value(JsonKind.BOOLEAN, 1, NONE, NONE);

  private final JsonKind kind;

  /** 1 and 0 for true and false. */
  private final double number;

  private final String string;

  /** The {@link JsonObject} or {@link JsonArray}. */
  private final Object tree;

  private Value(JsonKind kind, double number, String string, Object tree) {
    this.kind = kind;
    this.number = number;
    this.string = string;
    this.tree = tree;
  }

  static Value of(double number) {
    return Math.abs(number) <= Double.MAX_VALUE
        ? new Value(JsonKind.NUMBER, number, NONE, NONE)
        : NULL;
  }

  public static Value of(String string) {
    return new Value(JsonKind.STRING, 0, string, NONE);
  }

  public static Value of(JsonObject object) {
    return new Value(JsonKind.OBJECT, 0, NONE, object);
  }

  public static Value of(JsonObject object, String key) {
    JsonKind kind = object.kind(key);
    return switch (kind) {
      case ABSENT -> MISSING;
      case NULL -> NULL;
      case BOOLEAN -> object.bool(key) ? TRUE : FALSE;
      case NUMBER -> of(object.number(key));
      case STRING -> of(object.string(key));
      case ARRAY -> new Value(kind, 0, NONE, object.array(key));
      case OBJECT -> new Value(kind, 0, NONE, object.object(key));
    };
  }

  public static Value of(JsonArray array, int index) {
    JsonKind kind = array.kind(index);
    return switch (kind) {
      case ABSENT -> MISSING;
      case NULL -> NULL;
      case BOOLEAN -> array.bool(index) ? TRUE : FALSE;
      case NUMBER -> of(array.number(index));
      case STRING -> of(array.string(index));
      case ARRAY -> new Value(kind, 0, NONE, array.array(index));
      case OBJECT -> new Value(kind, 0, NONE, array.object(index));
    };
  }

  public JsonKind kind() {
    return kind;
  }

  public double number() {
    return number;
  }

  public String string() {
    return string;
  }

  public JsonArray array() {
    return (JsonArray) tree;
  }

  public JsonObject object() {
    return (JsonObject) tree;
  }

  /** The member of an object or the element of an array that a step of a path leads to. */
  public Value step(String name) {
    if (kind == JsonKind.OBJECT) {
      return of(object(), name);
    }
    if (kind != JsonKind.ARRAY) {
      return MISSING;
    }
    int index = index(name);
    return index >= 0 && index < array().size() ? of(array(), index) : MISSING;
  }

  /** The number that an array's elements are called by, or -1: no sign, no leading zero. */
  private static int index(String name) {
    int length = name.length();
    if (length == 0 || length > 9 || (length > 1 && name.charAt(0) == '0')) {
      return -1;
    }
    int index = 0;
    for (int i = 0; i < length; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      index = index * 10 + digit;
    }
    return index;
  }

  /** Deep equality; a missing value equals nothing, the order of an object's keys is nothing. */
  public boolean isEqualTo(Value other) {
    if (kind != other.kind) {
      return false;
    }
    return switch (kind) {
      case ABSENT -> false;
      case NULL -> true;
      case BOOLEAN, NUMBER -> number == other.number;
      case STRING -> string.equals(other.string);
      case ARRAY -> areEqual(array(), other.array());
      case OBJECT -> areEqual(object(), other.object());
    };
  }

  private static boolean areEqual(JsonArray one, JsonArray other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (int i = 0; i < one.size(); i++) {
      if (!of(one, i).isEqualTo(of(other, i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean areEqual(JsonObject one, JsonObject other) {
    List<String> keys = one.keys();
    if (keys.size() != other.keys().size()) {
      return false;
    }
    for (String key : keys) {
      if (!of(one, key).isEqualTo(of(other, key))) {
        return false;
      }
    }
    return true;
  }
}
