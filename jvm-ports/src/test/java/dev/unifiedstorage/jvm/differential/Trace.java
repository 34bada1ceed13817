package dev.unifiedstorage.jvm.differential;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is done to one store, step by step.
 *
 * @param vars the store's settings
 * @param archive whether it has an archive, which then holds what the Pipeline stored
 * @param steps each the name of a step and what it takes, see {@link TracedStore}
 */
record Trace(long seed, Map<String, String> vars, boolean archive, List<List<String>> steps) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** One line of JSON in ASCII: the trace, and what came of it. */
  String line(List<String> transcript) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("seed", seed);
    line.put("vars", vars);
    line.put("archive", archive);
    line.put("steps", steps);
    line.put("expected", transcript);
    try {
      return MAPPER.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
