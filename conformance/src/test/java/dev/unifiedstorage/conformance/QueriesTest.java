package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a query finds, in which order, a page at a time; and what is no query. */
@ExtendWith(SharedServer.class)
class QueriesTest {
  private static void card(Session s, String id, String fields) {
    ObjectNode request = Session.createRequest(id, fields);
    s.call(request.put("$type", "Card")).ack();
  }

  private static ObjectNode query(String members) {
    return Session.json("{'type':'query','$type':'Card'" + members + "}");
  }

  /** The ids on the one page that a query has. */
  private static String ids(Session s, String members) {
    return ids(s.call(query(members)).ok());
  }

  private static String ids(Reply reply) {
    List<String> ids = new ArrayList<>();
    reply.json().path("things").forEach(thing -> ids.add(thing.path("$id").asText()));
    return String.join(" ", ids);
  }

  private static void matching(Session s, String where, String expected) {
    assertEquals(expected, ids(s, ",'where':" + where), where);
    int count = expected.isEmpty() ? 0 : expected.split(" ").length;
    Reply counted = s.call("{'type':'count','$type':'Card','where':" + where + "}").ok();
    assertEquals(count, counted.json().path("count").asInt(-1), where);
  }

  private static void zoo(Session s) {
    card(s, "n1", "{'v':1,'t':'abc'}");
    card(s, "n2", "{'v':2,'t':'b','list':[1,'x',{'a':[1]}]}");
    card(s, "n3", "{'v':2.5,'address':{'city':'Rome','zip':null}}");
    card(s, "s1", "{'v':'2'}");
    card(s, "null", "{'v':null}");
    card(s, "none", "{}");
    card(s, "true", "{'v':true}");
    card(s, "list", "{'v':[1,2]}");
    card(s, "object", "{'v':{'a':1,'b':{'c':[null]}}}");
    card(s, "dotted", "{'address.city':'Oslo','address':{'city':'Rome'}}");
  }

  @Test
  void literalsAreDeeplyEqual(Session s) {
    zoo(s);
    matching(s, "{'v':2}", "n2");
    matching(s, "{'v':'2'}", "s1");
    matching(s, "{'v':null}", "null");
    matching(s, "{'v':true}", "true");
    matching(s, "{'v':[1,2]}", "list");
    matching(s, "{'v':[2,1]}", "");
    matching(s, "{'v':{'b':{'c':[null]},'a':1}}", "object");
    matching(s, "{'v':{'a':1}}", "");
    matching(s, "{'v':{}}", "");
    matching(s, "{'v':2,'t':'b'}", "n2");
    matching(s, "{'v':2,'t':'abc'}", "");
  }

  @Test
  void aKeyIsAFieldOrAPathOrASystemField(Session s) {
    zoo(s);
    matching(s, "{'address.city':'Rome'}", "n3");
    matching(s, "{'address.city':'Oslo'}", "dotted");
    matching(s, "{'address.zip':null}", "n3");
    matching(s, "{'list.0':1}", "n2");
    matching(s, "{'list.2.a.0':1}", "n2");
    matching(s, "{'list.00':1}", "");
    matching(s, "{'list.3':{'$exists':true}}", "");
    matching(s, "{'t.length':3}", "");
    matching(s, "{'$id':'n1'}", "n1");
    matching(s, "{'$type':'Card','$version':1,'$id':{'$gte':'s'}}", "s1 true");
    matching(s, "{'$createdAt':{'$gt':0},'$updatedAt':{'$gt':0},'v':1}", "n1");
    s.update("n1", "{}").ack();
    matching(s, "{'$version':2}", "n1");
  }

