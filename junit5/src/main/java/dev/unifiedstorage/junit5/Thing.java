package dev.unifiedstorage.junit5;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing as a store shows it.
 *
 * @param version 1 at first, one more with each change
 * @param fields its own fields in their order, as JSON's values: {@link String}, {@link Double},
 *     {@link Boolean}, {@link java.util.List}, {@link Map} and null
 */
public record Thing(
    String id,
    String type,
    long version,
    Instant createdAt,
    Instant updatedAt,
    Map<String, Object> fields) {

  static Thing of(Map<String, Object> json) {
    Map<String, Object> fields = new LinkedHashMap<>(json);
    return new Thing(
        (String) removed(fields, "$id"),
        (String) removed(fields, "$type"),
        ((Double) removed(fields, "$version")).longValue(),
        instant(removed(fields, "$createdAt")),
        instant(removed(fields, "$updatedAt")),
        fields);
  }

  /** Takes out what every thing has. */
  private static Object removed(Map<String, Object> fields, String name) {
    return Objects.requireNonNull(fields.remove(name), name);
  }

  private static Instant instant(Object ms) {
    return Instant.ofEpochMilli(((Double) ms).longValue());
  }

  /** A field, or null when the thing has no such field. */
  public @Nullable Object get(String field) {
    return fields.get(field);
  }

  /**
   * A field that is a string.
   *
   * @throws IllegalStateException when it is something else, or absent
   */
  public String text(String field) {
    return value(field, String.class);
  }

  /**
   * A field that is a number.
   *
   * @throws IllegalStateException when it is something else, or absent
   */
  public double number(String field) {
    return value(field, Double.class);
  }

  private <T> T value(String field, Class<T> wanted) {
    Object value = fields.get(field);
    if (!wanted.isInstance(value)) {
      throw new IllegalStateException(
          id + "." + field + ": expected a " + wanted.getSimpleName() + ", found " + value);
    }
    return wanted.cast(value);
  }
}
