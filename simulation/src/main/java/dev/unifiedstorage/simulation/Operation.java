package dev.unifiedstorage.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One operation as a client sends it.
 *
 * @param id null for a create without one, and for reads
 * @param ifVersion 0 for none
 */
record Operation(
    String type,
    String id,
    String thingType,
    Map<String, Object> data,
    int ifVersion,
    List<String> ids) {

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
        if (data != null) {
          message.put("data", data);
        }
        if (ifVersion > 0) {
          message.put("ifVersion", ifVersion);
        }
      }
    }
    return message;
  }
}
