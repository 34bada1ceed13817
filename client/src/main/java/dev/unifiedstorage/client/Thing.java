package dev.unifiedstorage.client;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing as a store shows it.
 *
 * @param version 1 at first, one more with each change
 * @param expiresAt from when on it is absent; empty when it stays
 * @param fields its own fields in their order, as JSON's values: {@link String}, {@link Double},
 *     {@link Boolean}, {@link java.util.List}, {@link Map} and null
 */
public record Thing(
    String id,
    String type,
    long version,
    Instant createdAt,
    Instant updatedAt,
    Optional<Instant> expiresAt,
    Map<String, Object> fields) {

  static Thing of(Map<?, ?> json) {
    Map<String, Object> fields = new LinkedHashMap<>();
    json.forEach((name, value) -> fields.put((String) name, value));
    // The store's, and no field that a program has named.
    fields.remove("$form");
    return new Thing(
        (String) removed(fields, "$id"),
        (String) removed(fields, "$type"),
        ((Double) removed(fields, "$version")).longValue(),
        instant(removed(fields, "$createdAt")),
        instant(removed(fields, "$updatedAt")),
        Optional.ofNullable(fields.remove("$expiresAt")).map(Thing::instant),
        Collections.unmodifiableMap(fields));
  }

  /** Takes out what every thing has. */
  private static Object removed(Map<String, Object> fields, String name) {
    return Objects.requireNonNull(fields.remove(name), name);
  }

  private static Instant instant(Object ms) {
    return Instant.ofEpochMilli(((Double) ms).longValue());
  }

  /** A field; null when it is null or absent. */
  public @Nullable Object get(String field) {
    return fields.get(field);
  }
}
