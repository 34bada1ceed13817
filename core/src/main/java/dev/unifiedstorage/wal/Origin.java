package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;

/**
 * What every event of one store has in common, and what it takes to print one.
 *
 * @param writer what identifies the object that writes; "" where nothing does
 * @param meta the member {@code _meta} of every record, one object for all of them
 */
public record Origin(String namespace, String writer, Clock clock, Json json, JsonObject meta) {
  public Origin(String namespace, Clock clock, Json json) {
    this(namespace, "", clock, json);
  }

  public Origin(String namespace, String writer, Clock clock, Json json) {
    this(namespace, writer, clock, json, json.object().set("namespace", namespace));
  }
}
