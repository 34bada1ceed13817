package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What updates, puts and checks do to things and to events, and what they are refused for. */
final class WritingTest {
  private final TestStore store = new TestStore();

  @BeforeEach
  void start() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "{'n':1,'s':'x','list':[1,2],'deep':{'x':{'y':1}}}");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id, String fields) {
    String data = fields.equals("{}") ? "" : "," + fields.substring(1, fields.length() - 1);
    ack("{'type':'create','id':1,'$type':'T','data':{'$id':'" + id + "'" + data + "}}");
  }

  private JsonObject ack(String message) {
    JsonObject reply = store.ask(message);
    assertEquals("ack", reply.string("status"), store.print(reply));
    return reply;
  }

  private JsonObject update(String parts) {
    return ack("{'type':'update','id':1,'$id':'a'," + parts + "}");
  }

  /** Code and details of the refusal of an update. */
  private String refused(String parts) {
    return refusal("{'type':'update','id':1,'$id':'a'," + parts + "}");
  }

  private String refusal(String message) {
    JsonObject reply = store.ask(message);
    assertEquals("error", reply.string("status"), store.print(reply));
    String details =
        reply.kind("details").name().equals("OBJECT")
            ? " " + store.print(reply.object("details"))
            : "";
    return reply.string("code") + details.replace('"', '\'');
  }

  /** A thing's own fields. */
  private String fields(String id) {
    JsonObject thing = store.read(id);
    thing.removeSystemFields();
    return store.print(thing).replace('"', '\'');
  }

  /** The payload of the last event, without its times. */
  private String payload() {
    JsonObject record = store.pipeline.stored().get(store.pipeline.stored().size() - 1);
    JsonObject payload = store.json.object().setAll(record.object("payload"));
    payload.remove("$updatedAt");
    payload.remove("$createdAt");
    return record.string("verb") + " " + store.print(payload).replace('"', '\'');
  }

  @Test
  void fieldsAreUnsetAndTheEventNamesThem() {
    assertEquals(2, update("'unset':['n','absent','list']").number("$version"));
    assertEquals("{'s':'x','deep':{'x':{'y':1}}}", fields("a"));
    assertEquals("thing.updated {'$id':'a','$unset':['n','list'],'$version':2}", payload());
  }

  @Test
  void incrementsAddAndCountWhatIsMissingAsZero() {
    update("'increment':{'n':2.5,'fresh':-1}");
    update("'increment':{'n':-4}");
    assertEquals("{'n':-0.5,'s':'x','list':[1,2],'deep':{'x':{'y':1}},'fresh':-1}", fields("a"));
    assertEquals("thing.updated {'$id':'a','n':-0.5,'$version':3}", payload());
  }

  @Test
  void aSumThatIsNoneIsRefusedAndChangesNothing() {
    assertEquals("VALIDATION_ERROR {'field':'s'}", refused("'increment':{'n':1,'s':1}"));
    update("'data':{'n':1.7e308}");
    assertEquals("VALIDATION_ERROR {'field':'n'}", refused("'increment':{'n':1.7e308}"));
    assertEquals("VALIDATION_ERROR {'field':'n'}", refused("'increment':{'n':'1'}"));
    assertEquals(2, store.read("a").number("$version"));
    assertEquals(2, store.stats().number("appliedSeq"));
  }

  @Test
  void thePartsAreDoneInTheirOrderAsOneChange() {
    update(
        "'patch':[{'op':'add','path':'/n','value':9},{'op':'test','path':'/c','value':3}],"
            + "'increment':{'c':2,'n':5},'unset':['n','s'],'data':{'c':1,'n':7,'s':'y'}");
    assertEquals("{'n':9,'list':[1,2],'deep':{'x':{'y':1}},'c':3}", fields("a"));
    assertEquals("thing.updated {'$id':'a','c':3,'n':9,'$unset':['s'],'$version':2}", payload());
    assertEquals(2, store.stats().number("appliedSeq"));
  }

  @Test
  void aPatchChangesWhatItNamesAndTheEventHasTheWholeField() {
    update(
        "'patch':[{'op':'replace','path':'/deep/x/y','value':[1]},"
            + "{'op':'add','path':'/list/-','value':3},{'op':'remove','path':'/list/0'},"
            + "{'op':'copy','from':'/deep','path':'/deep/x/again'},"
            + "{'op':'move','from':'/s','path':'/t'}]");
    assertEquals(
        "{'n':1,'list':[2,3],'deep':{'x':{'y':[1],'again':{'x':{'y':[1]}}}},'t':'x'}", fields("a"));
    assertEquals(
        "thing.updated {'$id':'a','deep':{'x':{'y':[1],'again':{'x':{'y':[1]}}}},'list':[2,3],"
            + "'t':'x','$unset':['s'],'$version':2}",
        payload());
  }

  @Test
  void aCopyOfTheWholeIsNotTheWholeItself() {
    update("'patch':[{'op':'copy','from':'','path':'/n'},{'op':'remove','path':'/n/list'}]");
    assertEquals(
        "{'n':{'n':1,'s':'x','deep':{'x':{'y':1}}},'s':'x','list':[1,2],'deep':{'x':{'y':1}}}",
        fields("a"));
  }

  @Test
  void whatAPatchFailsOfIsNamedByItsIndex() {
    String ok = "'patch':[{'op':'add','path':'/m','value':1},";
    assertEquals("CONFLICT {'index':1}", refused(ok + "{'op':'test','path':'/n','value':2}]"));
    assertEquals("CONFLICT {'index':1}", refused(ok + "{'op':'test','path':'/no','value':2}]"));
    for (String wrong :
        new String[] {
          "{'op':'remove','path':'/absent'}",
          "{'op':'replace','path':'/absent','value':1}",
          "{'op':'add','path':'/absent/x','value':1}",
          "{'op':'add','path':'/list/3','value':1}",
          "{'op':'add','path':'/list/01','value':1}",
          "{'op':'add','path':'/s/x','value':1}",
          "{'op':'remove','path':'/list/-'}",
          "{'op':'move','from':'/deep','path':'/deep/x'}",
          "{'op':'copy','from':'/absent','path':'/x'}",
          "{'op':'add','path':'/$version','value':1}",
          "{'op':'test','path':'/$id','value':'a'}",
          "{'op':'copy','from':'/$x','path':'/x'}",
          "{'op':'add','path':'x','value':1}",
          "{'op':'add','path':'/~2','value':1}",
          "{'op':'add','path':'/x'}",
          "{'op':'move','path':'/x'}",
          "{'op':'spam','path':'/x','value':1}",
          "{'path':'/x','value':1}",
          "{'op':'remove','path':''}",
          "{'op':'replace','path':'','value':1}",
          "{'op':'replace','path':'','value':{'$x':1}}",
          "{'op':'copy','from':'/list','path':''}",
          "7"
        }) {
      assertEquals("VALIDATION_ERROR {'index':1}", refused(ok + wrong + "]"), wrong);
    }
    assertEquals(1, store.read("a").number("$version"));
  }

  @Test
  void malformedPartsAreRefusedByTheirNames() {
    assertEquals("VALIDATION_ERROR {'field':'data'}", refused("'return':true"));
    assertEquals("VALIDATION_ERROR {'field':'data'}", refused("'data':null,'unset':['n']"));
    assertEquals("VALIDATION_ERROR {'field':'unset'}", refused("'unset':'n'"));
    assertEquals("VALIDATION_ERROR {'field':'unset'}", refused("'unset':['n',1]"));
    assertEquals("VALIDATION_ERROR {'field':'increment'}", refused("'increment':[1]"));
    assertEquals("VALIDATION_ERROR {'field':'patch'}", refused("'patch':{}"));
    assertEquals("VALIDATION_ERROR {'field':'return'}", refused("'data':{},'return':1"));
    assertEquals("VALIDATION_ERROR {'field':'$x'}", refused("'data':{'$x':1}"));
    assertEquals("VALIDATION_ERROR {'field':'$x'}", refused("'unset':['$x']"));
    assertEquals("VALIDATION_ERROR {'field':'$x'}", refused("'increment':{'$x':1}"));
    update("'data':{'$version':9,'$expiresAt':1}");
    assertEquals(2, store.read("a").number("$version"));
  }

  @Test
  void aPutReplacesAllOwnFields() {
    ack("{'type':'put','id':1,'$type':'T','$id':'a','data':{'n':1,'s':'y','$version':7}}");
    assertEquals("{'n':1,'s':'y'}", fields("a"));
    assertEquals(2, store.read("a").number("$version"));
    assertEquals(
        "thing.updated {'$id':'a','s':'y','$unset':['list','deep'],'$version':2}", payload());
    assertEquals(1, ack(put("b", "{'x':1}", "")).number("$version"));
    assertTrue(payload().startsWith("thing.created {'$id':'b'"), payload());
  }

  private static String put(String id, String data, String more) {
    return "{'type':'put','id':1,'$type':'T','$id':'" + id + "','data':" + data + more + "}";
  }

  @Test
  void aPutMeetsTheVersionItNames() {
    assertEquals("CONFLICT {'version':1}", refusal(put("a", "{}", ",'ifVersion':0")));
    assertEquals("CONFLICT {'version':1}", refusal(put("a", "{}", ",'ifVersion':2")));
    assertEquals("CONFLICT {'version':0}", refusal(put("b", "{}", ",'ifVersion':1")));
    assertEquals(
        "CONFLICT {'version':1}",
        refusal("{'type':'put','id':1,'$type':'Other','$id':'a','data':{}}"));
    assertEquals(
        "VALIDATION_ERROR {'field':'ifVersion'}", refusal(put("a", "{}", ",'ifVersion':-1")));
    ack(put("b", "{}", ",'ifVersion':0"));
    ack(put("b", "{'n':2}", ",'ifVersion':1"));
    assertEquals("{'n':2}", fields("b"));
  }

  @Test
  void aCheckHoldsOrConflictsAndIsNoWrite() {
    String check = "{'type':'check','id':1,'$id':'%s','ifVersion':%d}";
    assertEquals("{\"id\":1,\"status\":\"ok\"}", store.print(store.ask(check.formatted("a", 1))));
    assertEquals("ok", store.ask(check.formatted("b", 0)).string("status"));
    assertEquals("CONFLICT {'version':1}", refusal(check.formatted("a", 0)));
    assertEquals("CONFLICT {'version':1}", refusal(check.formatted("a", 2)));
    assertEquals("CONFLICT {'version':0}", refusal(check.formatted("b", 2)));
    assertEquals(
        "VALIDATION_ERROR {'field':'ifVersion'}", refusal("{'type':'check','id':1,'$id':'a'}"));
    assertEquals(1, store.stats().number("appliedSeq"));
  }

  @Test
  void aCheckThatFailsUndoesItsBatch() {
    String batch =
        "{'type':'batch','id':1,'atomic':true,'operations':["
            + "{'type':'update','$id':'a','increment':{'n':1}},"
            + "{'type':'put','$type':'T','$id':'b','data':{}},"
            + "{'type':'check','$id':'c','ifVersion':%d}]}";
    assertEquals(
        "BATCH_FAILED {'index':2,'code':'CONFLICT','error':'expected c to have version 1, there is"
            + " no such thing'}",
        refusal(batch.formatted(1)));
    assertNull(store.read("b"));
    assertEquals(1, store.read("a").number("n"));
    ack(batch.formatted(0));
    assertEquals(2, store.read("a").number("n"));
  }

  @Test
  void aWriteReturnsTheThing() {
    JsonObject reply = update("'increment':{'n':1},'unset':['deep','list'],'return':true");
    assertEquals(2, reply.number("$version"));
    assertEquals(store.print(store.read("a")), store.print(reply.object("thing")));
    reply = ack(put("b", "{'x':1}", ",'return':true"));
    assertEquals(1, reply.object("thing").number("x"));
    reply = ack("{'type':'create','id':1,'$type':'T','data':{'$id':'c'},'return':true}");
    assertEquals("c", reply.object("thing").string("$id"));
    reply = ack("{'type':'create','id':1,'$type':'T','data':{'$id':'d'},'return':false}");
    assertEquals("ABSENT", reply.kind("thing").name());
  }

  @Test
  void whatHasNoRoomInAReplyIsTruncated() {
    create("large", "{'x':'" + "x".repeat(700_000) + "'}");
    String update = "{'type':'update','$id':'large','increment':{'n':1},'return':true}";
    JsonObject reply = ack("{'type':'batch','id':1,'operations':[" + update + "," + update + "]}");
    assertEquals(700_000, reply.array("results").object(0).object("thing").string("x").length());
    JsonObject second = reply.array("results").object(1);
    assertEquals("{\"$id\":\"large\",\"$version\":3,\"truncated\":true}", store.print(second));
  }

  @Test
  void limitsHoldAfterEveryOperation() {
    create("large", "{'x':'" + "x".repeat(600_000) + "'}");
    String more = "'" + "y".repeat(500_000) + "'";
    String large = "{'type':'update','id':1,'$id':'large',";
    assertEquals("PAYLOAD_TOO_LARGE", refusal(large + "'data':{'y':" + more + "},'unset':['x']}"));
    assertEquals(
        "PAYLOAD_TOO_LARGE {'index':1}",
        refusal(
            large
                + "'patch':[{'op':'add','path':'/n','value':1},{'op':'add','path':'/y','value':"
                + more
                + "},{'op':'remove','path':'/x'}]}"));
    assertEquals(
        "PAYLOAD_TOO_LARGE {'index':0}",
        refusal(large + "'patch':[{'op':'copy','path':'/y','from':'/x'}]}"));
    ack(
        large
            + "'patch':[{'op':'remove','path':'/x'},{'op':'add','path':'/y','value':"
            + more
            + "}]}");
    StringBuilder doubling = new StringBuilder("'patch':[");
    for (int i = 0; i < 40; i++) {
      doubling.append("{'op':'copy','from':'','path':'/d").append(i).append("'},");
    }
    assertTrue(
        refused(doubling + "{'op':'remove','path':'/d0'}]")
            .startsWith("PAYLOAD_TOO_LARGE {'index"));
  }

  @Test
  void aPatchNestsAsDeepAsAThingMayAndNoDeeper() {
    String value = "[".repeat(63) + "]".repeat(63);
    String patch = "'patch':[{'op':'add','path':'/v','value':%s}]";
    update(patch.formatted(value));
    assertEquals("VALIDATION_ERROR {'index':0}", refused(patch.formatted("[" + value + "]")));
    assertEquals(
        "VALIDATION_ERROR {'index':1}",
        refused(
            "'patch':[{'op':'add','path':'/n','value':1},"
                + ("{'op':'add','path':'/v','value':" + "[".repeat(70) + "]".repeat(70) + "}]")));
    assertEquals(
        "VALIDATION_ERROR {'index':0}",
        refused("'patch':[{'op':'copy','from':'/v','path':'/deep/z'}]"));
    assertEquals(
        "VALIDATION_ERROR {'index':0}",
        refused("'patch':[{'op':'add','path':'/deep/z','value':" + value + "}]"));
  }

  @Test
  void fieldsOfBeforeWhoseNamesBeginWithADollarStay() {
    try (TestStore other = new TestStore()) {
      Origin origin = new Origin("test", "writer", other.time, other.json);
      Life life = new Life(Life.LEAST_DRAWN, 1, 0, 1, List.of(), true, Life.Emptied.NEVER);
      JsonObject old = other.json.parse("{\"$old\":1,\"$unset\":2,\"n\":1}");
      Thing thing = Thing.created("a", "T", Fields.of(old), 1, 1, 40);
      Completion sent =
          new Completion() {
            @Override
            public void succeeded() {}

            @Override
            public void failed(String error) {
              throw new AssertionError(error);
            }
          };
      other.withArchive().with("DURABILITY", "pipeline");
      other.pipeline.send(
          List.of(Event.fence(origin, life), Event.created(origin, thing, life, false)), sent);
      other.start();
      other.time.advance(10_000);
      other.ask("{'type':'update','id':1,'$id':'a','increment':{'n':1},'unset':['x']}");
      JsonObject read = other.read("a");
      assertEquals(2, read.number("$version"));
      assertEquals(1, read.number("$old"));
      assertEquals(2, read.number("$unset"));
      other.post("checkpoint");
      other.restart();
      assertEquals(other.print(read), other.print(other.read("a")));
      rebuild(other);
      assertEquals(other.print(read), other.print(other.read("a")));
      other.ask("{'type':'put','id':1,'$type':'T','$id':'a','data':{'n':1}}");
      rebuild(other);
      assertEquals("ABSENT", other.read("a").kind("$old").name());
    }
  }

  @Test
  void everyFormComesBackFromTheEventLogAndTheArchive() {
    for (String durability : new String[] {"local", "pipeline"}) {
      try (TestStore other = new TestStore()) {
        other.withArchive().with("DURABILITY", durability).with("GROUP_COMMIT_MS", "0").start();
        other.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a','n':1,'s':'x','t':1}}");
        other.ask("{'type':'update','id':1,'$id':'a','unset':['s'],'increment':{'n':4}}");
        other.ask("{'type':'put','id':1,'$type':'T','$id':'a','data':{'n':5,'u':[{'x':1}]}}");
        other.ask(
            "{'type':'update','id':1,'$id':'a','patch':[{'op':'add','path':'/u/0/y','value':2}]}");
        String before = other.print(other.read("a"));
        other.restart();
        other.time.advance(10_000);
        assertEquals(before, other.print(other.read("a")), durability);
        rebuild(other);
        assertEquals(before, other.print(other.read("a")), durability);
        JsonObject past =
            other.ask("{'type':'read','id':1,'$ids':['a'],'at':{'seq':2}}").object("things");
        assertEquals(5, past.object("a").number("n"));
        assertEquals("ABSENT", past.object("a").kind("s").name());
      }
    }
  }

  private static void rebuild(TestStore store) {
    String[] answer = {"none"};
    store
        .store()
        .onRequest(
            Route.parse("POST", "/stores/test/rebuild", false),
            (status, type, body) -> answer[0] = status + " " + body);
    store.time.advance(10_000);
    assertTrue(answer[0].startsWith("200 "), answer[0]);
  }

  @Test
  void aWriteThatIsUndoneLeavesTheThingAsItWas() {
    try (TestStore other = new TestStore()) {
      other.with("DURABILITY", "local").with("GROUP_COMMIT_MS", "100").start();
      other.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a','n':1,'s':'x'}}");
      String before = other.print(other.read("a"));
      other.send("{'type':'update','id':2,'$id':'a','unset':['s'],'increment':{'n':4}}");
      other.sql.setFailing(true);
      other.time.advance(1_000);
      other.sql.setFailing(false);
      assertEquals(before, other.print(other.read("a")));
    }
  }
}
