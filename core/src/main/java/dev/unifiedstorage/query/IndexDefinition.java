package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an index; the id always comes behind them.
 *
 * @param names as they were given
 * @param paths up to {@code $id}, which ends every index anyway
 */
record IndexDefinition(List<String> names, List<Path> paths) {
  static final IndexDefinition BY_ID = Objects.requireNonNull(of(List.of("$id")));

  /** The index over these, or null when one of them is no field. */
  static @Nullable IndexDefinition of(List<String> names) {
    List<Path> paths = new ArrayList<>();
    for (String name : names) {
      Path path = Path.of(name);
      if (path == null) {
        return null;
      }
      if (path.isId()) {
        break;
      }
      paths.add(path);
    }
    return new IndexDefinition(names, paths);
  }

  /** How many keys an entry is ordered by, the id being the last. */
  int levels() {
    return paths.size() + 1;
  }

  String name(int level) {
    return level < paths.size() ? paths.get(level).name() : "$id";
  }

  static void write(List<String> names, JsonWriter writer) {
    String separator = "[";
    for (String name : names) {
      writer.raw(separator).string(name);
      separator = ",";
    }
    writer.raw("]");
  }

  String text(Json json) {
    JsonWriter writer = json.writer();
    write(names, writer);
    return writer.text();
  }
}
