package dev.unifiedstorage.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Member;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Json} keeps. */
public abstract class JsonContract {
  private final Cases cases = Cases.of("json");

  protected abstract Json json();

  private String written(JsonObject object) {
    return json().writer().object(object).text();
  }

  @Test
  void valuesAreTakenAndWrittenAsJavaScriptWritesThem() {
    for (JsonNode value : cases.get("values")) {
      String text = value.path("text").textValue();
      JsonObject parsed = json().parse("{\"v\":" + text + "}");
      assertEquals("{\"v\":" + value.path("written").textValue() + "}", written(parsed), text);
    }
  }

  @Test
  void whatIsWrittenReadsBackTheSame() {
    for (JsonNode value : cases.get("values")) {
      String once = written(json().parse("{\"v\":" + value.path("text").textValue() + "}"));
      assertEquals(once, written(json().parse(once)), once);
    }
  }

  @Test
  void whatIsNoJsonIsRefusedWithASentence() {
    for (JsonNode value : cases.get("refused")) {
      String text = "{\"v\":" + value.textValue() + "}";
      JsonParseException refused =
          assertThrows(JsonParseException.class, () -> json().parse(text), text);
      assertFalse(refused.getMessage().isBlank(), text);
    }
  }

  @Test
  void aMemberIsTakenForWhatItIsOnly() {
    for (Member member : Member.values()) {
      JsonObject text = json().parse("{\"" + member.key() + "\":\"x\"}");
      assertEquals("x", text.string(member), member.key());
      assertEquals("\"x\"", json().scalar(text, member), member.key());
      assertTrue(Double.isNaN(text.number(member)), member.key());
      assertNull(text.object(member), member.key());
      assertNull(text.array(member), member.key());
      JsonObject number = json().parse("{\"" + member.key() + "\":2}");
      assertEquals(2, number.number(member), member.key());
      assertEquals("2", json().scalar(number, member), member.key());
      assertNull(number.string(member), member.key());
      JsonObject object = json().parse("{\"" + member.key() + "\":{}}");
      assertEquals(JsonKind.OBJECT, object.kind(member), member.key());
      assertNull(json().scalar(object, member), member.key());
    }
    JsonObject other = json().parse("{\"__proto__\":1,\"id\":1e999}");
    assertNull(json().scalar(other, Member.ID));
    assertEquals(JsonKind.ABSENT, other.kind(Member.DATA));
  }

  @Test
  void aDocumentIsOneObject() {
    for (JsonNode document : cases.get("documents")) {
      String text = document.path("text").textValue();
      if (document.path("taken").booleanValue()) {
        json().parse(text);
      } else {
        assertThrows(JsonParseException.class, () -> json().parse(text), text);
      }
    }
  }

  @Test
  void textsAreMeasuredInUtf8() {
    for (JsonNode one : cases.get("utf8")) {
      String text = one.path("text").textValue();
      assertEquals(one.path("bytes").intValue(), json().utf8Length(text), text);
      // Long texts may be measured in another way.
      assertEquals(
          3000 * (1 + one.path("bytes").intValue()), json().utf8Length((text + "a").repeat(3000)));
    }
  }

  @Test
  void textsOfCharactersThatTakeTwoBytesAreTold() {
    for (JsonNode one : cases.get("wide")) {
      String text = one.path("text").textValue();
      assertEquals(one.path("wide").booleanValue(), json().isWide(text), text);
    }
  }

  @Test
  void kindsSayWhatIsThere() {
    JsonObject o =
        json()
            .parse(
                "{\"s\":\"x\",\"n\":-0.5,\"t\":true,\"f\":false,\"z\":null,\"a\":[\"i\",{\"k\":1}],"
                    + "\"o\":{\"k\":1}}");
    assertEquals(JsonKind.STRING, o.kind("s"));
    assertEquals("x", o.string("s"));
    assertEquals(JsonKind.NUMBER, o.kind("n"));
    assertEquals(-0.5, o.number("n"));
    assertEquals(JsonKind.BOOLEAN, o.kind("t"));
    assertEquals(List.of(true, false), List.of(o.bool("t"), o.bool("f")));
    assertEquals(JsonKind.NULL, o.kind("z"));
    assertEquals(JsonKind.OBJECT, o.kind("o"));
    assertEquals(1, o.object("o").number("k"));
    assertEquals(JsonKind.ARRAY, o.kind("a"));
    JsonArray array = o.array("a");
    assertEquals(2, array.size());
    assertEquals("i", array.string(0));
    assertEquals(List.of(JsonKind.STRING, JsonKind.OBJECT), List.of(array.kind(0), array.kind(1)));
    assertEquals(1, array.object(1).number("k"));
    for (String absent : List.of("x", "", "__proto__", "constructor", "toString", "length")) {
      assertEquals(JsonKind.ABSENT, o.kind(absent), absent);
    }
  }

