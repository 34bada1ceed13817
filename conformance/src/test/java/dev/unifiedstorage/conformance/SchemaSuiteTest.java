package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official suite of JSON Schema as a server sees it: each schema is that of one field of one
 * type, each case a thing with that field.
 */
class SchemaSuiteTest {
  private static final Path SUITE = Path.of("src", "test", "resources", "json-schema-test-suite");

  /** A command line takes no longer argument than 128 KiB. */
  private static final int SCHEMAS_CHARS = 100_000;

  private static final String FIELD = "v";

  @TempDir private Path directory;

  /** A schema of the suite with its cases. */
  private record Group(String name, JsonNode schema, JsonNode tests) {}

  private static List<Group> groups() throws IOException {
    List<String> notSupported = Files.readAllLines(SUITE.resolve("not-supported.txt"));
    List<Group> groups = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> all = Files.walk(SUITE)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      for (JsonNode one : StoreSocket.JSON.readTree(file.toFile())) {
        String name = file.getFileName() + ": " + one.path("description").textValue();
        if (!notSupported.contains(name)) {
          JsonNode schema = one.get("schema").deepCopy();
          moveReferences(schema);
          groups.add(new Group(name, schema, one.get("tests")));
        }
      }
    }
    return groups;
  }

  /** Makes a {@code $ref} to the whole schema one to the field's. */
  private static void moveReferences(JsonNode schema) {
    if (schema instanceof ObjectNode object && object.path("$ref").isTextual()) {
      String to = object.get("$ref").textValue().substring(1);
      object.put("$ref", "#/properties/" + FIELD + to);
    }
    schema
        .properties()
        .forEach(
            member -> {
              if (!List.of("enum", "const").contains(member.getKey())) {
                moveReferences(member.getValue());
              }
            });
    if (schema.isArray()) {
      schema.forEach(SchemaSuiteTest::moveReferences);
    }
  }

  @Test
  void everyVerdictIsTheSuites() throws Exception {
    int cases = 0;
    List<Group> some = new ArrayList<>();
    ObjectNode schemas = StoreSocket.JSON.createObjectNode();
    List<Group> groups = groups();
    for (int i = 0; i < groups.size(); i++) {
      schemas.putObject("T" + some.size()).putObject("properties").set(FIELD, groups.get(i).schema);
      some.add(groups.get(i));
      if (schemas.toString().length() > SCHEMAS_CHARS / 2 || i == groups.size() - 1) {
        cases += judge(schemas, some, "data" + i);
        schemas.removeAll();
        some.clear();
      }
    }
    assertTrue(cases > 850, "cases: " + cases);
  }

  private int judge(ObjectNode schemas, List<Group> groups, String data) throws Exception {
    Setup setup = Setup.plain().with("SCHEMAS", schemas.toString()).with("DURABILITY", "memory");
    List<String> wrong = new ArrayList<>();
    int cases = 0;
    try (StoreServer server = StoreServer.start(setup, directory.resolve(data));
        Session s = server.open("store")) {
      for (int i = 0; i < groups.size(); i++) {
        ObjectNode batch = Session.json("{'type':'batch'}");
        ArrayNode operations = batch.putArray("operations");
        JsonNode tests = groups.get(i).tests;
        for (JsonNode test : tests) {
          ObjectNode create = operations.addObject().put("type", "create").put("$type", "T" + i);
          create.putObject("data").set(FIELD, test.get("data"));
        }
        JsonNode results = s.call(batch).ack().json().path("results");
        for (int j = 0; j < tests.size(); j++, cases++) {
          JsonNode result = results.path(j);
          boolean fits = !result.has("code");
          if (fits != tests.get(j).path("valid").booleanValue() || !(fits || isMisfit(result))) {
            wrong.add(groups.get(i).name + ": " + tests.get(j) + ": " + result);
          }
        }
      }
    }
    assertEquals("", String.join("\n", wrong));
    return cases;
  }

  private static boolean isMisfit(JsonNode result) {
    JsonNode errors = result.path("details").path("errors");
    return result.path("code").textValue().equals("VALIDATION_ERROR")
        && !errors.isEmpty()
        && errors.size() <= 10
        && errors.path(0).path("path").textValue().startsWith("/" + FIELD)
        && errors.path(0).path("keyword").isTextual()
        && errors.path(0).path("message").isTextual();
  }
}