  @Test
  void everyOperatorMeansWhatItSays(Session s) {
    zoo(s);
    matching(s, "{'v':{'$eq':2}}", "n2");
    matching(s, "{'v':{'$ne':2}}", "dotted list n1 n3 none null object s1 true");
    matching(s, "{'v':{'$gt':2}}", "n3");
    matching(s, "{'v':{'$gte':2}}", "n2 n3");
    matching(s, "{'v':{'$lt':2}}", "n1");
    matching(s, "{'v':{'$lte':2}}", "n1 n2");
    matching(s, "{'v':{'$gte':2,'$lt':2.5}}", "n2");
    matching(s, "{'v':{'$gt':'1'}}", "s1");
    matching(s, "{'v':{'$gt':null}}", "");
    matching(s, "{'v':{'$gte':true}}", "");
    matching(s, "{'t':{'$lt':'abcd'}}", "n1");
    matching(s, "{'v':{'$in':[1,null,[1,2]]}}", "list n1 null");
    matching(s, "{'v':{'$in':[]}}", "");
    matching(s, "{'v':{'$nin':[1,2,2.5,'2',true]}}", "dotted list none null object");
    matching(s, "{'v':{'$exists':false}}", "dotted none");
    matching(s, "{'v':{'$exists':true},'t':{'$exists':true}}", "n1 n2");
    matching(s, "{'t':{'$startsWith':'ab'}}", "n1");
    matching(s, "{'v':{'$startsWith':''}}", "s1");
    matching(s, "{'t':{'$contains':'c'}}", "n1");
    matching(s, "{'v':{'$contains':2}}", "list");
    matching(s, "{'list':{'$contains':{'a':[1]}}}", "n2");
    matching(s, "{'t':{'$contains':1}}", "");
    matching(s, "{'v':{'$not':{'$gt':1}}}", "dotted list n1 none null object s1 true");
    matching(s, "{'$and':[{'v':{'$gt':1}},{'t':'b'}]}", "n2");
    matching(s, "{'$or':[{'v':1},{'v':null}],'t':'abc'}", "n1");
    matching(s, "{'$not':{'v':{'$exists':true}}}", "dotted none");
    matching(
        s,
        "{'$or':[{'$and':[{'v':1}]},{'$not':{'$or':[{'v':{'$exists':true}}]}}]}",
        "dotted n1 none");
  }

  @Test
  void textsCompareByTheirUnits(Session s) {
    card(s, "bmp", "{'v':'\\uffff'}");
    card(s, "pair", "{'v':'\\ud83d\\ude00'}");
    matching(s, "{'v':{'$lt':'\\uffff'}}", "pair");
    assertEquals("pair bmp", ids(s, ",'orderBy':['v']"));
  }

  @Test
  void theOrderOverTypes(Session s) {
    card(s, "o8", "{'v':{'z':1}}");
    card(s, "o9", "{'v':{'a':1}}");
    card(s, "a7", "{'v':[9]}");
    card(s, "a8", "{'v':[1]}");
    card(s, "s", "{'v':'a'}");
    card(s, "e", "{'v':''}");
    card(s, "p", "{'v':10}");
    card(s, "m", "{'v':-1}");
    card(s, "t", "{'v':true}");
    card(s, "f", "{'v':false}");
    card(s, "z", "{'v':null}");
    card(s, "y", "{}");
    card(s, "x", "{}");
    assertEquals("x y z f t m p e s a7 a8 o8 o9", ids(s, ",'orderBy':['v']"));
    assertEquals("o8 o9 a7 a8 s e p m t f z x y", ids(s, ",'orderBy':['-v']"));
    assertEquals("a7 a8 e f m o8 o9 p s t x y z", ids(s, ""));
    assertEquals("z y x t s p o9 o8 m f e a8 a7", ids(s, ",'orderBy':['-$id']"));
  }

  @Test
  void longTextsAreOrderedByTheirFirst256Units(Session s) {
    String beginning = "x".repeat(256);
    card(s, "b", "{'v':'" + beginning + "a'}");
    card(s, "a", "{'v':'" + beginning + "b'}");
    card(s, "c", "{'v':'" + beginning.substring(1) + "'}");
    assertEquals("c a b", ids(s, ",'orderBy':['v']"));
    matching(s, "{'v':{'$gt':'" + beginning + "a'}}", "a");
  }

  @Test
  void anOrderHasUpToFourSteps(Session s) {
    card(s, "1", "{'a':1,'b':{'c':2}}");
    card(s, "2", "{'a':1,'b':{'c':1}}");
    card(s, "3", "{'a':0,'b':{'c':1}}");
    assertEquals("3 1 2", ids(s, ",'orderBy':['a','-b.c','$version','-$updatedAt']"));
    assertEquals("2 1 3", ids(s, ",'orderBy':['-a','b.c']"));
  }

