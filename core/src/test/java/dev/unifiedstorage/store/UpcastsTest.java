package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.feed.FeedListener;
import dev.unifiedstorage.fixture.FakeHttp;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.fixture.ToldListener;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Upcaster;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Things of before in today's form. */
final class UpcastsTest {
  private final TestStore store = new TestStore();

  /** From `name` to `title`, and then from points as text to points as a number. */
  private final Upcaster cards =
      (type, form, text) -> {
        JsonObject fields = store.json.parse(text);
        if (form == 0) {
          fields.copy("title", store.json.object().set("title", fields.string("name")));
          fields.remove("name");
        } else {
          fields.set("points", Double.parseDouble(fields.string("points")));
        }
        return store.print(fields);
      };

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id, String name, int points) {
    store.ask(
        "{'type':'create','id':1,'$type':'Card','data':{'$id':'"
            + id
            + "','name':'"
            + name
            + "','points':'"
            + points
            + "'}}");
  }

  /** Two cards of before, and then a program that knows two more forms. */
  private void deployed() {
    store.start();
    create("a", "Alice", 3);
    create("b", "Bob", 20);
    today();
  }

  private void today() {
    store.upcaster = cards;
    store.with("UPCASTERS", "{\"Card\":2}").restart();
  }

  /** A program that knows nothing of forms, over what today's one has left. */
  private void withoutUpcasters() {
    store.upcaster = null;
    store.with("UPCASTERS", "").restart();
  }

  private void assertCard(String title, double points, JsonObject card) {
    assertEquals(title, card.string("title"), () -> store.print(card));
    assertEquals(points, card.number("points"));
    assertEquals(2, card.number("$form"));
    assertNull(card.string("name"));
  }

  private List<String> ids(JsonObject reply) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < reply.array("things").size(); i++) {
      ids.add(reply.array("things").object(i).string("$id"));
    }
    return ids;
  }

  @ParameterizedTest
  @ValueSource(strings = {"columnar", "packed", "normalized", "evicted", "events"})
  void readsShowThingsOfBeforeInTodaysForm(String where) {
    if (!where.equals("columnar") && !where.equals("events")) {
      store.with("COLUMNAR_THRESHOLD", "0");
      store.with("LARGE_COLLECTIONS", where.equals("normalized") ? where : "packed");
    }
    if (where.equals("evicted")) {
      store.with("MAX_ENTRIES", "1");
    }
    store.start();
    create("a", "Alice", 3);
    create("b", "Bob", 20);
    if (!where.equals("events")) {
      store.checkpoint();
    }
    today();
    assertCard("Alice", 3, store.read("a"));
    assertCard("Bob", 20, store.read("b"));
    assertEquals(1, store.read("a").number("$version"));
    double rows = store.stats().number("rowsWritten");
    assertCard("Alice", 3, store.read("a"));
    assertEquals(rows, store.stats().number("rowsWritten"), "a view writes nothing");
  }

  @Test
  void anUpdateWritesTheThingWholeSoThatNobodyNeedsTheUpcasterForIt() {
    store.withArchive().with("DURABILITY", "pipeline");
    deployed();
    store.ask("{'type':'update','id':1,'$id':'a','data':{'done':true}}");
    store.ask("{'type':'update','id':1,'$id':'a','increment':{'points':2}}");
    JsonObject first = record("a", 2);
    assertEquals("Alice", first.object("payload").string("title"));
    assertEquals(2, first.object("payload").number("$form"));
    assertEquals("[\"name\"]", text(first.object("payload"), "$unset"));
    JsonObject second = record("a", 3);
    assertFalse(second.object("payload").keys().contains("title"), "what changed alone");
    JsonObject before = store.read("a");
    assertCard("Alice", 5, before);

    withoutUpcasters();
    assertEquals(store.print(before), store.print(store.read("a")));
    assertEquals("Bob", store.read("b").string("name"));
    store.post("rebuild");
    store.time.advance(60_000);
    assertEquals(store.print(before), store.print(store.read("a")));
    assertEquals("Bob", store.read("b").string("name"));
  }

  private JsonObject record(String id, int version) {
    for (JsonObject record : store.pipeline.stored()) {
      if (id.equals(record.string("entityId")) && record.number("version") == version) {
        return record;
      }
    }
    throw new AssertionError("no version " + version + " of " + id);
  }

  private String text(JsonObject of, String member) {
    String all =
        store.print(
            store.json.object().copy("it", store.json.object().set("it", of.value(member))));
    return all.substring("{\"it\":".length(), all.length() - 1);
  }

  @Test
  void updatesSurviveACrashAndACheckpoint() {
    deployed();
    store.ask("{'type':'update','id':1,'$id':'a','unset':['points']}");
    store.restart();
    assertEquals("Alice", store.read("a").string("title"));
    assertFalse(store.read("a").keys().contains("points"));
    store.checkpoint();
    withoutUpcasters();
    assertEquals("Alice", store.read("a").string("title"));
    assertEquals(2, store.read("a").number("$form"));
  }

  @Test
  void newThingsHaveTodaysFormAndNoClientChoosesIt() {
    today();
    store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'a','title':'A','$form':9}}");
    store.ask("{'type':'put','id':1,'$type':'Card','$id':'b','data':{'title':'B','$form':1}}");
    store.ask("{'type':'put','id':1,'$type':'Card','$id':'b','data':{'title':'BB'}}");
    store.ask("{'type':'update','id':1,'$id':'a','data':{'$form':1,'n':1}}");
    assertEquals(2, store.read("a").number("$form"));
    assertEquals(2, store.read("b").number("$form"));
    assertEquals("BB", store.read("b").string("title"));
    store.ask("{'type':'create','id':1,'$type':'Other','data':{'$id':'o','$form':1}}");
    assertFalse(store.read("o").keys().contains("$form"));
    JsonObject refused = store.ask("{'type':'update','id':1,'$id':'a','unset':['$form']}");
    assertEquals("VALIDATION_ERROR", refused.string("code"));
    String patch = "'patch':[{'op':'remove','path':'/$form'}]";
    refused = store.ask("{'type':'update','id':1,'$id':'a'," + patch + "}");
    assertEquals("VALIDATION_ERROR", refused.string("code"));
  }

  /** A patch of the whole took the form away, and the thing was upcast once more. */
  @Test
  void aPatchOfAllFieldsLeavesTheFormAndDoesNotSeeIt() {
    deployed();
    JsonObject done = patch("{'op':'replace','path':'','value':{'title':'New','points':1}}");
    assertEquals("ack", done.string("status"), () -> store.print(done));
    assertCard("New", 1, store.read("a"));
    JsonObject same = patch("{'op':'test','path':'','value':{'title':'New','points':1}}");
    assertEquals("ack", same.string("status"), () -> store.print(same));
    patch("{'op':'copy','from':'','path':'/before'}");
    JsonObject before = store.read("a").object("before");
    assertEquals(List.of("points", "title"), before.keys().stream().sorted().toList());
    assertCard("New", 1, store.read("a"));
    withoutUpcasters();
    assertCard("New", 1, store.read("a"));
    patch("{'op':'add','path':'','value':{'title':'Old','points':2}}");
    today();
    assertCard("Old", 2, store.read("a"));
  }

  private JsonObject patch(String step) {
    return store.ask("{'type':'update','id':1,'$id':'a','patch':[" + step + "]}");
  }

  /** What its form adds to a thing is not the client's doing. */
  @Test
  void aFullStoreRefusesNoUpdateThatAddsNothingToWhatIsShown() {
    store.start();
    create("a", "Alice", 3);
    create("b", "Bob", 20);
    store.with("MAX_STORE_BYTES", "1");
    today();
    JsonObject same = store.ask("{'type':'update','id':1,'$id':'a','data':{'points':4}}");
    assertEquals("ack", same.string("status"), () -> store.print(same));
    JsonObject grown = store.ask("{'type':'update','id':1,'$id':'b','data':{'points':4,'n':1}}");
    assertEquals("QUOTA_EXCEEDED", grown.string("code"));
  }

  /** A client that was told to try again would have done so without end. */
  @Test
  void whatIsShownIsTooMuchForAnyReplyInAFrameToo() {
    store.start();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      create("c" + i, "name", i);
      ids.add("'c" + i + "'");
    }
    store.upcaster = (type, form, text) -> "{\"title\":\"" + "x".repeat(1_000_000) + "\"}";
    store.with("UPCASTERS", "{\"Card\":1}").restart();
    store.replies.clear();
    store.send(
        "[{'type':'read','id':1,'$ids':['c0']},{'type':'read','id':2,'$ids':["
            + String.join(",", ids)
            + "]}]");
    assertEquals("ok", store.replies.get(0).string("status"));
    assertEquals("PAYLOAD_TOO_LARGE", store.replies.get(1).string("code"));
  }

  @Test
  void aPutNeedsNoUpcaster() {
    deployed();
    store.upcaster = null;
    store.restart();
    store.ask("{'type':'put','id':1,'$type':'Card','$id':'a','data':{'title':'New','points':1}}");
    assertCard("New", 1, store.read("a"));
    withoutUpcasters();
    assertCard("New", 1, store.read("a"));
  }

  @Test
  void queriesAndIndexesSeeTodaysForm() {
    store.with("INDEXES", "{\"Card\":[[\"points\"],[\"title\"]]}");
    deployed();
    String byPoints = "{'type':'query','id':1,'$type':'Card','where':{'points':{'$gt':10}}}";
    assertEquals(List.of("b"), ids(store.ask(byPoints)));
    String inOrder = "{'type':'query','id':1,'$type':'Card','orderBy':['points']}";
    assertEquals(List.of("a", "b"), ids(store.ask(inOrder)));
    assertCard("Alice", 3, store.ask(inOrder).array("things").object(0));
    String old = "{'type':'count','id':1,'$type':'Card','where':{'name':{'$exists':true}}}";
    assertEquals(0, store.ask(old).number("count"));
    store.ask("{'type':'update','id':1,'$id':'a','data':{'points':30}}");
    assertEquals(List.of("b", "a"), ids(store.ask(inOrder)));
    store.ask("{'type':'delete','id':1,'$id':'b'}");
    assertEquals(List.of("a"), ids(store.ask(byPoints)));
    store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'c','title':'C','points':1}}");
    assertEquals(List.of("c", "a"), ids(store.ask(inOrder)));
  }

  /** It was the one that a selection left out, and that no query could ask for. */
  @Test
  void theFormIsASystemFieldOfQueriesToo() {
    deployed();
    String all = "{'type':'query','id':1,'$type':'Card',";
    assertCard(
        "Alice", 3, store.ask(all + "'select':['title','points']}").array("things").object(0));
    JsonObject sorted = store.ask(all + "'orderBy':['points'],'select':['title','points']}");
    assertCard("Alice", 3, sorted.array("things").object(0));
    store.ask("{'type':'create','id':1,'$type':'Other','data':{'$id':'o'}}");
    JsonObject none = store.ask("{'type':'query','id':1,'$type':'Other','select':['n']}");
    assertFalse(none.array("things").object(0).keys().contains("$form"));

    // Those that their upcaster throws over are found by it.
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':1}}");
    store.upcaster = null;
    for (String indexes : List.of("", "{\"Card\":[[\"$form\"]]}")) {
      store.with("INDEXES", indexes).restart();
      JsonObject found = store.ask(all + "'where':{'$form':{'$exists':false}}}");
      assertEquals(List.of("b"), ids(found), () -> store.print(found));
      assertEquals(List.of("a"), ids(store.ask(all + "'where':{'$form':2}}")));
      assertEquals(List.of("b", "a"), ids(store.ask(all + "'orderBy':['$form']}")));
    }
  }

  /** The version is the same, and a client has kept what it looked like. */
  @Test
  void theTagOfAThingIsAnotherInAnotherForm() {
    store.start();
    create("a", "Alice", 3);
    String before = tag();
    today();
    assertTrue(!before.equals(tag()), before);
    assertEquals(tag(), tag());
  }

  private String tag() {
    String[] tag = new String[1];
    store
        .store()
        .onRequest(
            HttpRequest.of(Route.parse("GET", "/stores/test/things/a", false)),
            new HttpReply() {
              @Override
              public void send(int status, String type, String body) {}

              @Override
              public void send(int status, String type, List<String> headers, String body) {
                tag[0] = headers.get(headers.indexOf("etag") + 1);
              }

              @Override
              public void stream(int status, String type, HttpBody body) {}
            });
    return tag[0];
  }

  /** An index did not find what it had, in the middle of a write, and in undoing it again. */
  @Test
  void anUpcasterThatIsNotPureBreaksNoWrite() {
    store.with("INDEXES", "{\"Card\":[[\"points\"],[\"title\"]]}");
    store.start();
    for (int i = 0; i < 5; i++) {
      create("c" + i, "name", i);
    }
    int[] asked = {0};
    store.upcaster =
        (type, form, text) ->
            "{\"title\":\"" + ++asked[0] % 7 + "\",\"points\":" + 100 * asked[0] + "}";
    store.with("UPCASTERS", "{\"Card\":1}").restart();
    String inOrder = "{'type':'query','id':1,'$type':'Card','orderBy':['points']}";
    assertEquals(5, ids(store.ask(inOrder)).size());
    assertEquals(
        "ack",
        store.ask("{'type':'update','id':1,'$id':'c0','data':{'points':1}}").string("status"));
    assertEquals("ok", store.ask("{'type':'delete','id':1,'$id':'c1'}").string("status"));
    JsonObject failed =
        store.ask(
            "{'type':'batch','id':1,'atomic':true,'operations':["
                + "{'type':'update','$id':'c2','data':{'points':2}},"
                + "{'type':'update','$id':'none','data':{}}]}");
    assertEquals("BATCH_FAILED", failed.string("code"));
    assertEquals(1, store.read("c2").number("$version"));
    assertEquals(Set.of("c0", "c2", "c3", "c4"), new TreeSet<>(ids(store.ask(inOrder))));
    long said = store.log.stream().filter(line -> line.contains("has to be pure")).count();
    assertEquals(1, said, store.log.toString());
  }

  @Test
  void subscriptionsAreToldOfTodaysForm() {
    deployed();
    List<String> told = new ArrayList<>();
    FeedListener listener =
        new ToldListener(
            told,
            change ->
                change.id() + " " + change.thing().fields().object(store.json).string("title"));
    store
        .store()
        .subscribe(
            store.json.parse("{\"$type\":\"Card\",\"where\":{\"points\":{\"$lt\":10}}}"), listener);
    store.time.advance(1_000);
    assertEquals(List.of("a Alice"), told);
    store.ask("{'type':'update','id':1,'$id':'b','data':{'points':4}}");
    store.time.advance(1_000);
    assertEquals(List.of("a Alice", "b Bob"), told);
    assertCard("Alice", 3, store.read("a"));
    assertEquals("Bob", store.store().get("b").fields().object(store.json).string("title"));
  }

  @Test
  void thePastIsShownInTodaysForm() {
    store.withArchive().with("DURABILITY", "pipeline");
    store.start();
    create("a", "Alice", 3);
    store.ask("{'type':'update','id':1,'$id':'a','data':{'name':'Al'}}");
    today();
    store.ask("{'type':'update','id':1,'$id':'a','data':{'title':'Alex'}}");
    store.time.advance(60_000);
    assertCard("Alice", 3, store.readAt("a", 1).object("things").object("a"));
    assertCard("Al", 3, store.readAt("a", 2).object("things").object("a"));
    assertCard("Alex", 3, store.readAt("a", 3).object("things").object("a"));
    String where = "'where':{'title':'Al'},'at':{'seq':2}";
    assertEquals(
        List.of("a"), ids(store.ask("{'type':'query','id':1,'$type':'Card'," + where + "}")));
    String history = store.get("history/a");
    assertTrue(history.contains("\"title\":\"Alice\""), history);
    assertFalse(history.contains("\"name\""), history);
  }

  /** A restore brings back what was written, in the form it was written in. */
  @Test
  void aRestoreOverTodaysFormNeedsNoUpcasterAfterwards() {
    store.withArchive().with("DURABILITY", "pipeline");
    deployed();
    store.ask("{'type':'update','id':1,'$id':'a','data':{'title':'Alex'}}");
    store.time.advance(60_000);
    assertTrue(store.restoreTo("{'seq':2}").startsWith("200"));
    store.time.advance(1_000);
    assertCard("Alice", 3, store.read("a"));
    withoutUpcasters();
    assertEquals("Alice", store.read("a").string("name"));
    assertFalse(store.read("a").keys().contains("title"));
  }

  @Test
  void aThingThatItsUpcasterThrowsOverStaysAsItIs() {
    store.start();
    create("a", "Alice", 3);
    store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'x','points':'none'}}");
    today();
    JsonObject shown = store.read("x");
    assertEquals("none", shown.string("points"));
    assertFalse(shown.keys().contains("$form"));
    store.read("x");
    String error = "the Card x cannot be brought from form 1 to 2: For input string: \"none\"";
    List<String> said = store.log.stream().filter(line -> line.startsWith("error: ")).toList();
    assertEquals(1, said.size(), said.toString());
    assertTrue(said.get(0).endsWith(error + "; such things are shown as they are"), said.get(0));
    // The others are found beside it.
    String query = "{'type':'query','id':1,'$type':'Card','where':{'points':3}}";
    assertEquals(List.of("a"), ids(store.ask(query)));

    JsonObject refused = store.ask("{'type':'update','id':1,'$id':'x','data':{'n':1}}");
    assertEquals("INTERNAL_ERROR", refused.string("code"));
    assertEquals(error, refused.string("error"));
    JsonObject batch =
        store.ask(
            "{'type':'batch','id':1,'atomic':true,'operations':["
                + "{'type':'update','$id':'a','data':{'n':1}},"
                + "{'type':'update','$id':'x','data':{'n':1}}]}");
    assertEquals("BATCH_FAILED", batch.string("code"));
    assertFalse(store.read("a").keys().contains("n"), "nothing of it");
    assertEquals(1, store.read("x").number("$version"));

    store.upcaster =
        (type, form, text) -> cards.upcast(type, form, text.replace("\"none\"", "\"0\""));
    store.restart();
    assertEquals(0, store.read("x").number("points"));
  }

  @Test
  void withoutAFunctionThingsAreShownAsTheyAre() {
    deployed();
    store.upcaster = null;
    store.restart();
    assertEquals("Alice", store.read("a").string("name"));
    JsonObject refused = store.ask("{'type':'update','id':1,'$id':'a','data':{'n':1}}");
    assertTrue(refused.string("error").endsWith("there is no onUpcast"), store.print(refused));
  }

  /** What was too deep was written, and no import took its export. */
  @Test
  void whatAnUpcasterMayNotReturn() {
    deployed();
    for (int depth : List.of(Limits.NESTING, Limits.NESTING - 1)) {
      store.upcaster =
          (type, form, text) -> "{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
      store.restart();
      assertEquals(depth == Limits.NESTING, store.read("a").keys().contains("name"));
      JsonObject done = store.ask("{'type':'update','id':1,'$id':'b','data':{'n':1}}");
      if (depth == Limits.NESTING) {
        assertEquals(
            "the Card b cannot be brought from form 0 to 1: expected fields nested at most 64 levels"
                + " deep",
            done.string("error"));
      }
    }
    assertEquals(2, store.read("b").number("$version"));
    for (String answer : List.of("[]", "not JSON", "{\"$own\":1}", "{\"$unset\":[]}")) {
      store.upcaster = (type, form, text) -> answer;
      store.restart();
      assertEquals("Alice", store.read("a").string("name"), answer);
    }
  }

  /** No update of such a thing was possible: its function hands on what it does not know. */
  @Test
  void fieldsThatBeginWithADollarFromBeforeThatRuleStay() {
    Upcasts upcasts =
        Upcasts.parse(
            "{\"Card\":1}", store.json, Limits.NESTING, new SilentObserver(), error -> error);
    List<String> given = new ArrayList<>();
    upcasts.by(
        (type, form, text) -> {
          given.add(text);
          return text.replace("name", "title");
        });
    String fields = "{\"$own\":[1],\"name\":\"Alice\"}";
    Thing thing = upcasts.upcast(Thing.loaded("a", "Card", 1, 1, 1, 1, fields));
    JsonObject shown = thing.fields().object(store.json);
    assertEquals(List.of("{\"name\":\"Alice\"}"), given);
    assertEquals("Alice", shown.string("title"));
    assertEquals("[1]", text(shown, "$own"));
    assertEquals(1, shown.number("$form"));
  }

  /** What only a store sets is dropped, as it is from what clients send. */
  @Test
  void anUpcasterDoesNotSetWhatOnlyAStoreSets() {
    deployed();
    store.upcaster = (type, form, text) -> "{\"$id\":\"other\",\"$form\":7,\"title\":\"T\"}";
    store.restart();
    assertEquals("a", store.read("a").string("$id"));
    assertEquals(2, store.read("a").number("$form"));
  }

  /** A deployment back to the one before: what is newer stays as it is, and keeps its form. */
  @Test
  void whatHasALaterFormIsShownAndWrittenAsItIs() {
    deployed();
    store.ask("{'type':'update','id':1,'$id':'a','data':{'done':true}}");
    store.with("UPCASTERS", "{\"Card\":1}").restart();
    assertCard("Alice", 3, store.read("a"));
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':1}}");
    store.ask("{'type':'put','id':1,'$type':'Card','$id':'a','data':{'title':'P','points':1}}");
    assertCard("P", 1, store.read("a"));
    // And one that knows no forms at all.
    withoutUpcasters();
    store.ask("{'type':'put','id':1,'$type':'Card','$id':'a','data':{'title':'Q','points':2}}");
    today();
    assertCard("Q", 2, store.read("a"));
    assertCard("Bob", 20, store.read("b"));
  }

  @Test
  void schemasAreAboutTodaysFormAndDoNotSeeItsNumber() {
    store.start();
    create("a", "Alice", 3);
    store.with(
        "SCHEMAS",
        "{\"Card\":{\"type\":\"object\",\"required\":[\"title\"],\"additionalProperties\":false,"
            + "\"properties\":{\"title\":{\"type\":\"string\"},\"points\":{\"type\":\"number\"}}}}");
    today();
    JsonObject done = store.ask("{'type':'update','id':1,'$id':'a','data':{'points':4}}");
    assertEquals("ack", done.string("status"), () -> store.print(done));
    JsonObject refused = store.ask("{'type':'update','id':1,'$id':'a','data':{'name':'x'}}");
    assertEquals("VALIDATION_ERROR", refused.string("code"));
  }

  @Test
  void exportsShowTodaysFormAndImportsBringLinesOfBeforeIntoIt() {
    deployed();
    String export = FakeHttp.send(store, "GET", "export", null).readAll().text;
    assertTrue(export.contains("\"title\":\"Alice\""), export);
    assertFalse(export.contains("\"name\""), export);
    String before = "{\"$id\":\"c\",\"$type\":\"Card\",\"name\":\"Carol\",\"points\":\"7\"}\n";
    String nameless = "{\"$type\":\"Card\",\"name\":\"D\"}\n{\"$id\":\"e\",\"$type\":7}\n";
    FakeHttp answer =
        FakeHttp.send(store, "POST", "import?mode=put", FakeHttp.body(export + before + nameless));
    store.time.advance(1_000);
    assertTrue(answer.text.contains("\"failed\":[{\"line\":6,"), answer.text);
    assertCard("Carol", 7, store.read("c"));
    assertEquals(1, store.read("a").number("$version"), "as it was");
  }

  @Test
  void aLineMayNotGrowPastTheLimitOfAThing() {
    store.upcaster = (type, form, text) -> "{\"title\":\"" + "x".repeat(1024 * 1024) + "\"}";
    store.with("UPCASTERS", "{\"Card\":1}").start();
    String line = "{\"$id\":\"c\",\"$type\":\"Card\"}\n";
    FakeHttp answer = FakeHttp.send(store, "POST", "import?mode=put", FakeHttp.body(line));
    store.time.advance(1_000);
    assertTrue(answer.text.contains("PAYLOAD_TOO_LARGE"), answer.text);
  }

  /** A line of a later form lost it, and was upcast from the first one on afterwards. */
  @Test
  void anImportKeepsALaterForm() {
    store.start();
    String later =
        "{\"$id\":\"c\",\"$type\":\"Card\",\"title\":\"Carol\",\"points\":7,\"$form\":2}\n";
    FakeHttp.send(store, "POST", "import?mode=put", FakeHttp.body(later));
    store.time.advance(1_000);
    assertCard("Carol", 7, store.read("c"));
    store.upcaster = cards;
    store.with("UPCASTERS", "{\"Card\":1}").restart();
    FakeHttp answer =
        FakeHttp.send(
            store,
            "POST",
            "import?mode=put",
            FakeHttp.body(later + later.replace("\"c\"", "\"d\"")));
    store.time.advance(1_000);
    assertTrue(answer.text.contains("\"created\":1,\"replaced\":0,\"unchanged\":1"), answer.text);
    today();
    assertCard("Carol", 7, store.read("c"));
    assertCard("Carol", 7, store.read("d"));
    // And what a later program has left goes where a line of today is put in its place.
    store.with("UPCASTERS", "{\"Card\":1}").restart();
    FakeHttp.send(
        store,
        "POST",
        "import?mode=put",
        FakeHttp.body(
            "{\"$id\":\"c\",\"$type\":\"Card\",\"title\":\"T\",\"points\":\"1\",\"$form\":1}\n"));
    store.time.advance(1_000);
    today();
    assertCard("T", 1, store.read("c"));
  }

  /** An upcaster was asked for forms that never were, and for one it was asked without end. */
  @Test
  void noLineChoosesAFormThatNoThingHas() {
    store.upcaster = cards;
    store.with("UPCASTERS", "{\"Card\":2}").start();
    StringBuilder lines = new StringBuilder();
    for (String form : List.of("-1", "0.5", "-1e300", "1e300", "\"2\"", "null")) {
      lines.append("{\"$id\":\"c").append(lines.length());
      lines.append("\",\"$type\":\"Card\",\"name\":\"C\",\"points\":\"7\",\"$form\":");
      lines.append(form).append("}\n");
    }
    FakeHttp answer =
        FakeHttp.send(store, "POST", "import?mode=put", FakeHttp.body(lines.toString()));
    store.time.advance(1_000);
    assertTrue(answer.text.contains("\"created\":6"), answer.text);
    String inForm = "{'type':'count','id':1,'$type':'Card','where':{'title':'C','points':7}}";
    assertEquals(6, store.ask(inForm).number("count"));
  }

  /** The new store may be another program's, and has a log of its own. */
  @Test
  void aForkCarriesTodaysForm() {
    TestStore child = new TestStore();
    try {
      child.withArchive().with("DURABILITY", "pipeline").start();
      store.siblings = (namespace, text, answer) -> child.store().onTold(text, answer::answered);
      store.withArchive().with("DURABILITY", "pipeline");
      deployed();
      assertTrue(store.postBody("fork", "{'to':'child'}").startsWith("200"));
      assertCard("Alice", 3, child.read("a"));
      child.post("rebuild");
      child.time.advance(60_000);
      assertCard("Alice", 3, child.read("a"));
      assertEquals(1, child.read("a").number("$version"));
    } finally {
      child.close();
    }
  }

  @Test
  void aSnapshotHasThingsAsTheyWereWritten() {
    store.withArchive().with("DURABILITY", "pipeline");
    deployed();
    store.ask("{'type':'update','id':1,'$id':'a','data':{'done':true}}");
    store.post("snapshot");
    store.time.advance(60_000);
    store.post("rebuild");
    store.time.advance(60_000);
    assertCard("Alice", 3, store.read("a"));
    assertCard("Bob", 20, store.read("b"));
    withoutUpcasters();
    assertEquals("Bob", store.read("b").string("name"));
  }

  @Test
  void aSettingThatIsNoneSaysWhatWasExpected() {
    Map<String, String> wrong =
        Map.of(
            "[1]", "UPCASTERS must be a JSON object with forms by type, got '[1]'",
            "{\"Card\":0}", "UPCASTERS.Card must be a whole number from 1 to 1000, got 0",
            "{\"Card\":1.5}", "UPCASTERS.Card must be a whole number from 1 to 1000, got 1.5",
            "{\"Card\":\"2\"}", "UPCASTERS.Card must be a whole number from 1 to 1000, got \"2\"");
    wrong.forEach(
        (text, expected) -> {
          UnifiedStoreConfig config =
              UnifiedStoreConfig.fromVars("test", Map.of("UPCASTERS", text));
          Exception e =
              assertThrows(IllegalArgumentException.class, () -> config.check(store.json));
          assertEquals(expected, e.getMessage());
        });
  }
}
