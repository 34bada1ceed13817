package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.Member;
import java.util.ArrayList;
import java.util.List;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/**
 * A value as {@code JSON.parse} made it: mostly an object, or an array; null is null.
 *
 * <p>The host's value is kept as it is: to look at five keys of a message must not cost a copy of
 * the other fifty. Keys are data, so nothing here looks up or sets through a prototype.
 */
final class HostObject implements JsonObject, JsonArray {
  private static final JsonKind[] KINDS = JsonKind.values();

  private JSObject value;

  HostObject(JSObject value) {
    this.value = value;
  }

  JSObject value() {
    return value;
  }

  /** The object or array that is under a key. */
  HostObject json(String key) {
    return new HostObject(member(value, key));
  }

  @Override
  public JsonKind kind(String key) {
    return KINDS[kind(value, key)];
  }

  @Override
  public String string(String key) {
    return string(value, key);
  }

  @Override
  public double number(String key) {
    return number(value, key);
  }

  @Override
  public boolean bool(String key) {
    return bool(value, key);
  }

  @Override
  public JsonObject object(String key) {
    return new HostObject(member(value, key));
  }

  @Override
  public JsonArray array(String key) {
    return new HostObject(member(value, key));
  }

  @Override
  public JsonKind kind(Member member) {
    return KINDS[memberKind(value, member.ordinal())];
  }

  @Override
  public String string(Member member) {
    return memberString(value, member.ordinal());
  }

  @Override
  public double number(Member member) {
    return memberNumber(value, member.ordinal());
  }

  @Override
  public JsonObject object(Member member) {
    JSObject object = memberObject(value, member.ordinal());
    return object == null ? null : new HostObject(object);
  }

  @Override
  public JsonArray array(Member member) {
    JSObject array = memberArray(value, member.ordinal());
    return array == null ? null : new HostObject(array);
  }

