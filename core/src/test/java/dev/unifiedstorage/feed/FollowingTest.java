package dev.unifiedstorage.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.fixture.ToldListener;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.protocol.UnsentBound;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a subscriber is pushed, when, and how it goes on after everything that may happen. */
final class FollowingTest {
  private static final double PUSH_MS = 51;

  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void start() {
    store.withArchive().with("DURABILITY", "pipeline").start();
  }

  private void create(String id, String type, String board) {
    store.send(
        "{'type':'create','id':1,'$type':'"
            + type
            + "','data':{'$id':'"
            + id
            + "','board':'"
            + board
            + "'}}");
  }

  private void move(String id, String board) {
    store.send("{'type':'update','id':1,'$id':'" + id + "','data':{'board':'" + board + "'}}");
  }

  private void delete(String id) {
    store.send("{'type':'delete','id':1,'$id':'" + id + "'}");
  }

  private void push() {
    store.time.advance(PUSH_MS);
  }

  private static FeedListener listener(List<String> told) {
    return new ToldListener(
        told, change -> change.id() + (change.thing() == null ? "-" : change.thing().version()));
  }

  private static JsonObject follow(FakeSocket socket, String more) {
    return socket.ask("{'type':'subscribe','id':9,'sub':'s','$type':'Card'" + more + "}");
  }

  private String since(FakeSocket socket) {
    JsonObject last = socket.last("s");
    assertFalse(last.bool("more"));
    return ",'since':'" + last.string("at") + "'";
  }

  private Set<String> ids(FakeSocket socket) {
    return socket.things("s").keySet();
  }

  // ---- what is pushed

  @Test
  void whatThereIsComesBehindTheReplyAndThenEveryChange() {
    start();
    create("a", "Card", "b1");
    create("n", "Note", "b1");
    FakeSocket socket = store.socket();
    JsonObject reply = follow(socket, "");
    assertEquals("ok", reply.string("status"));
    assertEquals("s", reply.string("sub"));
    assertEquals("snapshot", reply.string("mode"));
    push();
    assertEquals(Set.of("a"), ids(socket));
    create("c", "Card", "b1");
    create("m", "Note", "b1");
    delete("a");
    push();
    assertEquals(Set.of("c"), ids(socket));
    assertEquals(1, store.stats().number("subscriptions"));
  }

  @Test
  void anEmptySubscriptionIsOwedAMessageToo() {
    start();
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    assertEquals(1, socket.pushes.size());
    assertFalse(socket.last("s").bool("more"));
    assertEquals(0, socket.last("s").object("things").keys().size());
    push();
    assertEquals(1, socket.pushes.size());
  }

