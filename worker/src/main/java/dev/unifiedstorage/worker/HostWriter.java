package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.JsonObject;
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

  @JSBody(params = "text", script = "return text;")
  private static native String string(JSObject text);
}
