package dev.unifiedstorage.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Thing;
import org.junit.jupiter.api.Test;

/** What a thing's line says, also one that was written before lines had a seq. */
final class ThingLineTest {
  private final Json json = new JacksonJson();

  private Thing read(String line) {
    return ThingLine.read(line, 0, line.length(), "T", json, "a row");
  }

  @Test
  void theSeqComesBack() {
    Thing thing = Thing.loaded("a\tb", "T", 3, 5, 7, 42, "{\"x\":1}");
    String line = ThingLine.write(thing, json);
    assertEquals("\"a\\tb\"\t3\t5\t7\t42\t{\"x\":1}", line);
    assertEquals(42, read(line).seq());
    assertEquals(7, read(line).updatedAtMs());
    assertEquals("{\"x\":1}", read(line).fields().text(json));
  }

  @Test
  void aLineWithoutASeqIsOlderThanEveryOtherOne() {
    Thing thing = read("\"a\"\t1\t5\t\t{\"x\":\"1\\t2\"}");
    assertEquals(0, thing.seq());
    assertEquals(5, thing.updatedAtMs());
    assertEquals("{\"x\":\"1\\t2\"}", thing.fields().text(json));
    assertEquals("\"a\"\t1\t5\t\t{\"x\":\"1\\t2\"}", ThingLine.write(thing, json));
  }

  @Test
  void aLineThatBreaksOffBehindItsSeqIsCorrupt() {
    assertThrows(CorruptRowException.class, () -> read("\"a\"\t1\t5\t\t42"));
  }
}
