package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * How a host makes the objects of which a record for the Pipeline consists.
 *
 * <p>The parameters are the members, in their order. The default forms set one after the other and
 * say what is meant; a host that can write an object down whole does so in a tenth of the time,
 * which is why there are so many parameters.
 */
public interface RecordObjects {
  /** A new empty object. */
  JsonObject object();

  /** A new empty text. */
  JsonWriter writer();

  /**
   * The envelope of one event.
   *
   * @param operation what the idempotency key calls the verb
   * @param life 0 when the event is from before there were lives, and has no {@code life} then
   * @param entityId null when the event is about no thing: it has no {@code entityId}, {@code
   *     entityType} and {@code version} then
   */
  default JsonObject envelope(
      String verb,
      String store,
      JsonObject payload,
      String timestamp,
      String operation,
      JsonObject meta,
      String ns,
      double epoch,
      double seq,
      double life,
      @Nullable String entityId,
      @Nullable String entityType,
      double version,
      double ts) {
    JsonObject object = object().set("verb", verb).set("store", store).set("payload", payload);
    String key = idempotencyKey(operation, entityId, ts, epoch, seq, life);
    object.set("timestamp", timestamp).set("idempotencyKey", key).set("_meta", meta);
    object.set("ns", ns).set("epoch", epoch).set("seq", seq);
    if (life != 0) {
      object.set("life", life);
    }
    if (entityId != null && entityType != null) {
      object.set("entityId", entityId).set("entityType", entityType).set("version", version);
    }
    return object.set("ts", ts);
  }

  /** The key of one event: unique, also within one millisecond, because the seq is in it. */
  default String idempotencyKey(
      String operation,
      @Nullable String entityId,
      double ts,
      double epoch,
      double seq,
      double life) {
    JsonWriter key = writer().raw(entityId == null ? "store" : entityId).raw(":").raw(operation);
    key.raw(":").number(ts).raw(":").number(epoch).raw(".").number(seq);
    return life == 0 ? key.text() : key.raw(".").number(life).text();
  }

  /** The payload of a creation: the whole thing. */
  default JsonObject created(
      String id, String type, double version, JsonObject fields, double createdAt) {
    return object()
        .set("$id", id)
        .set("$type", type)
        .set("$version", version)
        .setAll(fields)
        .set("$createdAt", createdAt)
        .set("$updatedAt", createdAt);
  }

  /** The payload of an update: the changed fields and the new version. */
  default JsonObject updated(String id, JsonObject fields, double version, double updatedAt) {
    return object()
        .set("$id", id)
        .setAll(fields)
        .set("$version", version)
        .set("$updatedAt", updatedAt);
  }
}
