package dev.unifiedstorage.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the suite does not say: the errors, what is refused at the start, and the bounds. */
final class SchemasTest {
  private final Json json = new JacksonJson();

  private Misfit misfit(String schema, String fields) {
    Schemas schemas = Schemas.parse("{\"T\":" + schema.replace('\'', '"') + "}", json);
    return schemas.misfit("T", json.parse(fields.replace('\'', '"')));
  }

  private String refusal(String schema) {
    return assertThrows(IllegalArgumentException.class, () -> misfit(schema, "{}")).getMessage();
  }

  @Test
  void errorsSayWhereWhichAndWhat() {
    Misfit misfit =
        misfit(
            "{'required':['t'],'properties':{'a/b':{'items':{'minimum':2.5}},'c':false},"
                + "'additionalProperties':{'type':['null','string']}}",
            "{'a/b':[3,2],'c':1,'d':true}");
    assertEquals("expected a member t", misfit.first());
    assertEquals(
        "[{'path':'','keyword':'required','message':'expected a member t'},"
            + "{'path':'/a~1b/1','keyword':'minimum','message':'expected a number at least 2.5'},"
            + "{'path':'/c','keyword':'properties','message':'expected nothing here'},"
            + "{'path':'/d','keyword':'type','message':'expected the type null or string'}]",
        misfit.errors().replace('"', '\''));
    assertEquals("/a: expected the type string", wrongType("{'a':1}").first());
  }

  private Misfit wrongType(String fields) {
    return misfit("{'additionalProperties':{'type':'string'}}", fields);
  }

  @Test
  void errorsAreTenAtMost() {
    StringBuilder fields = new StringBuilder("{'n':0");
    for (int i = 0; i < 30; i++) {
      fields.append(",'n").append(i).append("':").append(i);
    }
    String errors = wrongType(fields.append('}').toString()).errors();
    assertEquals(10, json.parse("{\"e\":" + errors + "}").array("e").size());
  }

  @Test
  void whatIsInsideAlternativesIsNotAnError() {
    String errors = misfit("{'anyOf':[{'required':['a']},{'required':['b']}]}", "{}").errors();
    assertEquals(1, json.parse("{\"e\":" + errors + "}").array("e").size());
    assertTrue(errors.contains("anyOf"), errors);
  }

