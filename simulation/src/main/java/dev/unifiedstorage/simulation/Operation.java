package dev.unifiedstorage.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One operation as a client sends it.
 *
 * @param id null for a create without one, and for reads
 * @param data null for an update that has none
 * @param edits what an update does beside its data, null for nothing
 * @param ifVersion {@link #ANY} for none
 * @param expiresInMs {@link #UNSAID} for none, 0 for null
 * @param returns whether the reply has to show the thing
 */
record Operation(
    String type,
    String id,
    String thingType,
    Map<String, Object> data,
    Edits edits,
    int ifVersion,
    long expiresInMs,
    boolean returns,
    List<String> ids) {

  /** An operation that names no version. */
  static final int ANY = -1;

  /** An operation that does not say when a thing expires. */
  static final long UNSAID = -1;

  static Operation read(List<String> ids) {
    return new Operation("read", null, null, null, null, ANY, UNSAID, false, ids);
  }

  static Operation create(String id, String thingType, Map<String, Object> data) {
    return new Operation("create", id, thingType, data, null, ANY, UNSAID, false, null);
  }

  /** A deletion, whatever version there is. */
  static Operation deletion(String id) {
    return new Operation("delete", id, null, null, null, ANY, UNSAID, false, null);
  }

  /** A put, whatever version there is. */
  static Operation replacement(String id, String thingType, Map<String, Object> data) {
    return new Operation("put", id, thingType, data, null, ANY, UNSAID, false, null);
  }

  Operation returning() {
    return new Operation(type, id, thingType, data, edits, ifVersion, expiresInMs, true, ids);
  }

  Operation expiring(long inMs) {
    return new Operation(type, id, thingType, data, edits, ifVersion, inMs, returns, ids);
  }

  /** When the thing expires after it; {@code before} when it does not say. */
  double expiresAtMs(double before, double nowMs) {
    return expiresInMs == UNSAID ? before : expiresInMs == 0 ? 0 : nowMs + expiresInMs;
  }

  boolean meets(double version) {
    return ifVersion == ANY || ifVersion == version;
  }

  Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", type);
    switch (type) {
      case "create" -> {
        message.put("$type", thingType);
        Map<String, Object> withId = new LinkedHashMap<>(data);
        if (id != null) {
          withId.put("$id", id);
        }
        message.put("data", withId);
      }
      case "read" -> message.put("$ids", ids);
      default -> {
        message.put("$id", id);
        if (thingType != null) {
          message.put("$type", thingType);
        }
        if (data != null) {
          message.put("data", data);
        }
        if (edits != null) {
          edits.addTo(message);
        }
        if (ifVersion != ANY) {
          message.put("ifVersion", ifVersion);
        }
      }
    }
    if (expiresInMs != UNSAID) {
      message.put("expiresInMs", expiresInMs == 0 ? null : expiresInMs);
    }
    if (returns) {
      message.put("return", true);
    }
    return message;
  }
}
