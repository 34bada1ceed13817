package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;

/** One reply of the protocol, with what the contract promises of each kind. */
record Reply(JsonNode json) {
  /** This reply, which must acknowledge a write. */
  Reply ack() {
    assertEquals("ack", json.path("status").asText(), json::toString);
    return this;
  }

  /** This reply, which must be {@code ok}. */
  Reply ok() {
    assertEquals("ok", json.path("status").asText(), json::toString);
    return this;
  }

  /** This reply, which must be an error of that code, with a sentence that explains it. */
  Reply error(String code) {
    assertEquals("error", json.path("status").asText(), json::toString);
    assertEquals(code, json.path("code").asText(), json::toString);
    assertTrue(json.path("error").isTextual(), json::toString);
    assertFalse(json.path("error").textValue().isBlank(), json::toString);
    return this;
  }

  /** This reply, whose {@code id} must be null. */
  Reply withoutId() {
    assertTrue(json.has("id") && json.get("id").isNull(), json::toString);
    return this;
  }

  String id() {
    assertTrue(json.path("$id").isTextual(), json::toString);
    return json.path("$id").textValue();
  }

  int version() {
    assertTrue(json.path("$version").isIntegralNumber(), json::toString);
    return json.path("$version").intValue();
  }

  /** A thing of a read, or a missing node. */
  JsonNode thing(String id) {
    return json.path("things").path(id);
  }

  /** One result of a batch. */
  Reply result(int index) {
    return new Reply(json.path("results").path(index));
  }

  JsonNode details() {
    return json.path("details");
  }
}