  @Test
  void pagesShowEverythingOnce(Session s) {
    for (int i = 0; i < 25; i++) {
      card(s, "c" + i, "{'v':" + i % 3 + "}");
    }
    for (String order : List.of("", ",'orderBy':['-v']", ",'orderBy':['v','-$id']")) {
      String all = ids(s, order);
      List<String> pages = new ArrayList<>();
      ObjectNode request = query(order + ",'limit':4");
      int count = 0;
      for (boolean more = true; more; count++) {
        Reply page = s.call(request).ok();
        pages.add(ids(page));
        more = page.json().has("cursor");
        // A page may be of any size.
        request.set("cursor", page.json().path("cursor"));
        request.put("limit", 3 + count % 3);
      }
      assertEquals(all, String.join(" ", pages));
    }
    assertFalse(s.call(query(",'limit':25")).ok().json().has("cursor"));
    assertTrue(s.call(query(",'limit':24")).ok().json().has("cursor"));
  }

  @Test
  void pagesPassOverNothingThatStays(Session s) {
    for (int i = 0; i < 6; i++) {
      card(s, "c" + i, "{'v':1}");
    }
    Reply first = s.call(query(",'limit':3")).ok();
    assertEquals("c0 c1 c2", ids(first));
    // The cursor's own thing goes, one comes before it and one behind.
    s.delete("c2").ok();
    card(s, "c11", "{}");
    card(s, "c33", "{}");
    ObjectNode next = query(",'limit':100");
    next.set("cursor", first.json().get("cursor"));
    assertEquals("c3 c33 c4 c5", ids(s.call(next)));
  }

  @Test
  void aCursorBelongsToItsQuestion(Session s) {
    card(s, "a", "{'v':1,'w':1}");
    card(s, "b", "{'v':1,'w':1}");
    JsonNode cursor =
        s.call(query(",'where':{'v':1,'w':1},'orderBy':['v'],'limit':1")).ok().json().get("cursor");
    assertTrue(cursor.isTextual());
    // The same in other words, and with another page.
    ObjectNode same = query(",'where':{'w':1,'v':1},'orderBy':['v'],'select':[]");
    assertEquals("b", ids(s.call(same.<ObjectNode>set("cursor", cursor))));
    for (String other :
        List.of(
            ",'where':{'v':1},'orderBy':['v']",
            ",'where':{'v':1,'w':1},'orderBy':['-v']",
            ",'where':{'v':1,'w':1}")) {
      refused(s, query(other).<ObjectNode>set("cursor", cursor), "cursor");
    }
    ObjectNode otherType = query(",'where':{'v':1,'w':1},'orderBy':['v']").put("$type", "Other");
    refused(s, otherType.<ObjectNode>set("cursor", cursor), "cursor");
  }

  @Test
  void aPageEndsAtOneMebibyte(Session s) {
    String text = "é".repeat(150_000);
    for (int i = 0; i < 6; i++) {
      card(s, "c" + i, "{'text':'" + text + "','v':" + i + "}");
    }
    for (String order : List.of("", ",'orderBy':['v']")) {
      Reply page = s.call(query(order)).ok();
      assertEquals("c0 c1 c2 c3", ids(page));
      ObjectNode next = query(order);
      next.set("cursor", page.json().get("cursor"));
      assertEquals("c4 c5", ids(s.call(next)));
      assertEquals("c0 c1 c2 c3 c4 c5", ids(s, order + ",'select':['v']"));
    }
  }

  @Test
  void aLimitOfAThousandAndAHundredByDefault(Session s) {
    for (int batch = 0; batch < 2; batch++) {
      ObjectNode request = Session.json("{'type':'batch'}");
      ArrayNode operations = request.putArray("operations");
      for (int i = 0; i < 501; i++) {
        ObjectNode create = operations.addObject().put("type", "create").put("$type", "Card");
        create.putObject("data").put("$id", "c" + batch + "_" + i).put("n", i);
      }
      s.call(request).ack();
    }
    assertEquals(100, s.call(query("")).ok().json().path("things").size());
    assertEquals(1000, s.call(query(",'limit':1000")).ok().json().path("things").size());
    assertEquals(1002, s.call("{'type':'count','$type':'Card'}").ok().json().path("count").asInt());
  }

