package dev.unifiedstorage.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.query.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The official suite of JSON Schema, draft 2020-12: every file of a supported keyword, and of the
 * optional files those about patterns and large numbers.
 *
 * <p>A group whose schema has something that is not supported has to be refused; {@code
 * not-supported.txt} names them, so that no other one is passed over.
 */
final class SchemaSuiteTest {
  private static final Path SUITE =
      Path.of("..", "conformance", "src", "test", "resources", "json-schema-test-suite");

  private final Json json = new JacksonJson();

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(SUITE)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  @Test
  void everyCaseOfASupportedKeywordPasses() throws IOException {
    int cases = 0;
    List<String> refused = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (Path file : files()) {
      String text = "{\"groups\":" + Files.readString(file) + "}";
      JsonArray groups = json.parse(text).array("groups");
      for (int i = 0; i < groups.size(); i++) {
        JsonObject group = groups.object(i);
        String name = file.getFileName() + ": " + group.string("description");
        Schema schema;
        try {
          schema = new SchemaReader("T", Value.of(group, "schema"), json).read();
        } catch (IllegalArgumentException e) {
          assertTrue(e.getMessage().startsWith("SCHEMAS: "), e.getMessage());
          refused.add(name);
          continue;
        }
        JsonArray tests = group.array("tests");
        for (int j = 0; j < tests.size(); j++) {
          JsonObject test = tests.object(j);
          Misfit misfit = Validation.misfit(schema, Value.of(test, "data"), json);
          cases++;
          if ((misfit == null) != test.bool("valid")) {
            wrong.add(name + ": " + test.string("description") + ": " + misfit);
          }
        }
      }
    }
    assertEquals("", String.join("\n", wrong));
    assertEquals(Files.readAllLines(SUITE.resolve("not-supported.txt")), refused);
    assertTrue(cases > 850, "cases: " + cases);
  }
}