  @Override
  public List<String> keys() {
    JSObject keys = keys(value);
    int count = size(keys);
    List<String> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(string(keys, i));
    }
    return list;
  }

  @Override
  public JsonObject set(String key, String text) {
    set(value, key, text);
    return this;
  }

  @Override
  public JsonObject set(String key, double number) {
    set(value, key, number);
    return this;
  }

  @Override
  public JsonValue value(String key) {
    return new HostObject(member(value, key));
  }

  @Override
  public JsonObject set(String key, JsonValue member) {
    set(value, key, ((HostObject) member).value);
    return this;
  }

  @Override
  public JsonObject copy(String key, JsonObject other) {
    copy(value, key, ((HostObject) other).value);
    return this;
  }

  @Override
  public void remove(String key) {
    value = without(value, key);
  }

  @Override
  public void removeAll(List<String> keys) {
    if (keys.size() == 1) {
      remove(keys.get(0));
      return;
    }
    HostArray removed = HostArray.create();
    for (String key : keys) {
      removed.push(key);
    }
    value = withoutAll(value, removed);
  }

  @Override
  public void removeSystemFields() {
    value = withoutSystemFields(value);
  }

  @Override
  public String keepOwnFields() {
    JSObject own = ownFields(value);
    if (own == null) {
      return foreignField(value);
    }
    value = own;
    return null;
  }

  @Override
  public boolean hasRareMember() {
    return hasRareMember(value);
  }

  @Override
  public JsonObject setAll(JsonObject other) {
    setAll(value, ((HostObject) other).value);
    return this;
  }

  @Override
  public JsonKind kind() {
    return KINDS[kind(value)];
  }

  @Override
  public JsonObject object() {
    return this;
  }

  @Override
  public JsonArray array() {
    return this;
  }

  @Override
  public boolean same(JsonValue other) {
    return same(value, ((HostObject) other).value);
  }

  @Override
  public int depth() {
    int shallow = shallowDepth(value);
    return shallow >= 0 ? shallow : depth(value);
  }

  @Override
  public int size() {
    return size(value);
  }

  @Override
  public JsonKind kind(int index) {
    return KINDS[kind(value, index)];
  }

  @Override
  public String string(int index) {
    return string(value, index);
  }

  @Override
  public double number(int index) {
    return number(value, index);
  }

  @Override
  public boolean bool(int index) {
    return bool(value, index);
  }

  @Override
  public JsonArray array(int index) {
    return new HostObject(member(value, index));
  }

  @Override
  public JsonObject object(int index) {
    return new HostObject(member(value, index));
  }

  @Override
  public JsonValue value(int index) {
    return new HostObject(member(value, index));
  }

  @Override
  public JsonArray inserted(int index, JsonValue item) {
    return new HostObject(inserted(value, index, ((HostObject) item).value));
  }

  @Override
  public JsonArray replaced(int index, JsonValue item) {
    return new HostObject(replaced(value, index, ((HostObject) item).value));
  }

  @Override
  public JsonArray removed(int index) {
    return new HostObject(removed(value, index));
  }

  // ---- the host's side; the numbers are the ordinals of JsonKind

  // The one thing of type object that an absent key can find is the prototype behind __proto__.
  @JSBody(
      params = {"o", "k"},
      script =
          "var v = o[k]; switch (typeof v) { case 'string': return 4; case 'number': return 3;"
              + " case 'boolean': return 2; case 'object': return v === null ? 1"
              + " : Array.isArray(v) ? 5 : v === Object.prototype ? 0 : 6; default: return 0; }")
  private static native int kind(JSObject o, String k);

  private static final String KIND =
      " switch (typeof v) { case 'string': return 4; case 'number': return 3;"
          + " case 'boolean': return 2; case 'object': return v === null ? 1"
          + " : Array.isArray(v) ? 5 : 6; default: return 0; }";

  /** The member by its ordinal: under a constant name V8 remembers the place, under a text not. */
  static final String MEMBER =
      "var v; switch (m) { case 0: v = o.id; break; case 1: v = o.type; break;"
          + " case 2: v = o.data; break; case 3: v = o.$id; break; case 4: v = o.$type; break;"
          + " case 5: v = o.$ids; break; case 6: v = o.ifVersion; break;"
          + " case 7: v = o.operations; break; case 8: v = o.atomic; break;"
          + " case 9: v = o.at; break; case 10: v = o.seq; break; case 11: v = o.unset; break;"
          + " case 12: v = o.increment; break; case 13: v = o.patch; break;"
          + " case 14: v = o['return']; break; case 15: v = o.op; break;"
          + " case 16: v = o.path; break; case 17: v = o.from; break;"
          + " case 18: v = o.value; break; case 19: v = o.expiresInMs; break; }";

  @JSBody(
      params = "o",
      script =
          "return o.unset !== undefined || o.increment !== undefined || o.patch !== undefined"
              + " || o['return'] !== undefined || o.expiresInMs !== undefined;")
  private static native boolean hasRareMember(JSObject o);

  @JSBody(params = "v", script = KIND)
  private static native int kind(JSObject v);

  @JSBody(
      params = {"o", "m"},
      script = MEMBER + KIND)
  private static native int memberKind(JSObject o, int m);

  @JSBody(
      params = {"o", "m"},
      script = MEMBER + " return typeof v === 'string' ? v : null;")
  private static native String memberString(JSObject o, int m);

  @JSBody(
      params = {"o", "m"},
      script = MEMBER + " return typeof v === 'number' ? v : NaN;")
  private static native double memberNumber(JSObject o, int m);

  @JSBody(
      params = {"o", "m"},
      script =
          MEMBER + " return typeof v === 'object' && v !== null && !Array.isArray(v) ? v : null;")
  private static native JSObject memberObject(JSObject o, int m);

  @JSBody(
      params = {"o", "m"},
      script = MEMBER + " return Array.isArray(v) ? v : null;")
  private static native JSObject memberArray(JSObject o, int m);

  @JSBody(
      params = {"a", "i"},
      script = "var v = a[i];" + KIND)
  private static native int kind(JSObject a, int i);

  @JSBody(
      params = {"o", "k"},
      script = "return o[k];")
  private static native String string(JSObject o, String k);

  @JSBody(
      params = {"a", "i"},
      script = "return a[i];")
  private static native String string(JSObject a, int i);

  @JSBody(
      params = {"o", "k"},
      script = "return o[k];")
  private static native double number(JSObject o, String k);

  @JSBody(
      params = {"a", "i"},
      script = "return a[i];")
  private static native double number(JSObject a, int i);

  @JSBody(
      params = {"a", "i"},
      script = "return a[i];")
  private static native boolean bool(JSObject a, int i);

  @JSBody(
      params = {"o", "k"},
      script = "return o[k];")
  private static native boolean bool(JSObject o, String k);

  @JSBody(
      params = {"o", "k"},
      script = "return o[k];")
  private static native JSObject member(JSObject o, String k);

  @JSBody(
      params = {"a", "i"},
      script = "return a[i];")
  private static native JSObject member(JSObject a, int i);

  @JSBody(params = "o", script = "return Object.keys(o);")
  private static native JSObject keys(JSObject o);

  @JSBody(params = "a", script = "return a.length;")
  private static native int size(JSObject a);

  private static final String SET =
      "if (k === '__proto__') { Object.defineProperty(o, k, { value: v, writable: true,"
          + " enumerable: true, configurable: true }); } else { o[k] = v; }";

  @JSBody(
      params = {"o", "k", "v"},
      script = SET)
  private static native void set(JSObject o, String k, String v);

  @JSBody(
      params = {"o", "k", "v"},
      script = SET)
  private static native void set(JSObject o, String k, double v);

  @JSBody(
      params = {"o", "k", "v"},
      script = SET)
  private static native void set(JSObject o, String k, JSObject v);

  @JSBody(
      params = {"o", "k", "other"},
      script = "var v = other[k]; " + SET)
  private static native void copy(JSObject o, String k, JSObject other);

  // A delete makes V8 keep the object as a hash table from then on: to copy the rest takes a fifth
  // of the time, and everything after it is faster too. Only to set __proto__ would not be a copy.
  @JSBody(
      params = {"o", "k"},
      script =
          "if (o[k] === undefined) { return o; }"
              + " if (Object.hasOwn(o, '__proto__')) { delete o[k]; return o; }"
              + " var rest = {}; for (var p in o) { if (p !== k) { rest[p] = o[p]; } } return rest;")
  private static native JSObject without(JSObject o, String k);

  @JSBody(
      params = {"o", "keys"},
      script =
          "var gone = new Set(keys), rest = {}; for (var p in o) { if (!gone.has(p)) {"
              + " if (p === '__proto__') { Object.defineProperty(rest, p, { value: o[p],"
              + " writable: true, enumerable: true, configurable: true }); }"
              + " else { rest[p] = o[p]; } } } return rest;")
  private static native JSObject withoutAll(JSObject o, JSObject keys);

  @JSBody(
      params = "o",
      script =
          "if (o.$id === undefined && o.$type === undefined && o.$version === undefined"
              + " && o.$createdAt === undefined && o.$updatedAt === undefined) { return o; }"
              + " if (Object.hasOwn(o, '__proto__')) { delete o.$id; delete o.$type;"
              + " delete o.$version; delete o.$createdAt; delete o.$updatedAt; return o; }"
              + " var rest = {}; for (var p in o) { if (p !== '$id' && p !== '$type'"
              + " && p !== '$version' && p !== '$createdAt' && p !== '$updatedAt')"
              + " { rest[p] = o[p]; } } return rest;")
  private static native JSObject withoutSystemFields(JSObject o);

  // Null when there is a field that a client may not name. The copy is for the reason above; an
  // object
  // without a name to look at closer, nearly every update's, is taken as it is.
  @JSBody(
      params = "o",
      script =
          "var plain = true; for (var n in o) { if (n.charCodeAt(0) === 36) { plain = false; break;"
              + " } } if (plain) { return o; } var rest = {}; for (var p in o) {"
              + " if (p === '__proto__') { Object.defineProperty(rest, p, { value: o[p],"
              + " writable: true, enumerable: true, configurable: true }); }"
              + " else if (p.charCodeAt(0) !== 36) { rest[p] = o[p]; }"
              + " else if (p !== '$id' && p !== '$type' && p !== '$version' && p !== '$createdAt'"
              + " && p !== '$updatedAt' && p !== '$expiresAt' && p !== '$form') { return null; } }"
              + " return rest;")
  private static native JSObject ownFields(JSObject o);

  @JSBody(
      params = "o",
      script =
          "for (var p in o) { if (p.charCodeAt(0) === 36 && p !== '$id' && p !== '$type'"
              + " && p !== '$version' && p !== '$createdAt' && p !== '$updatedAt'"
              + " && p !== '$expiresAt' && p !== '$form') { return p; } } return null;")
  private static native String foreignField(JSObject o);

  @JSBody(
      params = {"a", "i", "v"},
      script = "var c = a.slice(); c.splice(i, 0, v); return c;")
  private static native JSObject inserted(JSObject a, int i, JSObject v);

  @JSBody(
      params = {"a", "i", "v"},
      script = "var c = a.slice(); c[i] = v; return c;")
  private static native JSObject replaced(JSObject a, int i, JSObject v);

  @JSBody(
      params = {"a", "i"},
      script = "var c = a.slice(); c.splice(i, 1); return c;")
  private static native JSObject removed(JSObject a, int i);

  // It recurses no deeper than a thing or an operation may nest.
  @JSBody(
      params = {"left", "right"},
      script =
          "var same = function(a, b) { if (typeof a === 'number' && a - a !== 0) { a = null; }"
              + " if (typeof b === 'number' && b - b !== 0) { b = null; }"
              + " if (a === b) { return true; }"
              + " if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null"
              + " || Array.isArray(a) !== Array.isArray(b)) { return false; }"
              + " var keys = Object.keys(a); if (keys.length !== Object.keys(b).length)"
              + " { return false; } for (var i = 0; i < keys.length; i++) { var k = keys[i];"
              + " if (!Object.hasOwn(b, k) || !same(a[k], b[k])) { return false; } }"
              + " return true; }; return same(left, right);")
  private static native boolean same(JSObject left, JSObject right);

  // Object.assign sets, and to set __proto__ changes the prototype.
  static final String ASSIGN =
      "if (!Object.hasOwn(other, '__proto__')) { Object.assign(o, other); } else {"
          + " for (var k in other) { Object.defineProperty(o, k, { value: other[k],"
          + " writable: true, enumerable: true, configurable: true }); } }";

  @JSBody(
      params = {"o", "other"},
      script = ASSIGN)
  private static native void setAll(JSObject o, JSObject other);

  // Nearly every message is flat, or has flat data, or is a batch of such: that is seen without
  // making anything. An array is walked by number, because in a for-in its indices are texts.
  @JSBody(
      params = "o",
      script =
          "if (typeof o !== 'object' || o === null) { return 0; }"
              + " var depth = 1; for (var key in o) { var member = o[key];"
              + " if (typeof member === 'object' && member !== null) {"
              + " if (depth === 1) { depth = 2; }"
              + " if (Array.isArray(member)) {"
              + " for (var index = 0; index < member.length; index++) { var item = member[index];"
              + " if (typeof item === 'object' && item !== null) {"
              + " if (Array.isArray(item)) { return -1; } if (depth < 3) { depth = 3; }"
              + " for (var name in item) { var part = item[name];"
              + " if (typeof part === 'object' && part !== null) {"
              + " if (Array.isArray(part)) { return -1; } depth = 4;"
              + " for (var field in part) { var inner = part[field];"
              + " if (typeof inner === 'object' && inner !== null) { return -1; } } } } } } }"
              + " else { for (var own in member) { var value = member[own];"
              + " if (typeof value === 'object' && value !== null) { return -1; } } } } }"
              + " return depth;")
  private static native int shallowDepth(JSObject o);

  // Level by level, because a message may nest deeper than the stack.
  @JSBody(
      params = "o",
      script =
          "var level = [o], depth = 0; while (level.length > 0) { depth++; var next = [];"
              + " for (var i = 0; i < level.length; i++) { var v = level[i], c;"
              + " if (Array.isArray(v)) { for (var j = 0; j < v.length; j++) { c = v[j];"
              + " if (typeof c === 'object' && c !== null) { next.push(c); } } }"
              + " else { for (var k in v) { c = v[k];"
              + " if (typeof c === 'object' && c !== null) { next.push(c); } } } }"
              + " level = next; } return depth;")
  private static native int depth(JSObject o);
}
