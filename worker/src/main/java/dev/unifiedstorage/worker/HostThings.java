package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** Things as JavaScript sees them outside a store: the seed's shape. */
final class HostThings {
  private HostThings() {}

  static JSObject object(Thing thing, Json json) {
    return thingOf(
        thing.id(),
        thing.type(),
        thing.version(),
        ((HostObject) thing.fields().object(json)).value(),
        thing.createdAtMs(),
        thing.updatedAtMs());
  }

  static HostArray objects(Collection<Thing> things, Json json) {
    HostArray array = HostArray.create();
    for (Thing thing : things) {
      array.push(object(thing, json));
    }
    return array;
  }

  /** A thing that JavaScript made; what it does not say of version and times counts as now. */
  static Thing thing(JSObject value, Json json, Clock clock) {
    HostObject from = new HostObject(value);
    String id = required(from, Thing.ID, json);
    String type = required(from, Thing.TYPE, json);
    double updatedAtMs = number(from, Thing.UPDATED_AT, clock.nowMs());
    JsonObject own = Fields.withoutSystemFields(json.object().setAll(from));
    return Thing.loaded(
        id,
        type,
        number(from, Thing.VERSION, 1),
        number(from, Thing.CREATED_AT, updatedAtMs),
        updatedAtMs,
        0,
        json.writer().object(own).text());
  }

  private static String required(HostObject from, String name, Json json) {
    if (from.kind(name) != JsonKind.STRING) {
      throw new IllegalArgumentException(Mismatch.of(from, name, "a string", json));
    }
    return from.string(name);
  }

  private static double number(HostObject from, String name, double otherwise) {
    return from.kind(name) == JsonKind.NUMBER ? from.number(name) : otherwise;
  }

  static HostArray array(Collection<String> ids) {
    HostArray array = HostArray.create();
    for (String id : ids) {
      array.push(id);
    }
    return array;
  }

  static List<String> list(HostArray ids) {
    HostObject array = new HostObject(ids);
    List<String> list = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      list.add(array.string(i));
    }
    return list;
  }

  // The times are there to be asked for, and not counted: the seed's things have four fields.
  @JSBody(
      params = {"id", "type", "version", "fields", "createdAt", "updatedAt"},
      script =
          "var o = { $id: id, $type: type, $version: version };"
              + " for (var k in fields) { if (k === '__proto__') { Object.defineProperty(o, k,"
              + " { value: fields[k], writable: true, enumerable: true, configurable: true }); }"
              + " else { o[k] = fields[k]; } }"
              + " Object.defineProperty(o, '$createdAt', { value: createdAt });"
              + " Object.defineProperty(o, '$updatedAt', { value: updatedAt }); return o;")
  private static native JSObject thingOf(
      String id, String type, double version, JSObject fields, double createdAt, double updatedAt);
}
