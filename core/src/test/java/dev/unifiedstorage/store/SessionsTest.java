package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Route;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session's numbered writes: once, in order, with their first outcomes, whatever gets lost. */
final class SessionsTest {
  private static final String CREATE_A = "'type':'create','$type':'T','data':{'$id':'a','v':1}";
  private static final String DELETE_A = "'type':'delete','$id':'a'";
  private static final String UPDATE_A = "'type':'update','$id':'a','increment':{'v':1}";

  private final TestStore store = new TestStore();
  private FakeSocket socket;

  @AfterEach
  void close() {
    store.close();
  }

  private void start() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    socket = store.socket();
  }

  /** A crash: the sockets are gone. */
  private void crash() {
    store.sockets.clear();
    store.restart();
    store.time.advance(100);
    socket = store.socket();
  }

  private void hibernate() {
    store.time.advance(30_000);
    assertTrue(store.store().isIdle());
    store.restart();
    store.time.advance(100);
  }

  /** A start that requests wait for, whose socket closes before it ends; there is another then. */
  private void closeDuringAStart(String... requests) {
    store.archive.setSilent(true);
    store.restart();
    for (String request : requests) {
      socket.ask(request);
    }
    store.store().onSocketClosed(socket);
    store.archive.answerEmpty();
    store.time.advance(1000);
    socket = store.socket();
  }

  private String text(JsonObject reply) {
    JsonObject copy = store.json.object().setAll(reply);
    List.of("id", "at", "error", "limits").forEach(copy::remove);
    return store.print(copy).replace('"', '\'');
  }

  private String ask(String parts) {
    int before = socket.replies.size();
    socket.ask("{'id':1," + parts + "}");
    if (socket.replies.size() == before) {
      store.time.advance(51);
    }
    if (socket.replies.size() == before) {
      store.time.advance(1000);
    }
    assertEquals(before + 1, socket.replies.size());
    return text(socket.replies.get(before));
  }

  private String hello(String session, int next) {
    return ask("'type':'hello','session':'" + session + "','next':" + next);
  }

  private String write(int n, String parts) {
    return ask("'n':" + n + "," + parts);
  }

  private double v() {
    return store.read("a").number("v");
  }

  @Test
  void helloSaysWhereTheSessionStandsAndWhatTheLimitsAre() {
    start();
    JsonObject reply = socket.ask("{'id':1,'type':'hello','session':'s','next':1}");
    assertEquals("{'status':'ok','session':'s','next':1}", text(reply));
    assertEquals(
        "{\"message\":1048576,\"thing\":1048576,\"frame\":1000,\"operations\":1000,"
            + "\"unanswered\":256}",
        store.print(reply.object("limits")));
    assertFalse(reply.string("at").isEmpty());
    write(1, CREATE_A);
    assertEquals("{'status':'ok','session':'s','next':2}", hello("s", 1));
    assertEquals(1, store.stats().number("sessions"));
    assertTrue(hello("other", 2).contains("SESSION_EXPIRED"));
    for (String wrong : List.of("''", "'é'", "1", "'" + "x".repeat(65) + "'")) {
      String refused = ask("'type':'hello','session':" + wrong + ",'next':1");
      assertTrue(refused.contains("'details':{'field':'session'}"), refused);
    }
    assertTrue(ask("'type':'hello','session':'s','next':0").contains("{'field':'next'}"));
    assertTrue(store.ask("{'id':1,'type':'hello','session':'s','next':1}") != null);
  }

  @Test
  void aRefusalThatNobodyIsSentCountsAsNone() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    hello("s", 1);
    assertTrue(write(1, CREATE_A).contains("replayed"));
    assertEquals(List.of(), store.stats().object("errors").keys());
  }

  /** Of a number half of which came back, the other half would be taken for carried out. */
  @Test
  void allThatANumberChangesLeavesInOneSend() {
    start();
    hello("s", 1);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    socket.ask("{'id':1,'n':1," + CREATE_A + "}");
    socket.ask("{'id':2,'n':2," + UPDATE_A + "}");
    String many = "{" + UPDATE_A + "},";
    socket.ask(
        "{'id':3,'n':3,'type':'batch','operations':[" + many.repeat(999) + "{" + UPDATE_A + "}]}");
    store.pipeline.releaseHeld();
    store.pipeline.releaseHeld();
    assertEquals(List.of(2, 1, 1000), store.pipeline.sendSizes(), "the batch, and nothing with it");
  }

  /** A socket that slept remembers refusals of a session; those went with the store as well. */
  @Test
  void aSocketThatSleptForgetsItsSessionWithTheStore() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    assertTrue(write(2, CREATE_A).contains("CONFLICT"));
    hibernate();
    store.deleteStore();
    store.time.advance(1000);
    assertTrue(write(3, CREATE_A).contains("SESSION_EXPIRED"));
    hibernate();
    assertTrue(write(3, CREATE_A).contains("SESSION_EXPIRED"));
    assertEquals("{'status':'ok','session':'t','next':1}", hello("t", 1));
  }

  @Test
  void aNumberIsCarriedOutOnceAndAnsweredAgain() {
    start();
    hello("s", 1);
    String created = write(1, CREATE_A + ",'return':true");
    assertTrue(created.contains("'thing'"), created);
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(2, UPDATE_A));
    String conflict = write(3, UPDATE_A + ",'ifVersion':7");
    assertEquals("{'status':'error','code':'CONFLICT','details':{'version':2}}", conflict);
    String batch =
        write(
            4,
            "'type':'batch','operations':[{"
                + UPDATE_A
                + ",'return':true},{'type':'read','$ids':['a']},{'type':'nonsense'}]");
    assertTrue(batch.contains("'things'"), batch);
    assertEquals("{'status':'ok'}", write(5, DELETE_A));
    assertEquals("{'status':'ok'}", write(6, DELETE_A));

    for (FakeSocket other : List.of(socket, store.socket())) {
      socket = other;
      hello("s", 1);
      assertEquals("{'replayed':true,'status':'ack','$id':'a','$version':1}", write(1, CREATE_A));
      assertEquals("{'replayed':true,'status':'ack','$id':'a','$version':2}", write(2, UPDATE_A));
      assertEquals(conflict.replace("{'status", "{'replayed':true,'status"), write(3, CREATE_A));
      String again = write(4, CREATE_A);
      assertTrue(
          again.startsWith(
              "{'replayed':true,'status':'ack','results':[{'$id':'a','$version':3},{'status':'ok'},"
                  + "{'status':'error','code':'UNKNOWN_TYPE'"),
          again);
      assertEquals("{'replayed':true,'status':'ok'}", write(5, CREATE_A));
      assertEquals("{'replayed':true,'status':'ok'}", write(6, CREATE_A));
    }
    assertEquals(4, store.stats().number("appliedSeq"));
  }

  @Test
  void recordsSayWhoseWriteTheyAre() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    write(2, "'type':'batch','operations':[{" + UPDATE_A + "},{" + UPDATE_A + "}]");
    List<String> tags = new ArrayList<>();
    for (JsonObject record : store.pipeline.stored()) {
      if (record.number("seq") > 0) {
        tags.add(
            record.string("session")
                + " "
                + (int) record.number("n")
                + (record.keys().contains("batchIndex")
                    ? " " + (int) record.number("batchIndex")
                    : ""));
      }
    }
    assertEquals(List.of("s 1", "s 2 0", "s 2 1"), tags);
  }

  @Test
  void numbersHaveNoGapsAndNoneIsMissing() {
    start();
    hello("s", 1);
    String gap = "{'status':'error','code':'VALIDATION_ERROR','details':{'expected':1}}";
    assertEquals(gap, write(2, CREATE_A));
    String missing = "{'status':'error','code':'VALIDATION_ERROR','details':{'field':'n'}}";
    assertEquals(missing, ask(CREATE_A));
    for (String wrong : List.of("0", "1.5", "'1'", "null", "9007199254740992")) {
      assertEquals(missing, ask("'n':" + wrong + "," + CREATE_A));
    }
    assertEquals("{'status':'ok','things':{}}", ask("'type':'read','$ids':['a']"));
    assertEquals("{'status':'ack','$id':'a','$version':1}", write(1, CREATE_A));
    String malformed = write(2, "'type':'update','$id':''");
    assertTrue(malformed.contains("VALIDATION_ERROR"), malformed);
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(3, UPDATE_A));
    assertEquals("{'status':'ok','session':'s','next':9}", hello("s", 9));
    assertTrue(write(4, UPDATE_A).contains("'code':'CONFLICT','details':{'lost':true}"));
    assertEquals(2, v());
  }

  @Test
  void whatStandsBehindAWriteThatWasNotCarriedOutIsRefusedWithIt() {
    store.with("DURABILITY", "local").with("GROUP_COMMIT_MS", "1000").start();
    socket = store.socket();
    hello("s", 1);
    write(1, CREATE_A);
    store.sql.setFailing(true);
    socket.ask("{'id':2,'n':2," + UPDATE_A + "}");
    socket.ask("{'id':3,'n':3," + UPDATE_A + ",'ifVersion':9}");
    socket.ask("{'id':4,'n':4,'type':'create','$type':'T','data':1}");
    store.time.advance(1000);
    List<JsonObject> replies = socket.replies;
    int size = replies.size();
    assertEquals("VALIDATION_ERROR", replies.get(size - 3).string("code"));
    assertEquals("UNAVAILABLE", replies.get(size - 2).string("code"));
    assertEquals("UNAVAILABLE", replies.get(size - 1).string("code"));
    assertEquals(
        "{'status':'error','code':'UNAVAILABLE','details':{'expected':2,'retryAfterMs':1000}}",
        write(5, UPDATE_A));
    store.sql.setFailing(false);
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(2, UPDATE_A));
    assertTrue(write(3, UPDATE_A + ",'ifVersion':9").contains("CONFLICT"));
    assertTrue(write(4, UPDATE_A).contains("'replayed':true"));
    assertEquals("{'status':'ack','$id':'a','$version':3}", write(5, UPDATE_A));
    assertEquals(3, v());
  }

  /** After it number 258 is due, and refused as too many wait for their answers. */
  private void writeUntilFull() {
    store.withArchive().with("DURABILITY", "pipeline").with("RATE_LIMIT", "300").start();
    socket = store.socket();
    hello("s", 1);
    write(1, CREATE_A);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int n = 2; n <= 257; n++) {
      socket.ask("{'id':7,'n':" + n + "," + UPDATE_A + "}");
    }
  }

  /** The write behind it was told that its number was wrong, and a client gave it up. */
  @Test
  void aRefusalOfWhatWasCarriedOutBeforeHidesNoLaterOne() {
    writeUntilFull();
    useUpTheRate();
    assertTrue(write(1, CREATE_A).contains("RATE_LIMITED"));
    store.time.advance(1_000);
    assertTrue(write(258, UPDATE_A).contains("OVERLOADED"));
    assertEquals(
        "{'status':'error','code':'OVERLOADED','details':{'expected':258,'retryAfterMs':1000}}",
        write(259, UPDATE_A));
  }

  private void useUpTheRate() {
    int before;
    do {
      before = socket.replies.size();
      ask("'type':'read','$ids':[]");
    } while (!text(socket.replies.get(before)).contains("RATE_LIMITED"));
  }

  @Test
  void aRefusalOfWhatWasCarriedOutBeforeTakesTheReasonOfNoEarlierOne() {
    writeUntilFull();
    assertTrue(write(258, UPDATE_A).contains("OVERLOADED"));
    useUpTheRate();
    assertTrue(write(1, CREATE_A).contains("RATE_LIMITED"));
    store.time.advance(1_000);
    assertEquals(
        "{'status':'error','code':'OVERLOADED','details':{'expected':258,'retryAfterMs':1000}}",
        write(259, UPDATE_A));
  }

  @Test
  void whatStandsBehindTheSecondOfTwoRefusalsIsRefusedForItsReason() {
    store.withArchive().with("DURABILITY", "pipeline").with("RATE_LIMIT", "10").start();
    socket = store.socket();
    hello("s", 1);
    useUpTheRate();
    assertTrue(write(1, CREATE_A).contains("RATE_LIMITED"));
    assertTrue(write(2, UPDATE_A).contains("RATE_LIMITED"));
    store.time.advance(1_000);
    assertTrue(write(1, CREATE_A).contains("ack"));
    String behind = "{'status':'error','code':'RATE_LIMITED','details':{'expected':%d,";
    assertTrue(write(3, UPDATE_A).startsWith(behind.formatted(2)));
    assertTrue(write(2, UPDATE_A).contains("ack"));
    assertTrue(write(4, UPDATE_A).startsWith(behind.formatted(3)), "3 was refused too");
    assertTrue(write(3, UPDATE_A).contains("ack"));
    assertTrue(write(4, UPDATE_A).contains("ack"));
    assertTrue(write(6, UPDATE_A).contains("VALIDATION_ERROR"), "of 5 nothing is known");
  }

  @Test
  void aReplyThatIsGivenAgainWaitsForTheSameEvent() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    int before = socket.replies.size();
    socket.ask("{'id':7,'n':2," + UPDATE_A + "}");
    socket.ask("{'id':8,'n':2," + UPDATE_A + "}");
    assertEquals(before, socket.replies.size());
    store.pipeline.releaseHeld();
    store.time.advance(10);
    assertEquals(before + 2, socket.replies.size());
    assertEquals(2, v());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rows", "log", "archive", "rebuild"})
  void outcomesSurviveACrash(String kept) {
    if (kept.equals("log")) {
      store.with("DURABILITY", "local").start();
      socket = store.socket();
    } else {
      start();
    }
    hello("s", 1);
    write(1, CREATE_A);
    write(2, UPDATE_A);
    write(3, "'type':'batch','operations':[{" + UPDATE_A + "}]");
    write(4, UPDATE_A + ",'ifVersion':9");
    write(5, DELETE_A);
    write(6, CREATE_A + ",'expiresInMs':1");
    store.time.advance(10);
    write(7, CREATE_A);
    if (kept.equals("rows") || kept.equals("log")) {
      store.time.advance(100);
      if (kept.equals("rows")) {
        assertTrue(store.post("checkpoint").startsWith("200"));
      }
    } else if (kept.equals("rebuild")) {
      store.post("rebuild");
      store.time.advance(1000);
    }
    crash();
    assertEquals("{'status':'ok','session':'s','next':8}", hello("s", 1));
    String again = "{'replayed':true,'status':'ack','$id':'a','$version':";
    assertEquals(again + "1}", write(1, CREATE_A));
    assertEquals(again + "2}", write(2, CREATE_A));
    String batch = write(3, CREATE_A);
    boolean whole = kept.equals("rows") || kept.equals("rebuild");
    assertEquals(
        whole
            ? "{'replayed':true,'status':'ack','results':[{'$id':'a','$version':3}]}"
            : "{'replayed':true,'status':'ack','lost':true}",
        batch);
    String refused = write(4, CREATE_A);
    assertEquals(
        whole
            ? "{'replayed':true,'status':'error','code':'CONFLICT','details':{'version':3}}"
            : "{'status':'error','code':'CONFLICT','details':{'lost':true}}",
        refused);
    assertEquals("{'replayed':true,'status':'ok'}", write(5, CREATE_A));
    assertEquals(again + "1}", write(6, CREATE_A));
    assertEquals(again + "1}", write(7, CREATE_A));
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(8, UPDATE_A));
  }

  @Test
  void aRefusalThatBeganASessionDoesNotExpireItWhenItsMemoryIsLost() {
    start();
    hello("s", 1);
    assertTrue(write(1, UPDATE_A).contains("NOT_FOUND"));
    write(2, CREATE_A);
    crash();
    assertEquals("{'status':'ok','session':'s','next':3}", hello("s", 1));
    assertEquals(
        "{'status':'error','code':'CONFLICT','details':{'lost':true}}", write(1, UPDATE_A));
    assertTrue(write(2, CREATE_A).startsWith("{'replayed':true"));
  }

  @Test
  void whatIsMissingOfASessionThatWasDroppedIsNotTakenForRefused() {
    start();
    hello("one", 1);
    write(1, CREATE_A);
    FakeSocket first = socket;
    socket = store.socket();
    hello("two", 1);
    write(1, UPDATE_A);
    socket = first;
    write(2, UPDATE_A);
    store.with("SESSIONS_KEPT", "1");
    crash();
    assertTrue(hello("one", 1).contains("SESSION_EXPIRED"));
    assertEquals("{'status':'ok','session':'one','next':3}", hello("one", 2));
  }

  @Test
  void whatWasRefusedDuringARebuildStaysRefusedBehindIt() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    assertTrue(store.post("checkpoint").startsWith("200"));
    store.sql.damage();
    store.archive.catchUp();
    store.archive.setStalled(true);
    store.restart();
    assertTrue(write(2, UPDATE_A).contains("RECOVERING"));
    store.archive.setStalled(false);
    store.time.advance(60_000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    String behind = write(3, UPDATE_A);
    assertTrue(
        behind.startsWith("{'status':'error','code':'RECOVERING','details':{'expected':2,"),
        behind);
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(2, UPDATE_A));
    assertEquals("{'status':'ack','$id':'a','$version':3}", write(3, UPDATE_A));
  }

  @Test
  void aSocketStaysWithItsSessionThroughHibernation() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    hibernate();
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(2, UPDATE_A));
    assertTrue(write(3, UPDATE_A + ",'ifVersion':9").contains("'version':2"));
    hibernate();
    assertEquals("{'status':'ack','$id':'a','$version':3}", write(4, UPDATE_A));
    assertTrue(ask(UPDATE_A).contains("'field':'n'"));
    socket = store.socket();
    hello("refusals", 1);
    assertTrue(write(1, UPDATE_A + ",'ifVersion':9").contains("'version':3"));
    hibernate();
    assertEquals("{'status':'ack','$id':'a','$version':4}", write(2, UPDATE_A));
  }

  @Test
  void aWriteStaysOneOfItsSessionWhenItsSocketClosesDuringAStart() {
    start();
    hello("s", 1);
    closeDuringAStart("{'id':1,'n':1," + DELETE_A + "}", "{'id':2,'n':2," + CREATE_A + "}");
    hello("s", 1);
    assertEquals("{'replayed':true,'status':'ok'}", write(1, CREATE_A));
    assertEquals("{'replayed':true,'status':'ack','$id':'a','$version':1}", write(2, DELETE_A));
  }

  @Test
  void whatASocketRememberedCountsForItsWriteWhenItClosesDuringAStart() {
    start();
    hello("s", 1);
    assertTrue(write(1, UPDATE_A).contains("NOT_FOUND"));
    closeDuringAStart("{'id':2,'n':2," + CREATE_A + "}");
    hello("s", 2);
    assertEquals("{'replayed':true,'status':'ack','$id':'a','$version':1}", write(2, CREATE_A));
  }

  @Test
  void whatAnySocketOfASessionRemembersCountsForAll() {
    start();
    hello("s", 1);
    FakeSocket first = socket;
    socket = store.socket();
    hello("s", 1);
    assertTrue(write(1, UPDATE_A).contains("NOT_FOUND"));
    store.restart();
    store.time.advance(1000);
    socket = first;
    assertTrue(write(1, UPDATE_A).contains("SESSION_EXPIRED"));
    assertEquals("{'status':'ack','$id':'a','$version':1}", write(2, CREATE_A));
  }

  @Test
  void aSocketThatClosesLeavesBehindWhatItRemembers() {
    start();
    hello("s", 1);
    FakeSocket first = socket;
    socket = store.socket();
    hello("s", 1);
    write(1, CREATE_A);
    store.time.advance(30_000);
    assertTrue(write(2, UPDATE_A + ",'ifVersion':9").contains("CONFLICT"));
    hibernate();
    store.store().onSocketClosed(socket);
    socket = first;
    assertTrue(write(2, UPDATE_A).contains("{'lost':true}"));
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(3, UPDATE_A));
  }

  @Test
  void aSocketDoesNotRememberWhatWasUndone() {
    store.with("DURABILITY", "local").with("GROUP_COMMIT_MS", "1000").start();
    socket = store.socket();
    hello("s", 1);
    write(1, CREATE_A);
    store.sql.setFailing(true);
    socket.ask("{'id':2,'n':2," + UPDATE_A + "}");
    socket.ask("{'id':3,'n':3,'type':'update','$id':''}");
    store.time.advance(1000);
    store.sql.setFailing(false);
    hibernate();
    assertEquals("{'status':'ack','$id':'a','$version':2}", write(2, UPDATE_A));
  }

  @Test
  void sessionsCostNoRowOfTheirOwn() {
    double[] rows = new double[2];
    for (int i = 0; i < 2; i++) {
      try (TestStore other = new TestStore()) {
        other.withArchive().with("DURABILITY", "pipeline").start();
        FakeSocket client = other.socket();
        if (i == 1) {
          client.ask("{'id':1,'type':'hello','session':'s','next':1}");
        }
        for (int n = 1; n <= 20; n++) {
          client.ask(
              "{'id':1,'n':" + n + ",'type':'create','$type':'T','data':{'$id':'t" + n + "'}}");
          other.time.advance(2000);
        }
        other.time.advance(20_000);
        rows[i] = other.stats().number("rowsWritten");
      }
    }
    assertEquals(rows[0], rows[1]);
  }

  @Test
  void writesOverHttpNameTheirSession() {
    start();
    String[] answer = new String[1];
    String body =
        "[{'session':'h','n':1,"
            + CREATE_A
            + "},{'session':'h','n':2,"
            + UPDATE_A
            + "},{'session':'h','n':2,"
            + UPDATE_A
            + "},{'session':'h','n':4,"
            + UPDATE_A
            + "},{'session':'other','n':2,"
            + UPDATE_A
            + "},{'session':1,'n':2,"
            + UPDATE_A
            + "},{"
            + UPDATE_A
            + "}]";
    store
        .store()
        .onRequest(
            new HttpRequest(
                Route.parse("POST", "/stores/test/requests", false),
                HttpHeaders.NONE,
                body.replace('\'', '"')),
            (status, type, text) -> answer[0] = "{\"all\":" + text + "}");
    List<String> codes = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      JsonObject reply = store.json.parse(answer[0]).array("all").object(i);
      codes.add(
          reply.keys().contains("code")
              ? reply.string("code")
              : reply.string("status") + (reply.keys().contains("replayed") ? " again" : ""));
    }
    assertEquals(
        List.of(
            "ack",
            "ack",
            "ack again",
            "VALIDATION_ERROR",
            "SESSION_EXPIRED",
            "VALIDATION_ERROR",
            "ack"),
        codes);
    assertEquals(3, v());
  }

  @Test
  void theLeastRecentlyUsedSessionGoesFirst() {
    store.with("SESSIONS_KEPT", "2");
    start();
    FakeSocket first = socket;
    hello("one", 1);
    write(1, CREATE_A);
    socket = store.socket();
    hello("two", 1);
    write(1, UPDATE_A);
    socket = store.socket();
    hello("three", 1);
    write(1, UPDATE_A);
    assertEquals(2, store.stats().number("sessions"));
    socket = first;
    assertTrue(write(2, UPDATE_A).contains("SESSION_EXPIRED"));
    assertTrue(hello("one", 2).contains("SESSION_EXPIRED"));
    assertEquals("{'status':'ok','session':'two','next':2}", hello("two", 2));
    store.time.jump(86_400_001);
    assertTrue(hello("two", 2).contains("SESSION_EXPIRED"));
  }

  @Test
  void onlySoManyMayWait() {
    start();
    hello("s", 1);
    write(1, CREATE_A);
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int n = 2; n <= 257; n++) {
      socket.ask("{'id':1,'n':" + n + "," + UPDATE_A + "}");
    }
    assertTrue(write(258, UPDATE_A).contains("OVERLOADED"));
    assertEquals(
        "{'status':'error','code':'OVERLOADED','details':{'expected':258,'retryAfterMs':1000}}",
        write(259, UPDATE_A));
  }

  @Test
  void outcomesOfLongSessionsAreBounded() {
    store.with("DURABILITY", "memory").start();
    socket = store.socket();
    hello("s", 1);
    write(1, CREATE_A);
    for (int n = 2; n <= 600; n++) {
      socket.ask("{'id':1,'n':" + n + "," + UPDATE_A + "}");
    }
    assertEquals("{'replayed':true,'status':'ack','$id':'a','$version':1}", write(1, UPDATE_A));
    store.post("checkpoint");
    crash();
    assertTrue(hello("s", 1).contains("SESSION_EXPIRED"));
    assertEquals("{'status':'ok','session':'s','next':601}", hello("s", 400));
    assertEquals("{'replayed':true,'status':'ack','$id':'a','$version':400}", write(400, UPDATE_A));
    assertTrue(write(7, UPDATE_A).contains("SESSION_EXPIRED"));
  }
}
