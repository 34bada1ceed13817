package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;

/**
 * An event that the Pipeline would not take, on its way to the dead-letter queue: the record, why
 * it failed, how often, and when first and last.
 */
record DeadLetter(
    Event event, String error, int attempts, double firstFailedMs, double lastFailedMs)
    implements PipelineRecord {

  @Override
  public void writeTo(JsonWriter writer) {
    writer.raw("{\"error\":").string(error).raw(",\"attempts\":").number(attempts);
    writer.raw(",\"firstFailedAt\":").string(event.origin().clock().iso(firstFailedMs));
    writer.raw(",\"lastFailedAt\":").string(event.origin().clock().iso(lastFailedMs));
    writer.raw(",\"record\":");
    event.writeTo(writer);
    writer.raw("}");
  }

  @Override
  public JsonObject toObject(Json json) {
    return json.object()
        .set("error", error)
        .set("attempts", attempts)
        .set("firstFailedAt", event.origin().clock().iso(firstFailedMs))
        .set("lastFailedAt", event.origin().clock().iso(lastFailedMs))
        .set("record", event.toObject(json));
  }
}
