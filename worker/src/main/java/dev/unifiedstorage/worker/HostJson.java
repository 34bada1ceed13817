package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonWriter;
import org.teavm.interop.PlatformMarker;
import org.teavm.interop.Platforms;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** The JavaScript engine's JSON. */
final class HostJson implements Json {
  @Override
  public JsonObject parse(String text) {
    JSObject value = parseObject(text);
    if (value == null) {
      throw new JsonParseException(parseError(text));
    }
    return new HostObject(value);
  }

  @Override
  public JsonObject object() {
    return new HostObject(newObject());
  }

  @Override
  public JsonWriter writer() {
    return new HostWriter();
  }

  @Override
  public int indexOf(String text, char character, int from) {
    return isWebAssembly() ? text.indexOf(character, from) : indexOfCode(text, character, from);
  }

  // In WebAssembly a string is copied when it crosses: to find a line's end in a row of a megabyte
  // would cost the megabyte, once a line.
  @PlatformMarker(Platforms.WEBASSEMBLY_GC)
  private static boolean isWebAssembly() {
    return false;
  }

  @JSBody(
      params = {"text", "code", "from"},
      script = "return text.indexOf(String.fromCharCode(code), from);")
  private static native int indexOfCode(String text, int code, int from);

  @Override
  public int utf8Length(String text) {
    return encodedLength(text);
  }

  // Half of a surrogate pair counts as its replacement character, 3 bytes; a pair has 4, 2 for each
  // of its characters. A short text is counted here, because the encoder costs a call and a copy.
  @JSBody(
      params = "text",
      script =
          "var n = text.length; if (n > 2048) { return new TextEncoder().encode(text).length; }"
              + " for (var i = 0, bytes = n; i < text.length; i++) { var c = text.charCodeAt(i);"
              + " if (c > 127) { bytes++; if (c > 2047) { bytes++;"
              + " if (c >= 55296 && c < 56320 && i + 1 < text.length) {"
              + " var d = text.charCodeAt(i + 1); if (d >= 56320 && d < 57344) { i++; } } } } }"
              + " return bytes;")
  private static native int encodedLength(String text);

  @JSBody(
      params = "text",
      script =
          "try { var v = JSON.parse(text); return typeof v === 'object' && v !== null"
              + " && !Array.isArray(v) ? v : null; } catch (e) { return null; }")
  private static native JSObject parseObject(String text);

  @JSBody(
      params = "text",
      script =
          "try { JSON.parse(text); return 'expected a JSON object'; }"
              + " catch (e) { return e.message; }")
  private static native String parseError(String text);

  @JSBody(script = "return {};")
  private static native JSObject newObject();
}
