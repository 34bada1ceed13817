package dev.unifiedstorage.snapshot;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.wal.Origin;

/**
 * One record of a snapshot: a part of it, or its head.
 *
 * <p>The part of number n has the seq of the snapshot's event and n more, so that parts are rows
 * apart, in their order, which a reader need not hold all at once.
 */
public final class SnapshotRecord implements PipelineRecord {
  private static final String PART = "part";

  /** What the envelope adds to a payload. */
  private static final int ENVELOPE_BYTES = 500;

  private final Origin origin;
  private final String id;
  private final String entityId;
  private final String entityType;
  private final double version;
  private final Life life;
  private final double seq;
  private final double tsMs;
  private final String payload;

  private SnapshotRecord(
      Origin origin,
      String id,
      String entityId,
      String entityType,
      double version,
      Life life,
      double seq,
      double tsMs,
      String payload) {
    this.origin = origin;
    this.id = id;
    this.entityId = entityId;
    this.entityType = entityType;
    this.version = version;
    this.life = life;
    this.seq = seq;
    this.tsMs = tsMs;
    this.payload = payload;
  }

  /** The last record of a snapshot. */
  public static SnapshotRecord head(Origin origin, SnapshotHead head) {
    return new SnapshotRecord(
        origin,
        head.id(),
        SnapshotHead.HEAD,
        SnapshotHead.HEAD,
        head.parts(),
        head.life(),
        head.seq(),
        head.beganMs(),
        head.payload(origin.json()));
  }

  /**
   * A part of a snapshot.
   *
   * @param head of the snapshot; how many parts it has need not be known yet
   * @param number from 0 on
   * @param payload what is in it
   */
  public static SnapshotRecord part(Origin origin, SnapshotHead head, int number, String payload) {
    return new SnapshotRecord(
        origin,
        head.id(),
        head.id(),
        PART,
        number + 1.0,
        head.life(),
        head.seq() + number,
        head.beganMs(),
        payload);
  }

  /** About how many bytes it has. */
  public int bytes() {
    return payload.length() + ENVELOPE_BYTES;
  }

  @Override
  public void writeTo(JsonWriter writer) {
    Json json = origin.json();
    writer.raw("{\"verb\":\"").raw(SnapshotHead.VERB).raw("\",\"store\":\"things\",\"payload\":");
    writer.raw(payload).raw(",\"timestamp\":").string(origin.clock().iso(tsMs));
    writer
        .raw(",\"idempotencyKey\":")
        .string(json.idempotencyKey(entityType, id, tsMs, life.epoch(), seq, life.id()));
    writer.raw(",\"_meta\":{\"namespace\":").string(origin.namespace());
    writer.raw("},\"ns\":").string(SnapshotHead.namespaceOf(origin.namespace()));
    writer.raw(",\"epoch\":").number(life.epoch()).raw(",\"seq\":").number(seq);
    writer.raw(",\"life\":").number(life.id());
    writer.raw(",\"entityId\":").string(entityId).raw(",\"entityType\":").string(entityType);
    writer.raw(",\"version\":").number(version).raw(",\"ts\":").number(tsMs).raw("}");
  }

  @Override
  public JsonObject toObject(Json json) {
    JsonWriter text = json.writer();
    writeTo(text);
    return json.parse(text.text());
  }
}
