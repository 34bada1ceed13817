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
 * @param returns whether the reply has to show the thing
 */
record Operation(
    String type,
    String id,
    String thingType,
    Map<String, Object> data,
    Edits edits,
    int ifVersion,
    boolean returns,
    List<String> ids) {

  /** An operation that names no version. */
  static final int ANY = -1;

  static Operation read(List<String> ids) {
    return new Operation("read", null, null, null, null, ANY, false, ids);
  }

  static Operation create(String id, String thingType, Map<String, Object> data) {
    return new Operation("create", id, thingType, data, null, ANY, false, null);
  }

  Operation returning() {
    return new Operation(type, id, thingType, data, edits, ifVersion, true, ids);
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
    if (returns) {
      message.put("return", true);
    }
    return message;
  }
}