  @Test
  void selectShowsSomeFieldsAndTheSystemsOwn(Session s) {
    card(s, "a", "{'v':1,'w':{'x':[1]},'a.b':2,'z':null}");
    JsonNode thing =
        s.call(query(",'select':['w','a.b','none','v','v']")).ok().json().path("things").get(0);
    assertEquals(2, thing.path("a.b").asInt());
    assertEquals("{\"x\":[1]}", thing.path("w").toString());
    assertFalse(thing.has("z"));
    assertEquals(8, thing.size(), thing::toString);
    assertTrue(thing.has("$createdAt") && thing.has("$updatedAt") && thing.has("$version"));
    JsonNode bare = s.call(query(",'select':[]")).ok().json().path("things").get(0);
    assertEquals(5, bare.size(), bare::toString);
  }

  @Test
  void typesAreApart(Session s) {
    card(s, "a", "{}");
    s.create("b", "{}").ack();
    assertEquals("a", ids(s, ""));
    Reply none = s.call("{'type':'query','$type':'Nobody'}").ok();
    assertEquals("[]", none.json().path("things").toString());
    assertEquals(0, s.call("{'type':'count','$type':'Nobody'}").ok().json().path("count").asInt(1));
    s.delete("a").ok();
    assertEquals("", ids(s, ""));
  }

  @Test
  void atNamesTheState(Session s) {
    card(s, "a", "{}");
    String one = s.call(query("")).ok().json().path("at").textValue();
    String same = s.call("{'type':'count','$type':'Card'}").ok().json().path("at").textValue();
    assertEquals(one, same);
    card(s, "b", "{}");
    String other = s.call(query("")).ok().json().path("at").textValue();
    assertFalse(other.equals(one));
  }

  @Test
  void anAtOfThePresentNeedsNoArchive(Session s) {
    card(s, "a", "{}");
    Reply now = s.call(query("")).ok();
    ObjectNode request = query("");
    Reply again = s.call(request.<ObjectNode>set("at", now.json().get("at"))).ok();
    assertEquals("a", ids(again));
    assertEquals(now.json().get("at"), again.json().get("at"));
    assertEquals("a", ids(s, ",'at':{'seq':99}"));
    ObjectNode read = Session.json("{'type':'read','$ids':['a']}");
    assertFalse(
        s.call(read.<ObjectNode>set("at", now.json().get("at"))).ok().thing("a").isMissingNode());
    card(s, "b", "{}");
    // The store remembers nothing from before, and says so.
    s.call(request).error("UNAVAILABLE");
    s.call(query(",'at':1000")).error("UNAVAILABLE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'7-99'",
        "'1-9007199254740991'",
        "'now'",
        "''",
        "true",
        "null",
        "-1",
        "{'seq':1.5}"
      })
  void anAtThatIsNoMomentOfThisStore(String at, Session s) {
    card(s, "a", "{}");
    refused(s, query(",'at':" + at), "at");
    refused(s, Session.json("{'type':'read','$ids':['a'],'at':" + at + "}"), "at");
  }

  @Test
  void explainSaysHowItWasFound(Session s) {
    card(s, "a", "{'v':1}");
    card(s, "b", "{'v':2}");
    JsonNode page = s.call(query(",'where':{'v':2},'explain':true")).ok().json().path("explain");
    assertEquals("{\"index\":null,\"looked\":2,\"matched\":1}", page.toString());
    Reply count = s.call("{'type':'count','$type':'Card','where':{'v':2},'explain':true}").ok();
    assertEquals(page, count.json().path("explain"));
    assertFalse(s.call(query(",'explain':false")).ok().json().has("explain"));
  }

  private static void refused(Session s, ObjectNode request, String field) {
    Reply reply = s.call(request).error("VALIDATION_ERROR");
    assertEquals(field, reply.details().path("field").asText(), reply::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'where':[] | where",
        "'where':null | where",
        "'where':{'v':{'$gt':1,'x':2}} | where",
        "'where':{'v':{'$regex':'x'}} | where",
        "'where':{'$nor':[]} | where",
        "'where':{'$foo':1} | where",
        "'where':{'v':{'$in':1}} | where",
        "'where':{'v':{'$exists':1}} | where",
        "'where':{'v':{'$startsWith':1}} | where",
        "'where':{'v':{'$not':1}} | where",
        "'where':{'v':{'$not':{}}} | where",
        "'where':{'$and':{}} | where",
        "'where':{'$or':[1]} | where",
        "'where':{'$not':[]} | where",
        "'orderBy':'v' | orderBy",
        "'orderBy':[1] | orderBy",
        "'orderBy':['a','b','c','d','e'] | orderBy",
        "'orderBy':['$foo'] | orderBy",
        "'limit':0 | limit",
        "'limit':1001 | limit",
        "'limit':1.5 | limit",
        "'limit':'1' | limit",
        "'limit':null | limit",
        "'cursor':1 | cursor",
        "'cursor':'' | cursor",
        "'cursor':'{}' | cursor",
        "'select':'v' | select",
        "'select':[1] | select",
        "'explain':1 | explain"
      })
  void whatIsNoQueryIsRefusedByItsField(String member, String field, Session s) {
    refused(s, query("," + member), field);
    if (field.equals("where") || field.equals("explain")) {
      refused(s, query("," + member).put("type", "count"), field);
    }
  }

