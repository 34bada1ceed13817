package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The schema that things of one type have in some worlds, and the model's own way of checking it.
 */
final class PlainSchema {
  /** The setting SCHEMAS. */
  static final String SCHEMAS =
      "{\"T1\":{\"properties\":{\"c\":{\"maximum\":2},\"f1\":{\"type\":[\"null\",\"string\","
          + "\"object\"]},\"l\":{\"maxItems\":2}},\"required\":[\"w\"],"
          + "\"not\":{\"required\":[\"f0\",\"f2\"]}}}";

  private PlainSchema() {}

  /** Whether the setting of a world has the schema. */
  static boolean isIn(Setup setup) {
    return !setup.vars().getOrDefault("SCHEMAS", "").isEmpty();
  }

  /** What is wrong with a thing's fields, as the details of a refusal say it. */
  static List<Map<String, Object>> errors(String type, Map<String, Object> fields) {
    List<Map<String, Object>> errors = new ArrayList<>();
    if (!type.equals("T1")) {
      return errors;
    }
    if (fields.get("c") instanceof Number c && c.doubleValue() > 2) {
      errors.add(error("/c", "maximum"));
    }
    if (fields.get("f1") instanceof Number
        || fields.get("f1") instanceof Boolean
        || fields.get("f1") instanceof List<?>) {
      errors.add(error("/f1", "type"));
    }
    if (fields.get("l") instanceof List<?> l && l.size() > 2) {
      errors.add(error("/l", "maxItems"));
    }
    if (!fields.containsKey("w")) {
      errors.add(error("", "required"));
    }
    if (fields.containsKey("f0") && fields.containsKey("f2")) {
      errors.add(error("", "not"));
    }
    return errors;
  }

  private static Map<String, Object> error(String path, String keyword) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("path", path);
    error.put("keyword", keyword);
    return error;
  }
}
