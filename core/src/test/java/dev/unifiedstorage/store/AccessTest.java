package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.access.Admission;
import dev.unifiedstorage.access.VisitLimits;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.fixture.FakeHttp;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.TokenVerifier;
import dev.unifiedstorage.protocol.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may, by what its socket keeps or its request carries. */
final class AccessTest {
  private static final Map<String, String> VARS =
      Map.of("AUTH_JWT_SECRET", "0123456789abcdef0123456789abcdef");

  private static final String SUBSCRIBE = "{'type':'subscribe','id':1,'sub':'s','$type':'Card'}";

  private final TestStore store = new TestStore().with("DURABILITY", "memory");
  private final List<FakeSocket> sockets = new ArrayList<>();

  /** Takes for signed what is JSON, in grave accents for quotes. */
  private final TokenVerifier verifier =
      (token, then) -> {
        if (token.startsWith("{")) {
          then.claims(token.replace('`', '"'));
        } else {
          then.refused();
        }
      };

  private int maxSockets = 1_000;

  @BeforeEach
  void start() {
    store.visitors =
        new Visitors(
            "test",
            new AccessPolicy(AccessSettings.fromVars(VARS), "", verifier, store.time, store.json),
            new VisitLimits(0, 0, maxSockets),
            () -> sockets.stream().filter(s -> s.closeCode == 0).map(Peer.class::cast).toList(),
            store.time,
            store.time,
            new RandomIds(),
            store.json);
    store.start();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Admission admit(String access, String query) {
    return store.visitors.admit(
        name -> name.equals(AccessPolicy.GRANT_HEADER) ? access : null, "/stores/test" + query);
  }

  private FakeSocket opened(String access) {
    return opened(admit(access, ""));
  }

  private FakeSocket opened(Admission admission) {
    assertFalse(admission.isRefused(), admission::body);
    FakeSocket socket = new FakeSocket(store);
    sockets.add(socket);
    store.visitors.opened(socket, admission.kept());
    store.store().watchTokens();
    return socket;
  }

  /** A socket whose client may do something for ten minutes. */
  private FakeSocket granted(String scope, String... types) {
    return opened(grant(scope, 600, types));
  }

  private String grant(String scope, double seconds, String... types) {
    StringBuilder text = new StringBuilder("{\"ns\":[\"test\"],\"scope\":\"" + scope + "\"");
    text.append(",\"exp\":").append((long) (store.time.nowMs() + seconds * 1000));
    if (types.length > 0) {
      text.append(",\"types\":[\"").append(String.join("\",\"", types)).append("\"]");
    }
    return text.append("}").toString();
  }

  private String claims(double seconds, String more) {
    return "{`ns`:`test`,`scope`:`read write`,`exp`:"
        + (store.time.nowMs() / 1000 + seconds)
        + more
        + "}";
  }

  private String ask(FakeSocket socket, String message) {
    store.store().onMessage(socket, message.replace('\'', '"'));
    return socket.replies.isEmpty() ? null : said(socket);
  }

  /** The last reply, by its code or else its status. */
  private String said(FakeSocket socket) {
    JsonObject last = last(socket);
    return last.kind("code") == JsonKind.STRING ? last.string("code") : last.string("status");
  }

  private JsonObject last(FakeSocket socket) {
    return socket.replies.get(socket.replies.size() - 1);
  }

  private String auth(FakeSocket socket, String token) {
    return ask(socket, "{'type':'auth','id':1,'token':\"" + token + "\"}");
  }

  private static String create(String id, String type) {
    return "{'type':'create','id':1,'$type':'" + type + "','data':{'$id':'" + id + "'}}";
  }

  @Test
  void noScopeImpliesAnother() {
    FakeSocket reader = granted("r");
    FakeSocket writer = granted("w");
    FakeSocket admin = granted("a");
    List<String> reads =
        List.of(
            "{'type':'read','id':1,'$ids':['a']}",
            "{'type':'check','id':1,'$id':'none','ifVersion':0}",
            "{'type':'query','id':1,'$type':'Card'}",
            "{'type':'count','id':1,'$type':'Card'}");
    for (String read : reads) {
      assertEquals("ok", ask(reader, read));
      assertEquals("FORBIDDEN", ask(writer, read));
      assertEquals("FORBIDDEN", ask(admin, read));
    }
    assertEquals("FORBIDDEN", ask(writer, "{'type':'read','id':1,'$ids':['a'],'at':{'seq':1}}"));
    List<String> writes =
        List.of(
            create("a", "Card"),
            "{'type':'put','id':1,'$type':'Card','$id':'a','data':{}}",
            "{'type':'update','id':1,'$id':'a','data':{'n':1}}",
            "{'type':'delete','id':1,'$id':'a'}");
    for (String write : writes) {
      assertEquals("FORBIDDEN", ask(reader, write));
      assertEquals("FORBIDDEN", ask(admin, write));
    }
    assertEquals(0, store.stats().number("appliedSeq"));
    for (String write : writes) {
      String status = ask(writer, write);
      assertTrue(status.equals("ack") || status.equals("ok"), status);
    }
    assertEquals("ok", ask(admin, "{'type':'ping','id':1}"));
    String returning = "{'type':'create','id':1,'$type':'Card','data':{},'return':true}";
    assertEquals("FORBIDDEN", ask(writer, returning));
  }

  @Test
  void aBatchIsAskedForOneByOne() {
    FakeSocket writer = granted("w");
    String operations = "[" + create("a", "Card") + ",{'type':'read','$ids':['a']}]";
    assertEquals("ack", ask(writer, "{'type':'batch','id':1,'operations':" + operations + "}"));
    assertEquals("a", last(writer).array("results").object(0).string("$id"));
    assertEquals("FORBIDDEN", last(writer).array("results").object(1).string("code"));
    operations = operations.replace("'a'", "'b'");
    assertEquals(
        "BATCH_FAILED",
        ask(writer, "{'type':'batch','id':1,'atomic':true,'operations':" + operations + "}"));
    assertEquals("FORBIDDEN", last(writer).object("details").string("code"));
    assertEquals(1, store.stats().number("entries"));
  }

  @Test
  void thingsOfOtherTypesAreAbsent() {
    FakeSocket all = opened("");
    ask(all, create("board", "Board"));
    ask(all, create("card", "Card"));
    FakeSocket cards = granted("rw", "Card");
    ask(cards, "{'type':'read','id':1,'$ids':['board','card']}");
    assertEquals(List.of("card"), last(cards).object("things").keys());
    assertEquals("NOT_FOUND", ask(cards, "{'type':'update','id':1,'$id':'board','data':{}}"));
    assertEquals("ok", ask(cards, "{'type':'delete','id':1,'$id':'board'}"));
    assertEquals("ok", ask(cards, "{'type':'check','id':1,'$id':'board','ifVersion':0}"));
    assertEquals("NOT_FOUND", ask(cards, "{'type':'delete','id':1,'$id':'board','ifVersion':1}"));
    assertEquals("CONFLICT", ask(cards, create("board", "Card")));
    assertEquals(0, last(cards).object("details").number("version"));
    assertEquals(
        "CONFLICT",
        ask(cards, "{'type':'put','id':1,'$type':'Card','$id':'board','data':{},'ifVersion':0}"));
    for (String forbidden :
        List.of(
            create("x", "Board"),
            "{'type':'put','id':1,'$type':'Board','$id':'x','data':{}}",
            "{'type':'query','id':1,'$type':'Board'}",
            "{'type':'count','id':1,'$type':'Board'}")) {
      assertEquals("FORBIDDEN", ask(cards, forbidden));
    }
    assertEquals("ok", ask(cards, "{'type':'count','id':1,'$type':'Card'}"));
    ask(all, "{'type':'read','id':1,'$ids':['board']}");
    assertEquals(1, last(all).object("things").object("board").number("$version"));
  }

  @Test
  void aRequestCarriesWhatItsClientMay() {
    ask(opened(""), create("board", "Board"));
    assertEquals("200", http("GET", "things/board", grant("r", 60)));
    assertEquals("404", http("GET", "things/board", grant("r", 60, "Card")));
    List<String> bodies = new ArrayList<>();
    Route route = Route.parse("POST", "/stores/test/requests", false);
    String grant = grant("r", 60);
    store
        .store()
        .onRequest(
            new HttpRequest(
                route,
                name -> name.equals(AccessPolicy.GRANT_HEADER) ? grant : null,
                ("[" + create("x", "Card") + ",{'type':'auth','token':'t'}]").replace('\'', '"')),
            (status, type, body) -> bodies.add(status + body));
    assertTrue(bodies.get(0).startsWith("200"), bodies::toString);
    assertTrue(bodies.get(0).contains("FORBIDDEN"), bodies::toString);
    assertTrue(bodies.get(0).contains("UNKNOWN_TYPE"), bodies::toString);
  }

  @Test
  void anImportTouchesNoThingsOfOtherTypes() {
    FakeSocket all = opened("");
    ask(all, create("board", "Board"));
    String grant = grant("a", 60, "Card");
    String lines =
        """
        {'$id':'new','$type':'Board'}
        {'$id':'board','$type':'Card'}
        {'$id':'card','$type':'Card','$version':9,'$createdAt':1}
        """;
    FakeHttp answer = new FakeHttp();
    store
        .store()
        .onRequest(
            new HttpRequest(
                Route.parse("POST", "/stores/test/import?mode=put", false),
                name -> name.equals(AccessPolicy.GRANT_HEADER) ? grant : null,
                "",
                FakeHttp.body(lines)),
            answer);
    JsonObject said = store.json.parse(answer.text);
    assertEquals(1, said.number("created"), answer.text);
    assertEquals("FORBIDDEN", said.array("failed").object(0).string("code"));
    assertEquals("CONFLICT", said.array("failed").object(1).string("code"));
    ask(all, "{'type':'read','id':1,'$ids':['board','card','new']}");
    JsonObject things = last(all).object("things");
    assertEquals(List.of("board", "card"), things.keys());
    assertEquals("Board", things.object("board").string("$type"));
    assertEquals(1, things.object("card").number("$version"));
  }

  private String http(String method, String action, String grant) {
    List<String> statuses = new ArrayList<>();
    store
        .store()
        .onRequest(
            new HttpRequest(
                Route.parse(method, "/stores/test/" + action, false),
                name -> name.equals(AccessPolicy.GRANT_HEADER) ? grant : null,
                ""),
            (status, type, body) -> statuses.add("" + status));
    return statuses.get(0);
  }

  // ---- time

  @Test
  void theMessageThatFindsATokenExpiredIsNotAnswered() {
    FakeSocket socket = opened(grant("r", 60));
    store.time.jump(59_999);
    assertEquals("ok", ask(socket, "{'type':'ping','id':1}"));
    store.time.jump(1);
    ask(socket, "{'type':'ping','id':2}");
    assertEquals(4401, socket.closeCode);
    assertEquals(1, socket.replies.size());
  }

  @Test
  void anIdleSocketIsClosedWithinAMinuteByTheAlarm() {
    FakeSocket socket = opened(grant("r", 90));
    FakeSocket later = opened(grant("r", 600));
    double alarmMs = store.time.alarmMs();
    assertTrue(alarmMs >= store.time.nowMs() + 90_000, "no sooner than the token's end");
    assertTrue(alarmMs <= store.time.nowMs() + 150_000, "a minute later at the latest");
    store.time.jump(alarmMs - store.time.nowMs());
    store.store().onAlarm();
    assertEquals(4401, socket.closeCode);
    assertEquals(0, later.closeCode);
    assertTrue(store.time.alarmMs() > alarmMs, "the next one's end is waited for");
  }

  @Test
  void nothingIsPushedToASocketWhoseTokenHasExpired() {
    FakeSocket socket = opened(grant("r", 60));
    FakeSocket writer = granted("w");
    assertEquals("FORBIDDEN", ask(writer, SUBSCRIBE));
    assertEquals("ok", ask(socket, SUBSCRIBE));
    store.time.advance(100);
    int before = socket.pushes.size();
    ask(writer, create("a", "Card"));
    store.time.advance(100);
    assertEquals(before + 1, socket.pushes.size());
    store.time.jump(60_000);
    ask(writer, create("b", "Card"));
    store.time.advance(100);
    assertEquals(before + 1, socket.pushes.size());
    assertEquals(4401, socket.closeCode);
  }

  @Test
  void aTokenOfSomeTypesFollowsThoseAlone() {
    FakeSocket cards = granted("r", "Card");
    assertEquals("ok", ask(cards, SUBSCRIBE));
    assertEquals("FORBIDDEN", ask(cards, SUBSCRIBE.replace("Card", "Board")));
  }

  @Test
  void thingsOfOtherTypesAreAbsentToASubscriptionByIds() {
    FakeSocket all = opened("");
    ask(all, create("board", "Board"));
    ask(all, create("card", "Card"));
    FakeSocket cards = granted("r", "Card");
    String subscribe = "{'type':'subscribe','id':1,'sub':'ids','$ids':['board','card','new']}";
    assertEquals("FORBIDDEN", ask(granted("w", "Card"), subscribe));
    assertEquals("ok", ask(cards, subscribe));
    store.time.advance(100);
    assertEquals(List.of("card"), cards.last("ids").object("things").keys());
    String at = cards.last("ids").string("at");

    int before = cards.pushes.size();
    ask(all, "{'type':'update','id':1,'$id':'board','data':{'n':1}}");
    ask(all, create("new", "Board"));
    store.time.advance(100);
    assertEquals(before, cards.pushes.size(), "nothing is told of what is hidden");
    ask(all, "{'type':'delete','id':1,'$id':'card'}");
    ask(all, create("card", "Board"));
    store.time.advance(100);
    assertEquals(JsonKind.NULL, cards.last("ids").object("things").kind("card"));
    ask(all, "{'type':'delete','id':1,'$id':'board'}");
    ask(all, create("board", "Card"));
    store.time.advance(100);
    assertEquals(List.of("board"), List.copyOf(cards.things("ids").keySet()));

    FakeSocket again = granted("r", "Card");
    ask(again, subscribe.replace("}", ",'since':'" + at + "'}"));
    assertEquals("changes", last(again).string("mode"));
    store.time.advance(100);
    assertEquals(JsonKind.NULL, again.last("ids").object("things").kind("card"));
    assertEquals(List.of("board"), List.copyOf(again.things("ids").keySet()));
  }

  @Test
  void aRenewedTokenCountsForSubscriptionsAndAfterAHibernation() {
    FakeSocket socket = granted("r", "Card");
    store.sockets.add(socket);
    ask(socket, "{'type':'subscribe','id':1,'sub':'ids','$ids':['a','b']}");
    store.time.advance(10_000);
    store.restart();
    FakeSocket all = opened("");
    ask(all, create("a", "Board"));
    store.time.advance(100);
    assertTrue(socket.things("ids").isEmpty());
    assertEquals("ok", auth(socket, claims(60, ",`types`:[`Board`]")));
    ask(all, create("b", "Board"));
    store.time.advance(100);
    assertEquals(List.of("b"), List.copyOf(socket.things("ids").keySet()));
  }

  @Test
  void aSubscriberWhoseRenewedTokenMayNotReadIsToldNothing() {
    FakeSocket socket = opened(grant("r", 60));
    assertEquals("ok", ask(socket, SUBSCRIBE));
    store.time.advance(100);
    int before = socket.pushes.size();
    String writeOnly = claims(60, "").replace("`read write`", "`write`");
    assertEquals("ok", auth(socket, writeOnly));
    FakeSocket all = opened("");
    ask(all, create("a", "Card"));
    store.time.advance(100);
    assertEquals(before, socket.pushes.size());
    assertEquals("ok", auth(socket, claims(60, "")));
    ask(all, create("b", "Card"));
    store.time.advance(100);
    assertEquals(List.of("b"), List.copyOf(socket.things("s").keySet()));
  }

  @Test
  void aTokenIsRenewedInPlace() {
    FakeSocket socket = opened(grant("r", 60));
    assertEquals("FORBIDDEN", ask(socket, create("a", "Card")));
    assertEquals("FORBIDDEN", auth(socket, "wrong"));
    assertEquals("FORBIDDEN", auth(socket, claims(300, "").replace("`test`", "`other`")));
    assertEquals("ok", auth(socket, claims(300, "")));
    assertEquals("ack", ask(socket, create("a", "Card")));
    store.time.jump(299_000);
    assertEquals("ok", ask(socket, "{'type':'ping','id':1}"));
    store.time.jump(1_000);
    auth(socket, claims(300, ""));
    assertEquals(4401, socket.closeCode);
  }

  @Test
  void aTokenInAFrameCountsForWhatIsBehindIt() {
    FakeSocket socket = opened(grant("r", 60));
    String auth = "{'type':'auth','id':1,'token':\"" + claims(300, "") + "\"}";
    ask(socket, "[" + create("a", "Card") + "," + auth + "," + create("b", "Card") + "]");
    assertEquals(
        List.of("FORBIDDEN", "ok", "ack"),
        socket.replies.stream()
            .map(r -> r.kind("code") == JsonKind.STRING ? r.string("code") : r.string("status"))
            .toList());
  }

  @Test
  void aTokenOfAnotherSubjectDoesNotTakeASocketOver() {
    FakeSocket socket = opened(AccessPolicy.PENDING);
    assertEquals("ok", auth(socket, claims(60, ",`sub`:`alice`")));
    assertEquals("FORBIDDEN", auth(socket, claims(60, ",`sub`:`bob`")));
    assertEquals("FORBIDDEN", auth(socket, claims(60, "")));
    assertEquals("ok", auth(socket, claims(60, ",`sub`:`alice`")));
  }

  // ---- sockets without a token

  @Test
  void aSocketWithoutATokenHasFiveSecondsToBringOne() {
    FakeSocket late = opened(AccessPolicy.PENDING);
    FakeSocket right = opened(AccessPolicy.PENDING);
    for (String other : List.of("ping", "create", "read", "nothing")) {
      assertEquals("FORBIDDEN", ask(right, "{'type':'" + other + "','id':1}"));
    }
    assertEquals("FORBIDDEN", auth(right, "wrong"));
    assertEquals("ok", auth(right, claims(60, "")));
    store.time.advance(5_000);
    assertEquals(4401, late.closeCode);
    assertEquals(0, right.closeCode);
    assertEquals("ack", ask(right, create("a", "Card")));
  }

  @Test
  void onlyAHundredSocketsMayWaitForTheirToken() {
    for (int i = 0; i < 100; i++) {
      opened(AccessPolicy.PENDING);
    }
    assertEquals(429, admit(AccessPolicy.PENDING, "").status());
    FakeSocket first = sockets.get(0);
    first.close(1000, "");
    store.visitors.closed(first);
    opened(AccessPolicy.PENDING);
    Admission refused = admit(AccessPolicy.PENDING, "");
    assertEquals(429, refused.status());
    assertEquals(List.of("retry-after", "5"), refused.headers());
    assertFalse(admit("", "").isRefused());
  }

  @Test
  void pastMaxSocketsASocketIsRefusedOrClosed() {
    maxSockets = 2;
    start();
    FakeSocket pending = opened(AccessPolicy.PENDING);
    opened("");
    FakeSocket second = opened("");
    Admission refused = admit("", "");
    assertEquals(429, refused.status());
    JsonObject error = store.json.parse(refused.body()).object("error");
    assertEquals("QUOTA_EXCEEDED", error.string("code"));
    assertEquals(2, error.object("details").number("limit"));
    auth(pending, claims(60, ""));
    assertEquals(1013, pending.closeCode);
    second.close(1000, "");
    opened("");
  }

  // ---- tickets

  @Test
  void aTicketOpensOneSocket() {
    String grant = grant("r", 60);
    String ticket =
        store.visitors.newTicket(
            store.visitors.callerOf(n -> n.equals(AccessPolicy.GRANT_HEADER) ? grant : null));
    assertTrue(admit(AccessPolicy.TICKET, "?ticket=no").isRefused());
    FakeSocket socket = opened(admit(AccessPolicy.TICKET, "?ticket=" + ticket));
    assertEquals("FORBIDDEN", ask(socket, create("a", "Card")));
    assertEquals(401, admit(AccessPolicy.TICKET, "?ticket=" + ticket).status());
    String late = store.visitors.newTicket(store.visitors.callerOf(n -> null));
    store.time.advance(30_000);
    assertEquals(401, admit(AccessPolicy.TICKET, "?ticket=" + late).status());
    assertTrue(store.visitors.isIdle());
  }

  // ---- rates

  @Test
  void aClientThatAsksTooFastIsToldWhenToComeBack() {
    store.visitors = null;
    store.with("RATE_LIMIT", "2:3").start();
    FakeSocket socket = new FakeSocket(store);
    String read = "{'type':'read','id':1,'$ids':['a']}";
    assertEquals("ok", ask(socket, read));
    ask(socket, "[" + read + "," + read + "," + read + "]");
    assertEquals("RATE_LIMITED", said(socket));
    assertEquals(500, last(socket).object("details").number("retryAfterMs"));
    assertEquals("ok", ask(socket, "{'type':'ping','id':1}"));
    assertEquals("RATE_LIMITED", ask(socket, "{'type':'nonsense','id':1}"));
    assertEquals("ok", ask(new FakeSocket(store), read));
    store.time.jump(499);
    assertEquals("RATE_LIMITED", ask(socket, read));
    store.time.jump(1);
    assertEquals("ok", ask(socket, read));
    assertEquals("RATE_LIMITED", ask(socket, read));
  }

  @Test
  void aRequestOverHttpThatCameTooFastIsToldInAHeaderToo() {
    store.visitors = null;
    store.with("RATE_LIMIT", "2:1").start();
    assertEquals(404, FakeHttp.send(store, "GET", "things/a", null).status);
    FakeHttp refused = FakeHttp.send(store, "GET", "things/a", null);
    assertEquals(429, refused.status);
    assertEquals(List.of("retry-after", "1"), refused.headers);
    JsonObject error = store.json.parse(refused.text).object("error");
    assertEquals("RATE_LIMITED", error.string("code"));
    assertEquals(500, error.object("details").number("retryAfterMs"));
  }

  @Test
  void aSessionsWriteBehindOneThatCameTooFastSaysWhichIsDue() {
    store.visitors = null;
    store.with("RATE_LIMIT", "1:2").start();
    FakeSocket socket = new FakeSocket(store);
    ask(socket, "{'type':'hello','id':1,'session':'s','next':1}");
    String create = "{'type':'create','id':1,'n':%d,'$type':'T','data':{}}";
    assertEquals("ack", ask(socket, create.formatted(1)));
    assertEquals("RATE_LIMITED", ask(socket, create.formatted(2)));
    assertEquals(JsonKind.ABSENT, last(socket).object("details").kind("expected"));
    assertEquals("RATE_LIMITED", ask(socket, create.formatted(3)));
    assertEquals(2, last(socket).object("details").number("expected"));
    assertEquals(1000, last(socket).object("details").number("retryAfterMs"));
    assertEquals("RATE_LIMITED", ask(socket, create.formatted(1)));
    assertEquals(JsonKind.ABSENT, last(socket).object("details").kind("expected"));
    store.time.jump(2_000);
    assertEquals("ack", ask(socket, create.formatted(2)));
    assertEquals("ack", ask(socket, create.formatted(3)));
  }

  // ---- quotas

  @Test
  void aFullStoreCanBeReadEmptiedAndMadeSmaller() {
    store.visitors = null;
    store.with("MAX_THINGS", "2").with("MAX_STORE_BYTES", "4000").start();
    FakeSocket socket = new FakeSocket(store);
    String large =
        "{'type':'put','id':1,'$type':'Card','$id':'a','data':{'t':'" + "x".repeat(2_500) + "'}}";
    assertEquals("ack", ask(socket, large));
    assertFalse(store.log.toString().contains("70% full"), store.log::toString);
    assertEquals("ack", ask(socket, create("b", "Card")));
    assertTrue(store.log.toString().contains("70% full"), store.log::toString);
    assertEquals("QUOTA_EXCEEDED", ask(socket, create("c", "Card")));
    assertEquals(2, last(socket).object("details").number("limit"));
    String grows = "{'type':'update','id':1,'$id':'b','data':{'t':'" + "x".repeat(2_500) + "'}}";
    assertEquals("QUOTA_EXCEEDED", ask(socket, grows));
    assertEquals(4_000, last(socket).object("details").number("limit"));
    assertEquals("ok", ask(socket, "{'type':'read','id':1,'$ids':['a','b']}"));
    String smaller = "{'type':'update','id':1,'$id':'a','data':{'t':'" + "x".repeat(2_400) + "'}}";
    assertEquals("ack", ask(socket, smaller));
    assertEquals("ack", ask(socket, smaller));
    assertEquals("ack", ask(socket, "{'type':'put','id':1,'$type':'Card','$id':'a','data':{}}"));
    assertEquals("ack", ask(socket, grows));
    assertEquals("ok", ask(socket, "{'type':'delete','id':1,'$id':'a'}"));
    assertEquals("ack", ask(socket, create("c", "Card")));
    String two = "[" + create("d", "Card") + ",{'type':'delete','$id':'b'}]";
    assertEquals(
        "BATCH_FAILED",
        ask(socket, "{'type':'batch','id':1,'atomic':true,'operations':" + two + "}"));
  }

  @Test
  void aFieldThatGoesGivesItsRoomBackAtOnce() {
    store.visitors = null;
    store.with("MAX_STORE_BYTES", "12000").start();
    FakeSocket socket = new FakeSocket(store);
    String large =
        "{'type':'put','id':1,'$type':'Card','$id':'%s','data':{'t':'" + "x".repeat(8_000) + "'}}";
    assertEquals("ack", ask(socket, large.formatted("a")));
    assertEquals("QUOTA_EXCEEDED", ask(socket, large.formatted("b")));
    assertEquals("ack", ask(socket, "{'type':'update','id':1,'$id':'a','unset':['t']}"));
    assertEquals("ack", ask(socket, large.formatted("b")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'update','id':1,'$id':'a','unset':['t']}",
        "{'type':'update','id':1,'$id':'a','data':{'t':0}}"
      })
  void aFieldThatGoesGivesNoMoreRoomBackThanItTook(String update) {
    store.visitors = null;
    store.start();
    FakeSocket socket = new FakeSocket(store);
    String numbers = "1e20,".repeat(20_000) + "1";
    for (String value : List.of("[" + numbers + "]", "{'of':[" + numbers + "]}")) {
      String put = "{'type':'put','id':1,'$type':'Card','$id':'a','data':{'t':" + value + "}}";
      assertEquals("ack", ask(socket, put));
      assertEquals("ack", ask(socket, update));
      double bytes = store.stats().number("estimatedBytes");
      assertTrue(bytes > 0, "one thing has " + bytes + " bytes");
    }
  }
}
