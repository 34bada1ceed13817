package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.JsonWriter;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/**
 * A text that grows by the host's own {@code +}.
 *
 * <p>V8 keeps it as a rope and copies it once, when it is sent; a {@code StringBuilder} would copy
 * every character in Java.
 */
final class HostWriter implements JsonWriter {
  private JSObject text = empty();

  @Override
  public JsonWriter raw(String more) {
    text = appendRaw(text, more);
    return this;
  }

  @Override
  public JsonWriter string(String value) {
    text = appendString(text, value);
    return this;
  }

  @Override
  public JsonWriter number(double value) {
    text = appendNumber(text, value);
    return this;
  }

  @Override
  public JsonWriter object(JsonObject value) {
    text = appendObject(text, ((HostObject) value).value());
    return this;
  }

  @Override
  public JsonWriter value(JsonValue value) {
    text = appendObject(text, ((HostObject) value).value());
    return this;
  }

  @Override
  public JsonWriter raw(JsonWriter other) {
    text = join(text, ((HostWriter) other).text);
    return this;
  }

  @Override
  public JsonWriter thing(
      String id, String type, double version, String fields, double createdAt, double updatedAt) {
    text = appendThing(text, id, type, version, fields, createdAt, updatedAt);
    return this;
  }

  @Override
  public JsonWriter written(String thingId, double version) {
    text = appendWritten(text, thingId, version);
    return this;
  }

  @Override
  public JsonWriter ack(String id, String thingId, double version) {
    text = appendAck(text, id, thingId, version);
    return this;
  }

  @Override
  public JsonWriter line(
      String id, double version, double createdAt, double updatedAt, double seq, String fields) {
    text = appendLine(text, id, version, createdAt, updatedAt, seq, fields);
    return this;
  }

  @Override
  public int length() {
    return length(text);
  }

  @Override
  public String text() {
    return string(text);
  }

  @JSBody(script = "return '';")
  private static native JSObject empty();

  @JSBody(
      params = {"text", "more"},
      script = "return text + more;")
  private static native JSObject appendRaw(JSObject text, String more);

  @JSBody(
      params = {"text", "value"},
      script = "return text + JSON.stringify(value);")
  private static native JSObject appendString(JSObject text, String value);

  // What is no number in JSON is null, as JSON.stringify has it.
  @JSBody(
      params = {"text", "value"},
      script = "return text + (value - value === 0 ? value : null);")
  private static native JSObject appendNumber(JSObject text, double value);

  @JSBody(
      params = {"text", "value"},
      script = "return text + JSON.stringify(value);")
  private static native JSObject appendObject(JSObject text, JSObject value);

  @JSBody(
      params = {"text", "other"},
      script = "return text + other;")
  private static native JSObject join(JSObject text, JSObject other);

  @JSBody(
      params = {"text", "id", "type", "version", "fields", "created", "updated"},
      script =
          "return text + ('{\"$id\":' + JSON.stringify(id) + ',\"$type\":' + JSON.stringify(type)"
              + " + ',\"$version\":' + version"
              + " + (fields.length > 2 ? ',' + fields.slice(1, -1) : '')"
              + " + ',\"$createdAt\":' + created + ',\"$updatedAt\":' + updated + '}');")
  private static native JSObject appendThing(
      JSObject text,
      String id,
      String type,
      double version,
      String fields,
      double created,
      double updated);

  @JSBody(
      params = {"text", "thing", "version"},
      script =
          "return text + ('{\"$id\":' + JSON.stringify(thing) + ',\"$version\":' + version + '}');")
  private static native JSObject appendWritten(JSObject text, String thing, double version);

  @JSBody(
      params = {"text", "id", "thing", "version"},
      script =
          "return text + ('{\"id\":' + id + ',\"status\":\"ack\",\"$id\":' + JSON.stringify(thing)"
              + " + ',\"$version\":' + version + '}');")
  private static native JSObject appendAck(JSObject text, String id, String thing, double version);

  @JSBody(
      params = {"text", "id", "version", "created", "updated", "seq", "fields"},
      script =
          "return text + (JSON.stringify(id) + '\\t' + version + '\\t' + created + '\\t'"
              + " + (updated === created ? '' : updated)"
              + " + (seq === 0 ? '' : '\\t' + seq) + '\\t' + fields);")
  private static native JSObject appendLine(
      JSObject text,
      String id,
      double version,
      double created,
      double updated,
      double seq,
      String fields);

  @JSBody(params = "text", script = "return text.length;")
  private static native int length(JSObject text);

  @JSBody(params = "text", script = "return text;")
  private static native String string(JSObject text);
}
