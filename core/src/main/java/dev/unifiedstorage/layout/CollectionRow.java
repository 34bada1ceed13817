package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import org.jspecify.annotations.Nullable;

/** One row of {@code collections}, its commit record aside. */
public record CollectionRow(String type, double tx, String body) {

  double sum(@Nullable String head, Json json) {
    int sum = 31 * type.hashCode() + Double.hashCode(tx);
    sum = 31 * sum + (head == null ? 1 : json.hash(head));
    return 31 * sum + json.hash(body);
  }
}