  private void ephemeral(String id) {
    String data = "'data':{'$id':'" + id + "'},'expiresInMs':500}";
    store.send("{'type':'create','id':1,'$type':'Card'," + data);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'$type':'Card'", "'$ids':['old','stays']"})
  void whatIsToldFirstHasNothingExpired(String selection) {
    start();
    ephemeral("old");
    create("stays", "Card", "b1");
    FakeSocket before = store.socket();
    String subscribe = "{'type':'subscribe','id':9,'sub':'s'," + selection;
    before.ask(subscribe + "}");
    push();
    assertEquals(Set.of("old", "stays"), ids(before));
    store.time.jump(600);
    FakeSocket socket = store.socket();
    socket.ask(subscribe + "}");
    push();
    assertEquals(Set.of("stays"), ids(socket));
    assertFalse(store.print(socket.pushes.get(0)).contains("old"));
    assertEquals(Set.of("stays"), ids(before), "who was told of it is told that it is gone");
    FakeSocket late = store.socket();
    late.ask(subscribe + since(socket) + "}");
    push();
    assertEquals(Set.of(), ids(late));
  }

  @Test
  void whoGoesOnIsToldNothingExpired() {
    start();
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    String since = since(socket);
    store.store().onSocketClosed(socket);
    ephemeral("old");
    store.time.jump(600);
    FakeSocket late = store.socket();
    assertEquals("changes", follow(late, since).string("mode"));
    push();
    assertEquals(Set.of(), ids(late));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAListenerIsToldFirstHasNothingExpired(boolean beforeTheStart) {
    start();
    ephemeral("old");
    create("stays", "Card", "b1");
    store.time.jump(600);
    List<String> told = new ArrayList<>();
    FeedListener listener = listener(told);
    JsonObject cards = store.json.parse("{'$type':'Card'}".replace('\'', '"'));
    if (beforeTheStart) {
      store.onOpen = opened -> opened.subscribe(cards, listener);
      store.restart();
      store.time.advance(PUSH_MS);
    } else {
      store.store().subscribe(cards, listener);
    }
    push();
    assertEquals(List.of("stays1.0"), told);
  }

  @Test
  void severalVersionsInOneWindowAreOne() {
    start();
    create("a", "Card", "b0");
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    int before = socket.pushes.size();
    for (int i = 0; i < 20; i++) {
      move("a", "b" + i);
    }
    push();
    push();
    assertTrue(socket.pushes.size() - before <= 2, "one at once, the others together");
    assertTrue(socket.things("s").get("a").contains("b19"));
  }

  @Test
  void whatIsNotDurableIsNotPushedAndHidesNothingThatIs() {
    start();
    create("a", "Card", "first");
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    move("a", "second");
    move("a", "third");
    create("c", "Card", "new");
    push();
    assertTrue(socket.things("s").get("a").contains("first"));
    FakeSocket late = store.socket();
    follow(late, "");
    push();
    assertEquals(0, late.pushes.size(), "it waits for what it did not see become durable");
    store.pipeline.releaseHeld();
    store.pipeline.releaseHeld();
    push();
    assertEquals(socket.things("s"), late.things("s"));
    assertEquals(Set.of("a", "c"), ids(late));
    assertTrue(late.things("s").get("a").contains("third"));
  }

  @Test
  void whatIsUndoneIsNeverPushed() {
    start();
    create("a", "Card", "first");
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.sql.setFailing(true);
    move("a", "lost");
    delete("a");
    create("x", "Card", "lost");
    store.time.advance(60_000);
    store.sql.setFailing(false);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    move("a", "kept");
    store.time.advance(10_000);
    assertEquals(Set.of("a"), ids(socket));
    for (JsonObject push : socket.pushes) {
      assertFalse(store.print(push).contains("lost"), store.print(push));
    }
    assertTrue(socket.things("s").get("a").contains("kept"));
  }

  @Test
  void aThingThatNoLongerMatchesIsNull() {
    start();
    create("a", "Card", "b1");
    create("b", "Card", "b2");
    FakeSocket socket = store.socket();
    follow(socket, ",'where':{'board':'b1'}");
    push();
    assertEquals(Set.of("a"), ids(socket));
    move("b", "b3");
    push();
    assertEquals(1, socket.pushes.size(), "it never matched, and no client has to be told");
    move("a", "b2");
    move("b", "b1");
    push();
    assertEquals(Set.of("b"), ids(socket));
  }

  @Test
  void anIdThatIsUsedAgainByAnotherTypeIsNull() {
    start();
    create("a", "Card", "b1");
    FakeSocket socket = store.socket();
    FakeSocket gone = store.socket();
    follow(socket, "");
    follow(gone, "");
    push();
    delete("a");
    create("a", "Note", "b1");
    push();
    assertEquals(Set.of(), ids(socket));
    String at = ",'since':'" + gone.pushes.get(0).string("at") + "'";
    assertEquals("changes", follow(gone, at).string("mode"));
    push();
    assertEquals(Set.of(), ids(gone));
  }

  @Test
  void idsAreFollowedWhateverTheirType() {
    start();
    create("a", "Card", "b1");
    FakeSocket socket = store.socket();
    socket.ask("{'type':'subscribe','id':9,'sub':'s','$ids':['a','x','a']}");
    push();
    assertEquals(Set.of("a"), ids(socket));
    create("x", "Note", "b1");
    create("y", "Note", "b1");
    delete("a");
    push();
    assertEquals(Set.of("x"), ids(socket));
    delete("x");
    JsonObject reply =
        socket.ask("{'type':'subscribe','id':9,'sub':'s','$ids':['a','x']" + since(socket) + "}");
    assertEquals("changes", reply.string("mode"));
    push();
    assertEquals(Set.of(), ids(socket));
  }

  @Test
  void anotherSubscribeWithTheSameNameTakesThePlaceOfTheFirst() {
    start();
    create("a", "Card", "b1");
    create("n", "Note", "b1");
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    socket.ask("{'type':'subscribe','id':9,'sub':'s','$type':'Note'}");
    push();
    assertEquals(Set.of("n"), ids(socket));
    move("a", "b2");
    push();
    assertEquals(Set.of("n"), ids(socket));
    assertEquals(1, store.stats().number("subscriptions"));
    socket.ask("{'type':'unsubscribe','id':9,'sub':'s'}");
    socket.ask("{'type':'unsubscribe','id':9,'sub':'none'}");
    int before = socket.pushes.size();
    move("n", "b2");
    push();
    assertEquals(before, socket.pushes.size());
    assertEquals(0, store.stats().number("subscriptions"));
    assertEquals("", socket.attachment());
  }

  // ---- what is refused

  private void refused(FakeSocket socket, String request, String field) {
    JsonObject reply = socket.ask("{'type':'subscribe','id':9," + request + "}");
    assertEquals("VALIDATION_ERROR", reply.string("code"), store.print(reply));
    assertEquals(field, reply.object("details").string("field"), store.print(reply));
  }

  @Test
  void whatIsNoSubscriptionIsRefused() {
    start();
    FakeSocket socket = store.socket();
    refused(socket, "'$type':'Card'", "sub");
    refused(socket, "'sub':'','$type':'Card'", "sub");
    refused(socket, "'sub':'" + "s".repeat(65) + "','$type':'Card'", "sub");
    refused(socket, "'sub':7,'$type':'Card'", "sub");
    refused(socket, "'sub':'s'", "$type");
    refused(socket, "'sub':'s','$type':'Card','$ids':[]", "$ids");
    refused(socket, "'sub':'s','$ids':['a',1]", "$ids");
    refused(socket, "'sub':'s','$ids':['a'],'where':{}", "where");
    refused(socket, "'sub':'s','$type':'Card','where':{'a':{'$no':1}}", "where");
    refused(socket, "'sub':'s','$type':'Card','since':5", "since");
    assertEquals(0, store.stats().number("subscriptions"));
    assertEquals("ok", follow(socket, ",'since':'of another store'").string("status"));
    JsonObject none = socket.ask("{'type':'unsubscribe','id':9}");
    assertEquals("sub", none.object("details").string("field"));
  }

  @Test
  void theSubscriptionsOfASocketHaveABound() {
    start();
    FakeSocket socket = store.socket();
    String many = "'" + "x".repeat(3_900) + "'";
    String one = "{'type':'subscribe','id':9,'sub':'a','$ids':[" + many + "]}";
    assertEquals("ok", socket.ask(one).string("status"));
    assertEquals("ok", socket.ask(one.replace("'a'", "'b'")).string("status"));
    refused(socket, "'sub':'c','$ids':[" + many + "]", "$ids");
    refused(socket, "'sub':'c','$type':'T','where':{'a':" + many + "}", "where");
    assertEquals("ok", socket.ask(one).string("status"), "in its own place it has room");
    assertTrue(store.json.utf8Length(socket.attachment()) < 8_100);
    assertEquals(2, store.stats().number("subscriptions"));
  }

  @Test
  void overHttpThereIsNothingToPushTo() {
    start();
    String[] body = new String[1];
    store
        .store()
        .onRequest(
            new dev.unifiedstorage.store.HttpRequest(
                Route.parse("POST", "/stores/test/requests", false),
                HttpHeaders.NONE,
                "{\"type\":\"subscribe\",\"sub\":\"s\",\"$type\":\"Card\"}"),
            (status, type, text) -> body[0] = text);
    assertTrue(body[0].contains("UNKNOWN_TYPE"), body[0]);
  }

  // ---- going on

  @Test
  void sinceTellsWhatIsDifferentNowAndNothingElse() {
    start();
    for (int i = 0; i < 10; i++) {
      create("c" + i, "Card", "b1");
    }
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    String at = since(socket);
    store.store().onSocketClosed(socket);
    move("c1", "b2");
    delete("c2");
    create("c2", "Card", "b3");
    delete("c3");
    create("n", "Note", "b1");
    push();
    int before = socket.pushes.size();
    assertEquals("changes", follow(socket, at).string("mode"));
    push();
    assertEquals(before + 1, socket.pushes.size());
    assertEquals(Set.of("c1", "c2", "c3"), Set.copyOf(socket.last("s").object("things").keys()));
    assertEquals(JsonKind.NULL, socket.last("s").object("things").kind("c3"));
    assertEquals(9, ids(socket).size());
  }

  @Test
  void whatIsDeletedBeforeItBeginsToBeToldIsToldToo() {
    start();
    create("a", "Card", "b1");
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    String at = since(socket);
    move("a", "b2");
    assertEquals("changes", follow(socket, at).string("mode"));
    delete("a");
    push();
    assertEquals(Set.of(), ids(socket));
  }

  @Test
  void aTimerDoesNotOutliveTheSubscriptionThatItWasFor() {
    start();
    create("a", "Card", "b1");
    FakeSocket other = store.socket();
    follow(other, "");
    FakeSocket socket = store.socket();
    store.time.advance(20_000);
    socket.unsent = 2_000_000;
    follow(socket, "");
    assertEquals(1, store.time.armed());
    store.store().onSocketClosed(socket);
    assertEquals(0, store.time.armed());
    assertTrue(store.store().isIdle());
  }

  /** Every way back to the same state: a deletion before it is known behind each. */
  @Test
  void sinceGoesOnAfterACrashAnEvictionAndARebuild() {
    for (String durability : List.of("pipeline", "local")) {
      try (TestStore other = new TestStore()) {
        other.withArchive().with("DURABILITY", durability).start();
        FakeSocket socket = other.socket();
        other.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}}");
        other.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'b'}}");
        other.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'c'}}");
        follow(socket, "");
        other.time.advance(PUSH_MS);
        String at = since(socket);
        other.ask("{'type':'delete','id':1,'$id':'a'}");
        other.ask("{'type':'update','id':1,'$id':'b','data':{'x':1}}");
        for (String way : List.of("crash", "checkpoint", "again", "rebuild", "forget")) {
          switch (way) {
            case "checkpoint" -> other.post("checkpoint");
            case "rebuild" -> other.post("rebuild");
            case "forget" -> other.sql.exec("DELETE FROM segments");
            default -> {}
          }
          other.time.advance(100);
          other.sockets.clear();
          if (!way.equals("rebuild") && !way.equals("checkpoint")) {
            other.restart();
            other.time.advance(10_000);
          }
          FakeSocket back = other.socket();
          JsonObject reply = follow(back, at);
          assertEquals("ok", reply.string("status"), way);
          String expected = way.equals("forget") && durability.equals("none") ? "" : "changes";
          assertEquals(expected, reply.string("mode"), durability + ", " + way);
          other.time.advance(PUSH_MS);
          JsonObject things = back.last("s").object("things");
          assertEquals(Set.of("a", "b"), Set.copyOf(things.keys()), durability + ", " + way);
          assertEquals(JsonKind.NULL, things.kind("a"));
        }
      }
    }
  }

  @Test
  void whatIsOlderThanTheDeletionsKeptIsASnapshot() {
    store.with("DELETIONS_KEPT", "5");
    start();
    FakeSocket socket = store.socket();
    create("stays", "Card", "b1");
    follow(socket, "");
    push();
    String old = since(socket);
    for (int i = 0; i < 100; i++) {
      create("d" + i, "Card", "b1");
      delete("d" + i);
    }
    push();
    String recent = since(socket);
    create("e", "Card", "b1");
    delete("e");
    assertEquals("snapshot", follow(socket, old).string("mode"));
    push();
    assertEquals(Set.of("stays"), ids(socket));
    assertEquals("changes", follow(socket, recent).string("mode"));
  }

  @Test
  void aMomentThatWasLostIsASnapshot() {
    store.with("DURABILITY", "memory").start();
    FakeSocket socket = store.socket();
    create("a", "Card", "b1");
    store.post("checkpoint");
    create("b", "Card", "b1");
    follow(socket, "");
    push();
    String at = since(socket);
    store.sockets.clear();
    store.restart();
    FakeSocket back = store.socket();
    assertEquals("snapshot", follow(back, at).string("mode"));
    push();
    assertEquals(Set.of("a"), ids(back));
  }

  @ParameterizedTest
  @ValueSource(strings = {"packed", "normalized"})
  void evictedThingsAreFollowedLikeAnyOther(String large) {
    store.with("MAX_ENTRIES", "5").with("COLUMNAR_THRESHOLD", "0");
    store.with("LARGE_COLLECTIONS", large);
    start();
    for (int i = 0; i < 40; i++) {
      create("c" + (10 + i), "Card", "b1");
    }
    store.post("checkpoint");
    store.time.advance(100);
    assertTrue(store.stats().number("entriesInMemory") < 10);
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    assertEquals(40, ids(socket).size());
    String at = since(socket);
    move("c11", "b2");
    delete("c12");
    store.post("checkpoint");
    store.time.advance(100);
    FakeSocket back = store.socket();
    assertEquals("changes", follow(back, at).string("mode"));
    push();
    assertEquals(Set.of("c11", "c12"), Set.copyOf(back.last("s").object("things").keys()));
    assertEquals(39, ids(socket).size());
  }

  /** How many statements read when one goes on behind a start, and what it is told. */
  private int readsOfGoingOn(String at, Set<String> told) {
    store.sockets.clear();
    store.restart();
    FakeSocket back = store.socket();
    int before = store.sql.selects();
    assertEquals("changes", follow(back, at).string("mode"));
    push();
    assertEquals(told, Set.copyOf(back.last("s").object("things").keys()));
    return store.sql.selects() - before;
  }

  @ParameterizedTest
  @ValueSource(strings = {"packed", "normalized"})
  void rowsOfEvictedThingsThatHaveNotChangedAreNotRead(String large) {
    store.with("MAX_ENTRIES", "1").with("COLUMNAR_THRESHOLD", "0");
    store.with("LARGE_COLLECTIONS", large);
    start();
    for (int i = 0; i < 20; i++) {
      create("c" + i, "Card", "b1");
      store.checkpoint();
    }
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    String at = since(socket);
    create("n", "Note", "b1");
    store.checkpoint();
    assertEquals(0, readsOfGoingOn(at, Set.of()));
    move("c3", "b2");
    store.checkpoint();
    int reads = readsOfGoingOn(at, Set.of("c3"));
    assertTrue(reads <= 2, "read " + reads);
  }

  // ---- hibernation

  @Test
  void aSocketThatOutlivedTheMemoryIsPushedWhatChanges() {
    start();
    create("a", "Card", "b1");
    FakeSocket socket = store.socket();
    follow(socket, ",'where':{'board':'b1'}");
    store.time.advance(20_000);
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
    double rows = store.sql.rowsWritten();
    int messages = socket.messages;
    store.restart();
    store.time.advance(20_000);
    assertEquals(messages, socket.messages, "nothing has changed");
    assertEquals(rows, store.sql.rowsWritten());
    create("b", "Card", "b1");
    create("c", "Card", "b2");
    push();
    assertEquals(Set.of("a", "b"), ids(socket));
    assertEquals(1, store.stats().number("subscriptions"));
  }

  @Test
  void aSocketOfWhichNobodyKnowsWhatItHasSeenIsClosed() {
    store.with("DURABILITY", "local").start();
    create("a", "Card", "b1");
    store.time.advance(100);
    FakeSocket socket = store.socket();
    follow(socket, "");
    create("b", "Card", "b1");
    store.time.advance(PUSH_MS);
    store.restart();
    assertEquals(1012, socket.closeCode);
    assertEquals(0, store.stats().number("subscriptions"));
  }

  @Test
  void aRebuildClosesTheSocketsOfSubscribers() {
    start();
    create("a", "Card", "b1");
    FakeSocket socket = store.socket();
    follow(socket, "");
    push();
    store.post("rebuild");
    store.time.advance(10_000);
    assertEquals(1012, socket.closeCode);
  }

  // ---- sockets that do not read

  private void createLarge(int count) {
    String text = "x".repeat(100_000);
    for (int i = 0; i < count; i++) {
      create("l" + (100 + i), "Card", text);
    }
    store.time.advance(100);
  }

  private double pushedChars(FakeSocket socket) {
    double chars = 0;
    for (JsonObject push : socket.pushes) {
      chars += store.print(push).length();
    }
    return chars;
  }

  @Test
  void aMessageHasOneMebibyteOfThingsAndTheRestFollows() {
    start();
    createLarge(35);
    FakeSocket socket = store.socket();
    follow(socket, "");
    for (int i = 0; i < 10; i++) {
      push();
    }
    assertEquals(35, ids(socket).size());
    assertEquals(4, socket.pushes.size());
    for (JsonObject push : socket.pushes) {
      assertTrue(store.print(push).length() < 1_200_000);
      assertEquals(push != socket.last("s"), push.bool("more"));
    }
  }

  @Test
  void whatWaitsToBeReadIsBounded() {
    start();
    createLarge(35);
    FakeSocket socket = store.socket();
    socket.unsent = 2_000_000;
    follow(socket, "");
    store.time.advance(1_000);
    assertEquals(0, socket.pushes.size(), "it has to read first");
    socket.unsent = 0;
    store.time.advance(1_000);
    assertEquals(35, ids(socket).size());
    socket.unsent = UnsentBound.MAX_BYTES + 1;
    move("l100", "y");
    store.time.advance(1_000);
    assertEquals(1013, socket.closeCode);
    assertEquals(0, store.stats().number("subscriptions"));
  }

  @Test
  void aClientThatReadsNothingForAMinuteIsSentAway() {
    start();
    createLarge(2);
    FakeSocket socket = store.socket();
    socket.unsent = 2_000_000;
    follow(socket, "");
    store.time.advance(59_000);
    assertEquals(0, socket.closeCode);
    store.time.advance(2_000);
    assertEquals(1013, socket.closeCode);
    store.time.advance(20_000);
    assertEquals(0, store.time.armed());
  }

  @Test
  void whereThePlatformDoesNotTellTheClientHasToSaySomething() {
    start();
    createLarge(35);
    FakeSocket socket = store.socket();
    socket.unsent = -1;
    follow(socket, "");
    store.time.advance(20_000);
    assertTrue(pushedChars(socket) < 1_200_000, pushedChars(socket) + " characters");
    assertEquals(0, store.time.armed(), "nothing is waited for but the client");
    assertTrue(store.store().isIdle());
    for (int i = 0; i < 5; i++) {
      socket.ask("{'type':'ping','id':1}");
      push();
    }
    assertEquals(35, ids(socket).size());
    assertFalse(socket.last("s").bool("more"));
  }

  @Test
  void aSubscriptionThatIsBehindGoesOnAfterAHibernation() {
    start();
    createLarge(3);
    FakeSocket socket = store.socket();
    socket.unsent = -1;
    follow(socket, "");
    push();
    assertEquals(3, ids(socket).size());
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 3; i++) {
        move("l" + (100 + i), ("r" + round).repeat(50_000));
      }
      delete("l102");
      createLarge(0);
      store.send("{'type':'create','id':1,'$type':'Card','data':{'$id':'l102','board':'again'}}");
      push();
    }
    store.time.advance(20_000);
    assertTrue(store.store().isIdle());
    assertFalse(socket.things("s").get("l100").contains("r5"));
    store.restart();
    store.time.advance(1_000);
    assertEquals(0, socket.closeCode);
    for (int i = 0; i < 5; i++) {
      socket.ask("{'type':'ping','id':1}");
      push();
    }
    assertTrue(socket.things("s").get("l100").contains("r5"));
    assertTrue(socket.things("s").get("l102").contains("again"));
    store.time.advance(20_000);
    store.restart();
    int messages = socket.messages;
    store.time.advance(1_000);
    assertEquals(messages, socket.messages, "it is not behind any more");
  }

  @Test
  void pushesToAClientThatSendsFramesMayComeAsOne() {
    start();
    FakeSocket socket = store.socket();
    socket.ask(
        "[{'type':'subscribe','id':1,'sub':'s','$type':'Card'},"
            + "{'type':'subscribe','id':2,'sub':'t','$type':'Card'}]");
    push();
    assertEquals(2, socket.replies.size());
    int messages = socket.messages;
    create("a", "Card", "b1");
    push();
    assertEquals(messages + 1, socket.messages);
    assertEquals(Set.of("a"), ids(socket));
    assertEquals(Set.of("a"), socket.things("t").keySet());
  }

  // ---- listeners

  @Test
  void aListenerOfTheSameProcessIsToldTheSame() {
    start();
    create("a", "Card", "b1");
    List<String> told = new ArrayList<>();
    FeedListener listener = listener(told);
    Runnable end = store.store().subscribe(store.json.parse("{\"$type\":\"Card\"}"), listener);
    Runnable endAll = store.store().onChange(listener);
    push();
    assertEquals(List.of("a1.0"), told);
    create("n", "Note", "b1");
    push();
    delete("a");
    push();
    assertEquals(List.of("a1.0", "n1.0", "a-", "a-"), told);
    end.run();
    endAll.run();
    move("n", "b2");
    push();
    assertEquals(4, told.size());
    assertNotEquals(0, told.size());
  }
}
