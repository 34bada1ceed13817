package dev.unifiedstorage.junit5;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A store's reply to one request, whatever it says.
 *
 * @param json all of it, as JSON's values: {@link String}, {@link Double}, {@link Boolean}, {@link
 *     java.util.List}, {@link Map} and null
 */
public record Reply(Map<String, Object> json) {
  /** {@code ack}, {@code ok} or {@code error}. */
  public String status() {
    return (String) Objects.requireNonNull(json.get("status"));
  }

  /** The error's code, such as {@code CONFLICT}; null when it is no error. */
  public @Nullable String code() {
    return (String) json.get("code");
  }

  /** Whether the store refused. */
  public boolean isError() {
    return "error".equals(status());
  }

  /** Details of an error; empty when there are none. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> details() {
    return json.get("details") instanceof Map<?, ?> details
        ? (Map<String, Object>) details
        : Map.of();
  }

  /** What is under a key, null when nothing is. */
  public @Nullable Object get(String key) {
    return json.get(key);
  }
}
