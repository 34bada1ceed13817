package dev.unifiedstorage.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is asked of the things of one type. */
public final class Query {
  private final Map<String, Object> parts;

  private Query(Map<String, Object> parts) {
    this.parts = parts;
  }

  /** All things of a type, by id, a hundred a page. */
  public static Query of(String type) {
    return new Query(Map.of("$type", type));
  }

  /** Conditions that all have to hold, as the protocol has them. */
  public Query where(Map<String, ?> conditions) {
    return with("where", conditions);
  }

  /** Paths; {@code -} before one: descending. */
  public Query orderBy(String... paths) {
    return with("orderBy", List.of(paths));
  }

  /** 1 to 1,000 things a page. */
  public Query limit(int things) {
    return with("limit", things);
  }

  /** Where the page begins: {@link Page#cursor} of the one before. */
  public Query cursor(String cursor) {
    return with("cursor", cursor);
  }

  /** Only these own fields. */
  public Query select(String... fields) {
    return with("select", List.of(fields));
  }

  Map<String, Object> parts() {
    return parts;
  }

  private Query with(String part, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(parts);
    all.put(part, value);
    return new Query(all);
  }
}
