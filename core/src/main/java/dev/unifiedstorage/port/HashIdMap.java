package dev.unifiedstorage.port;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The map of a host whose own is Java's. */
final class HashIdMap<V> implements IdMap<V> {
  private final Map<String, V> map = new HashMap<>();

  @Override
  public @Nullable V get(String id) {
    return map.get(id);
  }

  @Override
  public void put(String id, V value) {
    map.put(id, value);
  }

  @Override
  public void remove(String id) {
    map.remove(id);
  }

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public void clear() {
    map.clear();
  }
}
