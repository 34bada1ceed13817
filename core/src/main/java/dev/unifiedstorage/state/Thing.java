package dev.unifiedstorage.state;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;

/**
 * One stored entity at one version.
 *
 * @param id {@link #ID}
 * @param type {@link #TYPE}
 * @param version 1 at creation, one more with each update
 * @param expiresAtMs from that instant on the thing is absent; 0 when it stays
 * @param seq the event that made this version, 0 when a row of before there were such was loaded: a
 *     reply that shows the thing waits until this seq is durable
 * @param bytes an upper estimate of its JSON text's length
 * @param measuredBytes what {@code bytes} was when last measured; estimates grow from there
 */
public record Thing(
    String id,
    String type,
    double version,
    double createdAtMs,
    double updatedAtMs,
    double expiresAtMs,
    Fields fields,
    double seq,
    int bytes,
    int measuredBytes) {

  /** What the system fields add to a thing's text at most, ids and types aside. */
  private static final int SYSTEM_FIELD_BYTES = 120;

  /** What the instant at which a thing expires adds to its text at most. */
  private static final int EXPIRY_BYTES = 32;

  /** What an update replaces is not worth a look in a thing that is smaller. */
  private static final int WORTH_MEASURING_BYTES = 4096;

  /**
   * Identifies it in its store. A request's data can set this one at creation, and none of the
   * following.
   */
  public static final String ID = "$id";

  /** The name of its collection. */
  public static final String TYPE = "$type";

  /** How often it was written, from 1. */
  public static final String VERSION = "$version";

  /** When it was made, in ms since 1970. */
  public static final String CREATED_AT = "$createdAt";

  /** When it was written last, in ms since 1970. */
  public static final String UPDATED_AT = "$updatedAt";

  /** When it expires, in ms since 1970. */
  public static final String EXPIRES_AT = "$expiresAt";

  /** A new thing at version 1; {@code fieldBytes} estimates the length of its fields' text. */
  public static Thing created(
      String id, String type, Fields fields, double nowMs, double seq, int fieldBytes) {
    int bytes = fieldBytes + id.length() + type.length() + SYSTEM_FIELD_BYTES;
    return new Thing(id, type, 1, nowMs, nowMs, 0, fields, seq, bytes, bytes);
  }

  /** A thing as a row has it. */
  public static Thing loaded(
      String id,
      String type,
      double version,
      double createdAtMs,
      double updatedAtMs,
      double seq,
      String text) {
    int bytes = text.length() + id.length() + type.length() + SYSTEM_FIELD_BYTES;
    Fields fields = Fields.ofText(text);
    return new Thing(id, type, version, createdAtMs, updatedAtMs, 0, fields, seq, bytes, bytes);
  }

  /** The next version with {@code changes} laid over this one's fields. */
  public Thing updated(Fields changes, double nowMs, double seq, int changedBytes, Json json) {
    Fields merged = fields.with(changes, json);
    int replaced = bytes > WORTH_MEASURING_BYTES ? fields.replacedChars(changes, json) : 0;
    int estimate = bytes + changedBytes - replaced;
    Thing next =
        new Thing(
            id,
            type,
            version + 1,
            createdAtMs,
            nowMs,
            expiresAtMs,
            merged,
            seq,
            estimate,
            measuredBytes);
    // Overwriting a field does not grow a thing, but its estimate grows: measure now and then. What
    // goes may have been estimated at less than it takes as text, which the rest must not pay for.
    boolean isVague = estimate > 2 * measuredBytes + 4096 || 2 * estimate < measuredBytes;
    return isVague ? next.measured(json) : next;
  }

  /**
   * The next version, of which {@code fieldBytes} estimates all fields that {@code changes} leave;
   * it does not expire.
   */
  public Thing replaced(Fields changes, double nowMs, double seq, int fieldBytes, Json json) {
    int size = fieldBytes + id.length() + type.length() + SYSTEM_FIELD_BYTES;
    Fields merged = fields.with(changes, json);
    return new Thing(id, type, version + 1, createdAtMs, nowMs, 0, merged, seq, size, size);
  }

  /** This version with another instant from which on it is absent, 0 for none. */
  public Thing expiring(double atMs) {
    if (atMs == expiresAtMs) {
      return this;
    }
    int more = (atMs == 0 ? 0 : EXPIRY_BYTES) - (expiresAtMs == 0 ? 0 : EXPIRY_BYTES);
    return new Thing(
        id,
        type,
        version,
        createdAtMs,
        updatedAtMs,
        atMs,
        fields,
        seq,
        bytes + more,
        measuredBytes + more);
  }

  /** The same version with its fields in another form. */
  Thing inForm(Fields other, Json json) {
    int size = other.length(json) + id.length() + type.length() + SYSTEM_FIELD_BYTES;
    int all = size + (expiresAtMs == 0 ? 0 : EXPIRY_BYTES);
    return new Thing(
        id, type, version, createdAtMs, updatedAtMs, expiresAtMs, other, seq, all, all);
  }

  /** The same version, made by an event of another log. */
  public Thing at(double otherSeq) {
    return new Thing(
        id,
        type,
        version,
        createdAtMs,
        updatedAtMs,
        expiresAtMs,
        fields,
        otherSeq,
        bytes,
        measuredBytes);
  }

  /** An estimate of what it takes in memory, once its fields are compact. */
  int memoryBytes() {
    return fields.isWide() ? 2 * bytes : bytes;
  }

  /** Whether it is absent at an instant although no event has deleted it yet. */
  public boolean isExpired(double atMs) {
    return expiresAtMs != 0 && expiresAtMs <= atMs;
  }

  /** This thing with its size measured, in UTF-8 bytes, in place of estimated. */
  public Thing measured(Json json) {
    JsonWriter writer = json.writer();
    writeTo(writer, json);
    int length = json.utf8Length(writer.text());
    return new Thing(
        id, type, version, createdAtMs, updatedAtMs, expiresAtMs, fields, seq, length, length);
  }

  /** Appends the whole thing as clients see it. */
  public void writeTo(JsonWriter writer, Json json) {
    writeTo(writer, fields.text(json));
  }

  /**
   * Appends the thing with some of its own fields.
   *
   * @param some the text of a JSON object
   */
  public void writeTo(JsonWriter writer, String some) {
    if (expiresAtMs == 0) {
      writer.thing(id, type, version, some, createdAtMs, updatedAtMs);
      return;
    }
    writer.raw("{\"$id\":").string(id).raw(",\"$type\":").string(type);
    writer.raw(",\"$version\":").number(version);
    if (some.length() > 2) {
      writer.raw(",").raw(some.substring(1, some.length() - 1));
    }
    writer.raw(",\"$createdAt\":").number(createdAtMs).raw(",\"$updatedAt\":").number(updatedAtMs);
    writer.raw(",\"$expiresAt\":").number(expiresAtMs).raw("}");
  }
}
