package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** A JSON array; it never changes. */
final class JsoniterArray implements JsonArray {
  private final List<Object> values;

  JsoniterArray(List<Object> values) {
    this.values = values;
  }

  @Override
  public int size() {
    return values.size();
  }

  @Override
  public JsonKind kind(int index) {
    return JsoniterObject.kindOf(values.get(index));
  }

  @Override
  public String string(int index) {
    return (String) values.get(index);
  }

  @Override
  public double number(int index) {
    return (Double) values.get(index);
  }

  @Override
  public boolean bool(int index) {
    return (Boolean) values.get(index);
  }

  @Override
  public JsonArray array(int index) {
    return (JsoniterArray) values.get(index);
  }

  @Override
  public JsonObject object(int index) {
    return (JsoniterObject) values.get(index);
  }

  List<Object> toList() {
    List<Object> list = new ArrayList<>(values.size());
    values.forEach(value -> list.add(JsoniterObject.toValue(value)));
    return list;
  }

  @Override
  public JsonValue value(int index) {
    return JsoniterScalar.wrapped(values.get(index));
  }

  @Override
  public JsonArray inserted(int index, JsonValue value) {
    List<Object> copy = new ArrayList<>(values.size() + 1);
    copy.addAll(values);
    copy.add(index, JsoniterScalar.of(value));
    return new JsoniterArray(copy);
  }

  @Override
  public JsonArray replaced(int index, JsonValue value) {
    List<Object> copy = new ArrayList<>(values);
    copy.set(index, JsoniterScalar.of(value));
    return new JsoniterArray(copy);
  }

  @Override
  public JsonArray removed(int index) {
    List<Object> copy = new ArrayList<>(values);
    copy.remove(index);
    return new JsoniterArray(copy);
  }

  @Override
  public boolean same(JsonValue other) {
    return JsoniterScalar.same(this, JsoniterScalar.of(other));
  }

  boolean sameValues(JsoniterArray other) {
    if (values.size() != other.values.size()) {
      return false;
    }
    for (int i = 0; i < values.size(); i++) {
      if (!JsoniterScalar.same(values.get(i), other.values.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int depth() {
    int deepest = 0;
    for (Object value : values) {
      deepest = Math.max(deepest, JsoniterObject.depthOf(value));
    }
    return deepest + 1;
  }

  void appendTo(StringBuilder out) {
    out.append('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      JsonText.appendValue(out, values.get(i));
    }
    out.append(']');
  }
}