  @Test
  void otherTypesAreFree() {
    Schemas schemas = Schemas.parse("{\"T\":false}", json);
    assertNull(schemas.misfit("U", json.object()));
    assertNotNull(schemas.misfit("T", json.object()));
    assertNull(Schemas.parse("", json));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'properties':{'x':{'format':'email'}}};the keyword format is not supported, at T#/properties/x/format",
        "{'unevaluatedProperties':false};the keyword unevaluatedProperties is not supported",
        "{'$defs':{'a':{'$anchor':'b'}}};the keyword $anchor is not supported, at T#/$defs/a/$anchor",
        "{'then':{'Type':'x'}};the keyword Type is not supported, at T#/then/Type",
        "{'$schema':'http://json-schema.org/draft-07/schema#'};2020-12",
        "{'type':'int'};T#/type must be one of null boolean number string array object integer, got \"int\"",
        "{'type':3};T#/type must be an array, got 3",
        "{'items':[{}]};T#/items must be a schema, an object or a boolean, got an array",
        "{'minimum':'3'};T#/minimum must be a number, got \"3\"",
        "{'minLength':-1};T#/minLength must be a whole number, 0 or more, got -1",
        "{'maxItems':1.5};T#/maxItems must be a whole number, 0 or more, got 1.5",
        "{'multipleOf':0};T#/multipleOf must be a number greater than 0, got 0",
        "{'allOf':[]};T#/allOf must be an array of at least one schema, got an array",
        "{'required':['a',1]};T#/required/1 must be a string, got 1",
        "{'enum':{}};T#/enum must be an array, got an object",
        "{'properties':[]};T#/properties must be an object, got an array",
        "{'uniqueItems':1};T#/uniqueItems must be a boolean, got 1",
        "{'pattern':'(?=a)'};T#/pattern must be a pattern whose groups begin with ( or (?:",
        "{'patternProperties':{'\\\\b':{}}};T#/patternProperties/\\b must be a pattern without \\b",
        "{'$ref':'other.json'};T#/$ref must be # or #/",
        "{'$ref':'#/$defs/none'};T#/$ref must be # or #/",
        "{'$ref':'#'};at most 16 schemas, one inside another, for one value",
        "{'anyOf':[true,{'$ref':'#'}]};at most 16 schemas, one inside another, for one value",
        "3;T# must be a schema, an object or a boolean, got 3"
      })
  void whatIsNotSupportedIsRefusedByNameAndPlace(String schema, String expected) {
    String message = refusal(schema);
    assertTrue(message.startsWith("SCHEMAS: ") && message.contains(expected), message);
  }

  @Test
  void theSettingIsBounded() {
    String deep = "{'items':".repeat(70) + "{}" + "}".repeat(70);
    assertTrue(refusal(deep).contains("at most 64 levels"));
    String large = "{'description':'" + "x".repeat(300_000) + "'}";
    assertTrue(refusal(large).contains("at most 262144 characters"));
    assertThrows(IllegalArgumentException.class, () -> Schemas.parse("[]", json));
  }

  @Test
  void aThousandReferencesInARowAreRefusedWithoutDescending() {
    StringBuilder defs = new StringBuilder("{'$ref':'#/$defs/s0','$defs':{'s3000':true");
    for (int i = 0; i < 3000; i++) {
      defs.append(",'s" + i + "':{'$ref':'#/$defs/s" + (i + 1) + "'}");
    }
    assertTrue(refusal(defs + "}}").contains("at most 16 schemas"));
  }

  @Test
  void recursionFollowsTheValue() {
    String tree = "{'required':['n'],'properties':{'sub':{'items':{'$ref':'#'}}}}";
    assertNull(misfit(tree, "{'n':1,'sub':[{'n':2,'sub':[]},{'n':3}]}"));
    assertEquals(
        "/sub/0/sub/1: expected a member n",
        misfit(tree, "{'n':1,'sub':[{'n':2,'sub':[{'n':4},{}]}]}").first());
  }

  @Test
  void schemasThatDoubleTheWorkWithEachLevelEnd() {
    String twice = "{'anyOf':[{'properties':{'a':{'$ref':'#'}},'required':['b']},";
    String fields = "{'a':".repeat(60) + "1" + "}".repeat(60);
    Misfit misfit = misfit(twice + "{'properties':{'a':{'$ref':'#'}},'required':['c']}]}", fields);
    assertTrue(misfit.first().contains("steps"), misfit.first());
    String negated = "{'not':{'allOf':[{'properties':{'a':{'$ref':'#'}}},";
    negated += "{'properties':{'a':{'$ref':'#'}}},{'required':['none']}]}}";
    assertTrue(misfit(negated, fields).first().contains("steps"), "a verdict is never guessed");
  }

  @Test
  void manyElementsAreComparedInOnePass() {
    StringBuilder fields = new StringBuilder("{'a':[");
    for (int i = 0; i < 100_000; i++) {
      fields.append(i).append(',');
    }
    String unique = "{'properties':{'a':{'uniqueItems':true}}}";
    assertNull(misfit(unique, fields + "'0']}"));
    assertNotNull(misfit(unique, fields + "5e1]}"));
  }

  @Test
  void decimalsHaveTheMultiplesThatTheyAreWrittenAs() {
    String money = "{'properties':{'p':{'multipleOf':0.01}}}";
    for (String price : new String[] {"0", "0.3", "4.35", "1.15", "-19.99", "1000000.01"}) {
      assertNull(misfit(money, "{'p':" + price + "}"), price);
    }
    for (String price : new String[] {"0.001", "4.355", "-19.999", "1000000.011"}) {
      assertNotNull(misfit(money, "{'p':" + price + "}"), price);
    }
  }
}