  @Test
  void unknownOperatorsAreNamed(Session s) {
    Reply reply = s.call(query(",'where':{'v':{'$regex':'x'}}")).error("VALIDATION_ERROR");
    assertTrue(reply.json().path("error").asText().contains("$regex"), reply::toString);
    reply = s.call(query(",'where':{'$where':'x'}")).error("VALIDATION_ERROR");
    assertTrue(reply.json().path("error").asText().contains("$where"), reply::toString);
  }

  @Test
  void theTypeIsAName(Session s) {
    refused(s, Session.json("{'type':'query'}"), "$type");
    refused(s, Session.json("{'type':'count','$type':''}"), "$type");
    refused(s, Session.json("{'type':'count','$type':7}"), "$type");
  }

  @Test
  void aWhereHasAtMost64KeysAndOperators(Session s) {
    card(s, "a", "{}");
    ObjectNode request = query(",'where':{}");
    ObjectNode where = (ObjectNode) request.get("where");
    for (int i = 0; i < 32; i++) {
      where.putObject("f" + i).put("$ne", 1);
    }
    assertEquals("a", ids(s.call(request)));
    // Keys inside literals do not count.
    ObjectNode literal = where.putObject("f31").putObject("$ne");
    for (int i = 0; i < 100; i++) {
      literal.put("k" + i, i);
    }
    assertEquals("a", ids(s.call(request)));
    where.put("more", 1);
    refused(s, request, "where");
  }

  @Test
  void aWhereHasAtMost8Levels(Session s) {
    card(s, "a", "{}");
    String deep = "{'v':1}";
    for (int i = 0; i < 7; i++) {
      deep = "{'$not':" + deep + "}";
    }
    s.call(query(",'where':" + deep)).ok();
    refused(s, query(",'where':{'$not':" + deep + "}"), "where");
    String operators = "{'$eq':1}";
    for (int i = 0; i < 6; i++) {
      operators = "{'$not':" + operators + "}";
    }
    s.call(query(",'where':{'v':" + operators + "}")).ok();
    refused(s, query(",'where':{'v':{'$not':" + operators + "}}"), "where");
  }

  @Test
  void aListHasAtMostAThousandLiterals(Session s) {
    card(s, "a", "{'v':999}");
    ObjectNode request = query(",'where':{'v':{'$in':[]}}");
    ArrayNode list = (ArrayNode) request.at("/where/v/$in");
    for (int i = 0; i < 1000; i++) {
      list.add(i);
    }
    assertEquals("a", ids(s.call(request)));
    list.add("one more");
    refused(s, request, "where");
  }

  @Test
  void batchesHaveNone(Session s) {
    Reply batch =
        s.call(
                "{'type':'batch','operations':[{'type':'query','$type':'Card'},"
                    + "{'type':'count','$type':'Card'}]}")
            .ack();
    batch.result(0).error("UNKNOWN_TYPE");
    batch.result(1).error("UNKNOWN_TYPE");
  }

  @Test
  void whatHasNoNumberInJsonIsNullToBoth(Session s) {
    s.raw(
            "{\"id\":\"raw\",\"type\":\"create\",\"$type\":\"Card\","
                + "\"data\":{\"$id\":\"a\",\"v\":1e999}}")
        .ack();
    card(s, "b", "{'v':-0.0}");
    matching(s, "{'v':null}", "a");
    matching(s, "{'v':0}", "b");
    matching(s, "{'v':{'$in':[0]}}", "b");
    assertEquals("a b", ids(s, ",'orderBy':['v']"));
  }
}