  @Test
  void keysKeepTheirOrderAndAChangedOneItsPlace() {
    JsonObject o = json().parse("{\"b\":1,\"a\":2,\"__proto__\":3,\"c\":4}");
    assertEquals(List.of("b", "a", "__proto__", "c"), o.keys());
    o.set("a", "x").set("d", 5).set("__proto__", json().object().set("k", 1));
    o.remove("b");
    o.remove("absent");
    assertEquals(
        "{\"a\":\"x\",\"__proto__\":{\"k\":1},\"c\":4,\"d\":5}", written(o), "after changes");
    o.set("b", 9);
    assertEquals(List.of("a", "__proto__", "c", "d", "b"), o.keys());
  }

  @Test
  void allKeysOfAnotherAreSetAndItStaysAsItWas() {
    JsonObject other = json().parse("{\"a\":[1],\"__proto__\":{\"x\":1},\"n\":null}");
    JsonObject o = json().parse("{\"n\":1,\"z\":2}").setAll(other);
    assertEquals("{\"n\":null,\"z\":2,\"a\":[1],\"__proto__\":{\"x\":1}}", written(o));
    o.set("a", 7);
    assertEquals("{\"a\":[1],\"__proto__\":{\"x\":1},\"n\":null}", written(other));
    assertEquals(written(other), written(json().object().setAll(other)));
  }

  @Test
  void depthCountsLevels() {
    assertEquals(1, json().object().depth());
    assertEquals(1, json().parse("{\"a\":1}").depth());
    assertEquals(2, json().parse("{\"a\":[]}").depth());
    assertEquals(3, json().parse("{\"a\":1,\"b\":[{}]}").depth());
    for (int levels : new int[] {64, 65, 500, 5_000}) {
      String arrays = "[".repeat(levels - 1) + "]".repeat(levels - 1);
      assertEquals(levels, json().parse("{\"a\":" + arrays + "}").depth(), "" + levels);
    }
  }

  @Test
  void aMessageIsAnObjectOrAnArray() {
    assertEquals(JsonKind.OBJECT, json().parseMessage(" {\"a\":1}").kind());
    JsonArray array = json().parseMessage("[1,{\"a\":2},[]]").array();
    assertEquals(JsonKind.ARRAY, array.kind());
    assertEquals(3, array.size());
    assertEquals(2, array.object(1).number("a"));
    for (String other : List.of("1", "null", "\"[]\"", "true", "", "[1", "[1] 2", "{")) {
      assertThrows(JsonParseException.class, () -> json().parseMessage(other), other);
    }
  }

  private JsonValue value(String text) {
    return json().parse("{\"v\":" + text + "}").value("v");
  }

  private String written(JsonValue value) {
    return json().writer().value(value).text();
  }

  @Test
  void valuesAreTakenOutAndPutBack() {
    for (String text : List.of("null", "true", "-0.5", "\"x\"", "[1,[{}]]", "{\"k\":[null]}")) {
      JsonObject object = json().object().set("new", value(text));
      assertEquals(text, written(object.value("new")));
      assertEquals("{\"new\":" + text + "}", written(object));
    }
    assertEquals(
        List.of(JsonKind.NULL, JsonKind.BOOLEAN, JsonKind.NUMBER, JsonKind.STRING),
        List.of(
            value("null").kind(), value("true").kind(), value("1").kind(), value("\"\"").kind()));
    assertEquals(JsonKind.ARRAY, value("[]").kind());
    assertEquals(JsonKind.OBJECT, value("{}").kind());
    assertEquals(JsonKind.NULL, value("[null]").array().value(0).kind());
    assertEquals(
        List.of(0, 0, 1, 3),
        List.of(
            value("null").depth(),
            value("\"x\"").depth(),
            value("[]").depth(),
            value("[{\"a\":[1]}]").depth()));
  }

