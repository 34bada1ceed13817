package dev.unifiedstorage.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The tables of cases that both languages check. */
record Cases(JsonNode root) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Cases of(String port) {
    String name = "/contract/" + port + ".json";
    try (InputStream in = Cases.class.getResourceAsStream(name)) {
      return new Cases(MAPPER.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  JsonNode get(String key) {
    return root.path(key);
  }
}
