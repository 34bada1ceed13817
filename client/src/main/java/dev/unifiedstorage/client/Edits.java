package dev.unifiedstorage.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of one thing: fields set, then taken away, then numbers added, then a JSON patch; as one
 * change and one version.
 */
public final class Edits {
  private final Map<String, Object> parts;

  private Edits(Map<String, Object> parts) {
    this.parts = parts;
  }

  /** Nothing yet: the store refuses a change that has none of the parts. */
  public static Edits none() {
    return new Edits(Map.of());
  }

  /** Sets fields, each whole; null is a value. */
  public Edits data(Map<String, ?> fields) {
    return with("data", new LinkedHashMap<>(fields));
  }

  /** Sets one field more. */
  public Edits set(String field, Object value) {
    return with("data", member("data", field, value));
  }

  /** Takes a field away. */
  public Edits unset(String field) {
    List<Object> fields = new ArrayList<>();
    if (parts.get("unset") instanceof List<?> before) {
      fields.addAll(before);
    }
    fields.add(field);
    return with("unset", fields);
  }

  /** Adds to a number; an absent field counts as 0. */
  public Edits increment(String field, double by) {
    return with("increment", member("increment", field, by));
  }

  /** A JSON patch (RFC 6902) over the own fields. */
  public Edits patch(List<Map<String, ?>> steps) {
    return with("patch", List.copyOf(steps));
  }

  /** The thing goes after that time. */
  public Edits expiresIn(Duration time) {
    return with("expiresInMs", time.toMillis());
  }

  /** The thing stays. */
  public Edits neverExpires() {
    return with("expiresInMs", null);
  }

  /** {@code CONFLICT} when the thing has another version. */
  public Edits ifVersion(long version) {
    return with("ifVersion", version);
  }

  /** The answer carries the thing. */
  public Edits returning() {
    return with("return", true);
  }

  Map<String, Object> parts() {
    return parts;
  }

  private Map<String, Object> member(String part, String field, Object value) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (parts.get(part) instanceof Map<?, ?> before) {
      before.forEach((name, each) -> members.put((String) name, each));
    }
    members.put(field, value);
    return members;
  }

  private Edits with(String part, @Nullable Object value) {
    Map<String, Object> all = new LinkedHashMap<>(parts);
    all.put(part, value);
    return new Edits(all);
  }
}
