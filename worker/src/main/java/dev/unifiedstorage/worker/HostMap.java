package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.IdMap;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** JavaScript's {@code Map}, keyed by the host's own strings. */
final class HostMap<V> implements IdMap<V> {
  private final JSObject map = create();

  @Override
  @SuppressWarnings("unchecked")
  public V get(String id) {
    return (V) get(map, id);
  }

  @Override
  public void put(String id, V value) {
    set(map, id, value);
  }

  @Override
  public void remove(String id) {
    delete(map, id);
  }

  @Override
  public int size() {
    return size(map);
  }

  @Override
  public void clear() {
    clear(map);
  }

  @JSBody(script = "return new Map();")
  private static native JSObject create();

  @JSBody(
      params = {"map", "id"},
      script = "var v = map.get(id); return v === undefined ? null : v;")
  private static native Object get(JSObject map, String id);

  @JSBody(
      params = {"map", "id", "value"},
      script = "map.set(id, value);")
  private static native void set(JSObject map, String id, Object value);

  @JSBody(
      params = {"map", "id"},
      script = "map.delete(id);")
  private static native void delete(JSObject map, String id);

  @JSBody(params = "map", script = "return map.size;")
  private static native int size(JSObject map);

  @JSBody(params = "map", script = "map.clear();")
  private static native void clear(JSObject map);
}
