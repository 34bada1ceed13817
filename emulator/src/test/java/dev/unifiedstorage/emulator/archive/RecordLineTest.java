package dev.unifiedstorage.emulator.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordLineTest {
  private final EventRow row = new EventRow();
  private final RecordLine line = new RecordLine();

  @Test
  void everyFieldHasItsColumnAndThePayloadStaysAsItIs() {
    String payload =
        "{\"$id\":\"c1\",\"t\":\"a\\\"}\\\\\",\"n\":[1,{\"ns\":\"inner\"}],\"e\":\"é𝄞\"}";
    assertNull(
        read(
            """
            {"verb":"thing.updated","store":"things","payload":%s,"timestamp":"x",\
            "idempotencyKey":"k","_meta":{"namespace":"meta","ns":"wrong"},"ns":"tenant-1",\
            "epoch":3,"seq":42,"entityId":"c1","entityType":"Customer","version":7,\
            "ts":1769860800000}"""
                .formatted(payload)));
    assertEquals("thing.updated", text(EventRow.VERB));
    assertEquals("things", text(EventRow.STORE));
    assertEquals(payload, text(EventRow.PAYLOAD));
    assertEquals("k", text(EventRow.IDEMPOTENCY_KEY));
    assertEquals("tenant-1", text(EventRow.NS));
    assertEquals(3L, row.get(EventRow.EPOCH, Long.class));
    assertEquals(42L, row.get(EventRow.SEQ, Long.class));
    assertEquals("c1", text(EventRow.ENTITY_ID));
    assertEquals("Customer", text(EventRow.ENTITY_TYPE));
    assertEquals(7L, row.get(EventRow.VERSION, Long.class));
    assertEquals(1769860800000L, row.get(EventRow.TS, Long.class));
  }

  @Test
  void aFenceHasNoEntity() {
    assertNull(read(ArchiveFixture.updated("before", 1, 1)));
    assertNull(read(ArchiveFixture.fence("tenant", 2)));
    assertFalse(row.has(EventRow.ENTITY_ID));
    assertFalse(row.has(EventRow.ENTITY_TYPE));
    assertFalse(row.has(EventRow.VERSION));
  }

  @Test
  void textsAreReadAsJsonWroteThem() {
    assertNull(read(with("\"entityId\":\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u00e9é\\ud834\\udd1e\"")));
    assertEquals("a\"b\\c/d\b\f\n\r\té" + "é𝄞", text(EventRow.ENTITY_ID));
    assertNull(read(with("\"entityId\":\"x\\ud834y\"")));
    assertEquals("x\ufffdy", text(EventRow.ENTITY_ID));
    assertNull(read(with("\"entityId\":\"\"")));
    assertEquals("", text(EventRow.ENTITY_ID));
  }

  @Test
  void ofDuplicatesTheLastCountsAndBlanksDoNotMatter() {
    assertNull(read(with("\"seq\":5,\"seq\":-6")));
    assertEquals(-6L, row.get(EventRow.SEQ, Long.class));
    assertNull(read(with("\"entityId\" : null , \"extra\" : [ true , null ] ") + "  "));
    assertFalse(row.has(EventRow.ENTITY_ID));
  }

  @Test
  void whatCanBeWrittenInSeveralWaysIsReadInAll() {
    assertNull(read(with("\"s\\u0065q\":7")));
    assertEquals(7L, row.get(EventRow.SEQ, Long.class));
    assertNull(read(with("\"seq\":1.2e1,\"ts\":-0.0,\"epoch\":3.0")));
    assertEquals(12L, row.get(EventRow.SEQ, Long.class));
    assertEquals(0L, row.get(EventRow.TS, Long.class));
    assertEquals(3L, row.get(EventRow.EPOCH, Long.class));
  }

  @Test
  void whatDoesNotFitIsToldByNameAndValue() {
    assertEquals("verb: expected a value, found none", read("{}"));
    assertEquals("seq: expected a value, found none", read(with("\"seq\":null")));
    assertEquals("seq: expected a whole number, found 1.5", read(with("\"seq\":1.5")));
    assertEquals("seq: expected a whole number, found 1e+21", read(with("\"seq\":1e+21")));
    assertEquals("seq: expected a whole number, found \"1\"", read(with("\"seq\":\"1\"")));
    assertEquals(
        "seq: expected a whole number, found 12345678901234567890",
        read(with("\"seq\":12345678901234567890")));
    assertEquals("ns: expected a string, found 5", read(with("\"ns\":5")));
    assertEquals("payload: expected an object, found [1]", read(with("\"payload\":[1]")));
    assertEquals("expected a JSON object, found {\"a\":1", read("{\"a\":1"));
    assertEquals("expected a JSON object, found 5", read("5"));
    assertNull(read(with("\"version\":1")));
  }

  /** A record that fits, with more fields at its end. */
  private static String with(String fields) {
    return """
        {"verb":"v","store":"s","payload":{},"timestamp":"t","idempotencyKey":"k","ns":"n","epoch":1,"seq":1,\
        "ts":1,%s}"""
        .formatted(fields);
  }

  private String read(String text) {
    // Something on either side, as in a chunk of the log.
    byte[] bytes = ("}}" + text + "\n{\"").getBytes(StandardCharsets.UTF_8);
    return line.read(bytes, 2, bytes.length - 3, row);
  }

  private String text(int column) {
    return row.get(column, String.class);
  }
}
