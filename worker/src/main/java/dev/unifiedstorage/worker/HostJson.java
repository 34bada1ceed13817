package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.LineWriter;
import dev.unifiedstorage.port.Member;
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
  public JsonValue parseMessage(String text) {
    JSObject value = parseContainer(text);
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
  public JsonObject envelope(
      String verb,
      String store,
      JsonObject payload,
      String timestamp,
      String operation,
      JsonObject meta,
      String ns,
      double epoch,
      double seq,
      double life,
      String entityId,
      String entityType,
      double version,
      double ts) {
    JSObject payloadValue = ((HostObject) payload).value();
    JSObject metaValue = ((HostObject) meta).value();
    return new HostObject(
        envelopeOf(
            verb,
            store,
            payloadValue,
            timestamp,
            operation,
            metaValue,
            ns,
            epoch,
            seq,
            life,
            entityId,
            entityType,
            version,
            ts));
  }

  @Override
  public JsonObject created(
      String id, String type, double version, JsonObject fields, double createdAt) {
    return new HostObject(createdOf(id, type, version, ((HostObject) fields).value(), createdAt));
  }

  @Override
  public JsonObject updated(String id, JsonObject fields, double version, double updatedAt) {
    return new HostObject(updatedOf(id, ((HostObject) fields).value(), version, updatedAt));
  }

  @Override
  public String scalar(JsonObject object, Member member) {
    return scalarOf(((HostObject) object).value(), member.ordinal());
  }

  @Override
  public JsonWriter writer() {
    return new HostWriter();
  }

  @Override
  public int hash(String text) {
    return isWebAssembly() ? text.hashCode() : hashOf(text);
  }

  // To ask a string for a character costs V8 several times what a byte of an array does. So a long
  // text is encoded piece by piece. A piece that comes out as long as it was is ASCII: its bytes
  // are walked four a step, each multiplied by its own power of 31, so that the products do not
  // wait for one another.
  @JSBody(
      params = "text",
      script =
          "var h = 0, i = 0, n = text.length, b = null, encoder = null;"
              + " if (n > 2048) { b = new Uint8Array(16384); encoder = new TextEncoder(); }"
              + " while (i < n) { var end = Math.min(n, i + 16384);"
              + " if (b !== null) { var size = end - i,"
              + " done = encoder.encodeInto(text.substring(i, end), b);"
              + " if (done.read === size && done.written === size) {"
              + " for (var j = 0; j + 4 <= size; j += 4) {"
              + " h = (Math.imul(h, 923521) + Math.imul(b[j], 29791) + Math.imul(b[j + 1], 961)"
              + " + Math.imul(b[j + 2], 31) + b[j + 3]) | 0; }"
              + " i += j; } }"
              + " for (; i < end; i++) { h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0; } }"
              + " return h;")
  private static native int hashOf(String text);

  @Override
  public boolean isWide(String text) {
    return hasWide(text);
  }

  // V8 knows that a text of one byte a character has none, and does not look.
  @JSBody(params = "text", script = "return /[^\\0-\\xff]/.test(text);")
  private static native boolean hasWide(String text);

  @Override
  public String copy(String text) {
    return isWebAssembly() ? text : copyOf(text);
  }

  // Joined to another one and looked into, a text is laid out anew; a part of that holds on to it.
  @JSBody(params = "text", script = "return (' ' + text).slice(1);")
  private static native String copyOf(String text);

  @Override
  public int indexOf(String text, char character, int from) {
    return isWebAssembly() ? text.indexOf(character, from) : indexOfCode(text, character, from);
  }

  // In WebAssembly a string is copied when it crosses: to find a line's end in a row of a megabyte
  // would cost the megabyte, once a line.
  @PlatformMarker(Platforms.WEBASSEMBLY_GC)
  static boolean isWebAssembly() {
    return false;
  }

  @JSBody(
      params = {"text", "code", "from"},
      script = "return text.indexOf(String.fromCharCode(code), from);")
  private static native int indexOfCode(String text, int code, int from);

  @Override
  public <V> IdMap<V> map() {
    return isWebAssembly() ? Json.super.map() : new HostMap<>();
  }

  @Override
  public LineWriter lines() {
    return isWebAssembly() ? Json.super.lines() : new HostLines();
  }

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
          "try { var v = JSON.parse(text); return typeof v === 'object' ? v : null; }"
              + " catch (e) { return null; }")
  private static native JSObject parseContainer(String text);

  @JSBody(
      params = "text",
      script =
          "try { JSON.parse(text); return 'expected a JSON object or array'; }"
              + " catch (e) { return e.message; }")
  private static native String parseError(String text);

  /** What the literal of every envelope begins with. */
  private static final String HEAD =
      "{ verb: verb, store: store, payload: payload, timestamp: timestamp,"
          + " idempotencyKey: key, _meta: meta, ns: ns, epoch: epoch, seq: seq, ";

  /** What it ends with, of an event that is of a thing. */
  private static final String OF_THING = "entityId: id, entityType: type, version: version, ";

  // A literal has one shape from the start; members set one after the other would give it thirteen,
  // and with one deleted it would be a hash table, which takes the platform twice as long to send.
  @JSBody(
      params = {
        "verb",
        "store",
        "payload",
        "timestamp",
        "operation",
        "meta",
        "ns",
        "epoch",
        "seq",
        "life",
        "id",
        "type",
        "version",
        "ts"
      },
      script =
          "var key = (id === null ? 'store' : id) + ':' + operation + ':' + ts + ':' + epoch + '.'"
              + " + seq; if (life) { key += '.' + life; return id === null ? "
              + (HEAD + "life: life, ts: ts } : ")
              + (HEAD + "life: life, " + OF_THING + "ts: ts }; }")
              + (" return id === null ? " + HEAD + "ts: ts } : ")
              + (HEAD + OF_THING + "ts: ts };"))
  private static native JSObject envelopeOf(
      String verb,
      String store,
      JSObject payload,
      String timestamp,
      String operation,
      JSObject meta,
      String ns,
      double epoch,
      double seq,
      double life,
      String id,
      String type,
      double version,
      double ts);

  @JSBody(
      params = {"id", "type", "version", "other", "ts"},
      script =
          "var o = { $id: id, $type: type, $version: version };"
              + HostObject.ASSIGN
              + " o.$createdAt = ts; o.$updatedAt = ts; return o;")
  private static native JSObject createdOf(
      String id, String type, double version, JSObject fields, double ts);

  @JSBody(
      params = {"id", "other", "version", "ts"},
      script =
          "var o = { $id: id };"
              + HostObject.ASSIGN
              + " o.$version = version; o.$updatedAt = ts; return o;")
  private static native JSObject updatedOf(String id, JSObject fields, double version, double ts);

  @JSBody(
      params = {"o", "m"},
      script =
          HostObject.MEMBER
              + " return typeof v === 'string' ? JSON.stringify(v)"
              + " : typeof v === 'number' && v - v === 0 ? '' + v : null;")
  private static native String scalarOf(JSObject o, int m);

  @JSBody(script = "return {};")
  private static native JSObject newObject();
}
