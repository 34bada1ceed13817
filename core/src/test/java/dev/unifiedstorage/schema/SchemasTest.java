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
        "{'type':'int'};expected one of null boolean number string array object integer, at T#/type",
        "{'type':3};expected an array, at T#/type",
        "{'items':[{}]};expected a schema, an object or a boolean, at T#/items",
        "{'minimum':'3'};expected a number, at T#/minimum",
        "{'minLength':-1};expected a whole number, 0 or more, at T#/minLength",
        "{'maxItems':1.5};expected a whole number, 0 or more, at T#/maxItems",
        "{'multipleOf':0};expected a number greater than 0, at T#/multipleOf",
        "{'allOf':[]};expected at least one schema, at T#/allOf",
        "{'required':['a',1]};expected a string, at T#/required/1",
        "{'enum':{}};expected an array, at T#/enum",
        "{'properties':[]};expected an object, at T#/properties",
        "{'uniqueItems':1};expected a boolean, at T#/uniqueItems",
        "{'pattern':'(?=a)'};expected a pattern whose groups begin with ( or (?:",
        "{'patternProperties':{'\\\\b':{}}};expected a pattern without \\b",
        "{'$ref':'other.json'};expected a $ref that is # or #/",
        "{'$ref':'#/$defs/none'};expected a $ref that is # or #/",
        "{'$ref':'#'};at most 16 schemas, one inside another, for one value",
        "{'anyOf':[true,{'$ref':'#'}]};at most 16 schemas, one inside another, for one value",
        "3;expected a schema, an object or a boolean, at T#"
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