  @Test
  void valuesAreTheSameWhenTheySayTheSame() {
    List<String> all =
        List.of(
            "null",
            "false",
            "true",
            "0",
            "1",
            "\"\"",
            "\"1\"",
            "[]",
            "[1]",
            "[1,2]",
            "[2,1]",
            "{}",
            "{\"0\":1}",
            "{\"a\":1,\"b\":[{}]}",
            "{\"a\":1,\"__proto__\":{}}",
            "{\"__proto__\":{}}");
    for (String left : all) {
      for (String right : all) {
        assertEquals(left.equals(right), value(left).same(value(right)), left + " " + right);
      }
    }
    assertTrue(value("{\"a\":1,\"b\":2}").same(value("{\"b\":2.0,\"a\":1e0}")));
    assertTrue(value("-0").same(value("0")));
    assertTrue(value("[1e999]").same(value("[null]")));
    assertTrue(value("-1e999").same(value("1e999")));
  }

  @Test
  void anArrayIsChangedByMakingAnother() {
    JsonArray array = value("[1,\"b\",{}]").array();
    assertEquals("[1,null,\"b\",{}]", written(array.inserted(1, value("null"))));
    assertEquals("[1,\"b\",{},[]]", written(array.inserted(3, value("[]"))));
    assertEquals("[1,2,{}]", written(array.replaced(1, value("2"))));
    assertEquals("[\"b\",{}]", written(array.removed(0)));
    assertEquals("[1,\"b\",{}]", written(array));
    assertEquals("[1]", written(value("[]").array().inserted(0, value("1"))));
  }

  @Test
  void manyKeysAreRemovedAtOnce() {
    for (int count : new int[] {3, 40}) {
      JsonObject object = json().parse("{\"__proto__\":1,\"first\":1}");
      List<String> keys = new ArrayList<>(List.of("absent", "__proto__"));
      for (int i = 0; i < count; i++) {
        object.set("k" + i, i);
        keys.add("k" + i);
      }
      object.set("last", 2);
      JsonObject other = json().object().setAll(object);
      object.removeAll(keys);
      assertEquals("{\"first\":1,\"last\":2}", written(object));
      object.set("k1", 3);
      assertEquals(List.of("first", "last", "k1"), object.keys());
      assertEquals(count + 3, other.keys().size());
    }
  }

  @Test
  void ownFieldsAreThoseThatAClientMayName() {
    JsonObject data =
        json()
            .parse(
                "{\"$id\":1,\"a\":1,\"$type\":1,\"$version\":1,\"__proto__\":2,\"$createdAt\":1,"
                    + "\"$updatedAt\":1,\"$expiresAt\":1,\"b$\":3}");
    assertNull(data.keepOwnFields());
    assertEquals("{\"a\":1,\"__proto__\":2,\"b$\":3}", written(data));
    assertNull(data.keepOwnFields());
    for (String foreign : List.of("$", "$x", "$unset", "$$id")) {
      JsonObject wrong = json().parse("{\"a\":1,\"$id\":\"x\",\"" + foreign + "\":1}");
      assertEquals(foreign, wrong.keepOwnFields());
    }
  }

  @Test
  void whatFewRequestsHaveIsSeen() {
    List<Member> rare =
        List.of(Member.UNSET, Member.INCREMENT, Member.PATCH, Member.RETURN, Member.EXPIRES_IN_MS);
    for (Member member : Member.values()) {
      JsonObject object = json().parse("{\"" + member.key() + "\":null}");
      assertEquals(rare.contains(member), object.hasRareMember(), member.key());
    }
  }

  @Test
  void aWriterKnowsItsLength() {
    JsonWriter writer = json().writer();
    assertEquals(0, writer.length());
    assertEquals(5, writer.raw("[").string("é").raw(",").length());
    assertEquals(10, json().writer().raw(writer).raw(writer).length());
  }

  @Test
  void aWriterAppendsPieces() {
    String text =
        json()
            .writer()
            .raw("[")
            .number(1e21)
            .raw(",")
            .number(-0.0)
            .raw(",")
            .number(0.1)
            .raw(",")
            .string("\ud83d\"\n")
            .raw(",")
            .object(json().parse("{ \"a\" : [ ] }"))
            .raw("]")
            .text();
    assertEquals("[1e+21,0,0.1,\"\\ud83d\\\"\\n\",{\"a\":[]}]", text);
    assertEquals("", json().writer().text());
  }

  @Test
  void aCharacterIsFoundFromAPlaceOn() {
    assertEquals(1, json().indexOf("a\nb\n", '\n', 0));
    assertEquals(3, json().indexOf("a\nb\n", '\n', 2));
    assertEquals(-1, json().indexOf("a\nb\n", '\t', 0));
    for (String text : List.of("", "a", "ü𝄞 longer than a few characters", "\ud834", "a\u0000b")) {
      assertEquals(text, json().copy((text + "!").substring(0, text.length())));
    }
  }
}
