package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.unifiedstorage.driver.HandshakeException;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a JSON Web Token, a ticket and a page's origin let a client do. */
class TokensTest {
  private static final String ACCESS_TOKEN = "the-old-one";
  private static final String NEW_ACCESS_TOKEN = "the-new-one";
  private static final String PAGE = "https://app.example";
  private static final String STATS = "/stores/t-1/stats";

  @TempDir private static Path directory;

  private static StoreServer server;

  @BeforeAll
  static void start() throws IOException {
    Setup setup =
        Setup.plain()
            .with("ACCESS_TOKEN", ACCESS_TOKEN + "," + NEW_ACCESS_TOKEN)
            .with("AUTH_JWT_SECRET", Jwt.SECRET)
            .with("AUTH_ISSUER", "issuer")
            .with("ALLOWED_ORIGINS", PAGE);
    server = StoreServer.start(setup, directory.resolve("data"));
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private static String token(String claims) {
    byte[] key = Jwt.SECRET.getBytes(StandardCharsets.UTF_8);
    return Jwt.signed("{'alg':'HS256'}", claims, key);
  }

  private static String token(String namespace, String scope, String more) {
    return token(
        "{'iss':'issuer','ns':['%s'],'scope':'%s','exp':%d%s}"
            .formatted(namespace, scope, Jwt.inSeconds(600), more));
  }

  private static HttpResponse<String> ask(String method, String path, String token, String body)
      throws IOException {
    return token == null
        ? server.http().request(method, path, body)
        : server.http().request(method, path, body, "Authorization", "Bearer " + token);
  }

  private static HttpResponse<String> get(String path, String token) throws IOException {
    return ask("GET", path, token, null);
  }

  private static void assertCode(int status, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response::body);
    assertEquals(code, Session.json(response.body()).at("/error/code").asText());
  }

  private static Session open(String namespace, String token) throws IOException {
    return server.open(namespace, "access_token=" + token);
  }

  private static int refusal(String namespace, String query) {
    return assertThrows(HandshakeException.class, () -> server.open(namespace, query).close())
        .status();
  }

  private static Reply auth(Session session, String token) {
    return session.call("{'type':'auth','token':'" + token + "'}");
  }

  @Test
  void bothAccessTokensOpenEverything() throws IOException {
    assertEquals(200, get(STATS, ACCESS_TOKEN).statusCode());
    assertEquals(200, get(STATS, NEW_ACCESS_TOKEN).statusCode());
    assertCode(401, "UNAUTHORIZED", get(STATS, ACCESS_TOKEN + "," + NEW_ACCESS_TOKEN));
    try (Session session = open("t-access", NEW_ACCESS_TOKEN)) {
      session.create("a", "{}").ack();
    }
  }

  @Test
  void aRouteTakesItsNamespaceAndItsScope() throws IOException {
    assertEquals(200, get(STATS, token("t-1", "read", "")).statusCode());
    assertEquals(200, get(STATS, token("t-*", "write read", "")).statusCode());
    assertCode(403, "FORBIDDEN", get(STATS, token("t-2", "read", "")));
    assertCode(403, "FORBIDDEN", get(STATS, token("t-1", "write admin", "")));
    assertCode(403, "FORBIDDEN", get("/stores/t-1/metrics", token("t-1", "write", "")));
    for (String action : List.of("checkpoint", "rebuild")) {
      String path = "/stores/t-1/" + action;
      assertCode(403, "FORBIDDEN", ask("POST", path, token("t-1", "read write", ""), ""));
    }
    String admin = token("t-1", "admin", "");
    assertEquals(200, ask("POST", "/stores/t-1/checkpoint", admin, "").statusCode());
    assertEquals(403, refusal("t-1", "access_token=" + token("t-2", "read", "")));
    assertCode(404, "NOT_FOUND", get("/nothing", token("*", "admin", "")));
  }

  @Test
  void whatIsAboutAWholeStoreTakesTheScopeAdmin() throws IOException {
    String[][] routes = {
      {"GET", "/stores"},
      {"GET", "/stores/t-admin/export"},
      {"POST", "/stores/t-admin/import?mode=put"},
      {"POST", "/stores/t-admin/snapshot"},
      {"POST", "/stores/t-admin/restore"},
      {"POST", "/stores/t-admin/fork"},
      {"DELETE", "/stores/t-admin"}
    };
    String client = token("t-*", "read write", "");
    String admin = token("t-*", "admin", "");
    for (String[] route : routes) {
      String body = route[0].equals("POST") ? "{}" : null;
      assertCode(403, "FORBIDDEN", ask(route[0], route[1], client, body));
      int status = ask(route[0], route[1], admin, body).statusCode();
      assertTrue(status != 401 && status != 403, route[1] + ": " + status);
    }
  }

  @Test
  void noScopeImpliesAnother() throws IOException {
    try (Session writer = open("t-scope", token("t-scope", "write", ""));
        Session reader = open("t-scope", token("t-scope", "read", ""));
        Session admin = open("t-scope", token("t-scope", "admin", ""))) {
      writer.create("a", "{}").ack();
      writer.call("{'type':'read','$ids':['a']}").error("FORBIDDEN");
      writer.call("{'type':'query','$type':'Customer'}").error("FORBIDDEN");
      reader.create("b", "{}").error("FORBIDDEN");
      reader.call("{'type':'delete','$id':'a'}").error("FORBIDDEN");
      reader.call("{'type':'read','$ids':['a']}").ok();
      admin.create("b", "{}").error("FORBIDDEN");
      admin.call("{'type':'count','$type':'Customer'}").error("FORBIDDEN");
      admin.ping().ok();
    }
  }

  @Test
  void thingsOfOtherTypesAreAbsent() throws IOException {
    String cards = token("t-types", "read write", ",'types':['Card']");
    try (Session all = open("t-types", ACCESS_TOKEN);
        Session some = open("t-types", cards)) {
      all.create("c", "{}").ack();
      assertTrue(some.thing("c").isMissingNode());
      some.call("{'type':'update','$id':'c','data':{}}").error("NOT_FOUND");
      some.delete("c").ok();
      some.create("d", "{}").error("FORBIDDEN");
      some.call("{'type':'query','$type':'Customer'}").error("FORBIDDEN");
      some.call("{'type':'count','$type':'Customer'}").error("FORBIDDEN");
      some.call("{'type':'put','$type':'Customer','$id':'d','data':{}}").error("FORBIDDEN");
      some.call("{'type':'create','$type':'Card','data':{'$id':'card'}}").ack();
      assertFalse(some.thing("card").isMissingNode());
      assertEquals(1, all.thing("c").path("$version").asInt());
      assertEquals(404, get("/stores/t-types/things/c", cards).statusCode());
      assertEquals(200, get("/stores/t-types/things/card", cards).statusCode());
      assertCode(403, "FORBIDDEN", get("/stores/t-types/stats", cards));
      assertCode(403, "FORBIDDEN", get("/stores/t-types/metrics", cards));
      if (Target.current().hasEmulatorRoutes()) {
        String everywhere = token("*", "read write admin", ",'types':['Card']");
        assertCode(403, "FORBIDDEN", get("/pipelines/events", everywhere));
        String erase = "/archive/erase?namespace=t-types";
        assertCode(403, "FORBIDDEN", ask("POST", erase, everywhere, ""));
      }
    }
  }

  @Test
  void aSubscriptionByIdsIsToldOfThingsThatTheTokenShows() throws Exception {
    try (Session all = open("t-follow", ACCESS_TOKEN);
        Session some = open("t-follow", token("t-follow", "read", ",'types':['Card']"))) {
      all.create("hidden", "{}").ack();
      some.call("{'type':'subscribe','sub':'t','$type':'Customer'}").error("FORBIDDEN");
      some.call("{'type':'subscribe','sub':'s','$ids':['hidden','card']}").ok();
      JsonNode first = some.socket().nextUncorrelated();
      assertEquals(0, first.path("things").size(), first::toString);
      all.call("{'type':'update','$id':'hidden','data':{'n':1}}").ack();
      all.call("{'type':'create','$type':'Card','data':{'$id':'card'}}").ack();
      JsonNode next = some.socket().nextUncorrelated();
      assertEquals(1, next.at("/things/card/$version").asInt(), next::toString);
      assertEquals(1, next.path("things").size(), next::toString);
    }
  }

  @Test
  void requestsOverHttpAreAskedForOneByOne() throws IOException {
    String body =
        "[{\"type\":\"create\",\"$type\":\"T\",\"data\":{}},{\"type\":\"read\",\"$ids\":[\"x\"]}]";
    HttpResponse<String> answer =
        ask("POST", "/stores/t-http/requests", token("t-http", "read", ""), body);
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().contains("FORBIDDEN"), answer::body);
    assertTrue(answer.body().contains("\"things\":{}"), answer::body);
  }

  @Test
  void aTokenThatIsNotValidHereAndNowIsRefused() throws IOException {
    String rest = "'ns':['t-1'],'scope':'read'}";
    List<String> wrong = new ArrayList<>();
    wrong.add(token("{'iss':'issuer'," + rest));
    wrong.add(token("{'iss':'issuer','exp':%d,".formatted(Jwt.inSeconds(-1)) + rest));
    wrong.add(
        token(
            "{'iss':'issuer','nbf':%d,'exp':%d,".formatted(Jwt.inSeconds(60), Jwt.inSeconds(90))
                + rest));
    wrong.add(token("{'iss':'other','exp':%d,".formatted(Jwt.inSeconds(60)) + rest));
    String claims = "{'iss':'issuer','exp':%d,".formatted(Jwt.inSeconds(60)) + rest;
    byte[] key = Jwt.SECRET.getBytes(StandardCharsets.UTF_8);
    wrong.add(Jwt.unsigned("{'alg':'none'}", claims) + ".");
    wrong.add(Jwt.unsigned("{'alg':'HS256'}", claims) + ".");
    wrong.add(Jwt.signed("{'alg':'HS512'}", claims, key));
    wrong.add(Jwt.signed("{'alg':'RS256'}", claims, key));
    wrong.add(Jwt.signed("{'alg':'HS256','crit':['x'],'x':1}", claims, key));
    wrong.add(
        Jwt.signed(
            "{'alg':'HS256'}",
            claims,
            "another key of 32 characters....".getBytes(StandardCharsets.UTF_8)));
    wrong.add(token(claims) + "x");
    wrong.add(token(claims).substring(1));
    wrong.add("a.b.c");
    wrong.add("..");
    assertEquals(200, get(STATS, token(claims)).statusCode());
    for (String token : wrong) {
      HttpResponse<String> answer = get(STATS, token);
      assertCode(401, "UNAUTHORIZED", answer);
      assertFalse(answer.body().contains(token), answer::body);
    }
    assertEquals(401, refusal("t-1", "access_token=" + wrong.get(1)));
  }

  @Test
  void claimsThatAreTooManyAreRefused() throws IOException {
    String types = "x".repeat(1_950);
    assertCode(403, "FORBIDDEN", get(STATS, token("t-1", "read", ",'types':['" + types + "']")));
    assertEquals(200, get(STATS, token("t-1", "read", ",'other':'" + types + "'")).statusCode());
  }

  @Test
  void aSocketIsClosedWhenItsTokenHasExpired() throws Exception {
    String shortLived =
        token("{'iss':'issuer','ns':'t-exp','scope':'read','exp':%d}".formatted(Jwt.inSeconds(4)));
    try (Session session = open("t-exp", shortLived);
        Session renewed = open("t-exp", shortLived)) {
      session.ping().ok();
      auth(renewed, "nonsense").error("FORBIDDEN");
      auth(renewed, token("t-exp", "read write", "")).ok();
      // Whichever message finds it expired closes it, and is not answered.
      Until.within(Duration.ofSeconds(20))
          .sees(
              "the socket's end",
              () -> {
                session.send("{'type':'ping'}");
                return session.socket().closeCode().isDone();
              },
              over -> over);
      assertEquals(4401, session.socket().closeCode().get(20, TimeUnit.SECONDS));
      renewed.create("a", "{}").ack();
    }
  }

  @Test
  void aSocketMayBringItsTokenAsItsFirstMessage() throws Exception {
    try (Session late = server.open("t-late");
        Session session = server.open("t-late")) {
      session.ping().error("FORBIDDEN");
      session.create("a", "{}").error("FORBIDDEN");
      auth(session, token("t-other", "read", "")).error("FORBIDDEN");
      auth(session, token("t-late", "write", "")).ok();
      session.create("a", "{}").ack();
      assertEquals(4401, late.socket().closeCode().get(20, TimeUnit.SECONDS));
      session.ping().ok();
    }
  }

  @Test
  void aTokenInAFrameCountsForWhatIsBehindIt() throws Exception {
    try (Session session = server.open("t-frame")) {
      ObjectNode auth = StoreSocket.JSON.createObjectNode().put("type", "auth");
      auth.put("token", token("t-frame", "write", ""));
      String create = "{'type':'create','$type':'T','data':{'$id':'%s'}}";
      List<CompletableFuture<JsonNode>> replies =
          session
              .socket()
              .sendFrame(
                  List.of(
                      Session.json(create.formatted("a")),
                      auth,
                      Session.json(create.formatted("b"))));
      new Reply(StoreSocket.await(replies.get(0))).error("FORBIDDEN");
      new Reply(StoreSocket.await(replies.get(1))).ok();
      new Reply(StoreSocket.await(replies.get(2))).ack();
    }
  }

  @Test
  void aTicketOpensOneSocket() throws IOException {
    String path = "/tickets?namespace=t-ticket";
    assertCode(401, "UNAUTHORIZED", ask("POST", path, null, ""));
    assertCode(403, "FORBIDDEN", ask("POST", path, token("t-other", "read", ""), ""));
    assertCode(400, "VALIDATION_ERROR", ask("POST", "/tickets", ACCESS_TOKEN, ""));
    HttpResponse<String> answer = ask("POST", path, token("t-ticket", "write", ""), "");
    assertEquals(200, answer.statusCode(), answer::body);
    String ticket = Session.json(answer.body()).path("ticket").asText();
    assertEquals(401, refusal("t-other", "ticket=" + ticket));
    try (Session session = server.open("t-ticket", "ticket=" + ticket)) {
      session.create("a", "{}").ack();
      session.call("{'type':'read','$ids':['a']}").error("FORBIDDEN");
    }
    assertEquals(401, refusal("t-ticket", "ticket=" + ticket));
  }

  // ---- origins

  @Test
  void pagesOfOtherOriginsAreRefused() throws Exception {
    String authorization = "Bearer " + ACCESS_TOKEN;
    HttpResponse<String> allowed =
        server.http().request("GET", STATS, null, "Authorization", authorization, "Origin", PAGE);
    assertEquals(200, allowed.statusCode());
    assertEquals(PAGE, allowed.headers().firstValue("Access-Control-Allow-Origin").orElse(""));
    String own = "http://127.0.0.1:" + server.process().port();
    for (String origin : List.of("https://evil.example", "null", own + "0", PAGE + ".evil")) {
      HttpResponse<String> refused =
          server
              .http()
              .request("GET", STATS, null, "Authorization", authorization, "Origin", origin);
      assertCode(403, "FORBIDDEN", refused);
      assertTrue(refused.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
    }
    HttpResponse<String> same =
        server.http().request("GET", STATS, null, "Authorization", authorization, "Origin", own);
    assertEquals(200, same.statusCode(), same::body);
    assertEquals(101, upgradeFrom(PAGE));
    assertEquals(101, upgradeFrom(own));
    for (String origin : List.of("https://evil.example", "null", own + "0")) {
      assertEquals(403, upgradeFrom(origin));
    }
    String link = STATS + "?access_token=" + ACCESS_TOKEN;
    assertCode(403, "FORBIDDEN", embedded(link, "image"));
    assertEquals(200, embedded(link, "document").statusCode(), "a link may lead to it");
  }

  /** What another site's page gets by an element: its origin is not told. */
  private HttpResponse<String> embedded(String target, String as) throws IOException {
    return server
        .http()
        .request("GET", target, null, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", as);
  }

  /** The status of the answer to a page that asks for a socket. */
  private static int upgradeFrom(String origin) throws Exception {
    try {
      HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .header("Origin", origin)
          .header("Authorization", "Bearer " + ACCESS_TOKEN)
          .buildAsync(server.http().socket("t-page"), new WebSocket.Listener() {})
          .get(20, TimeUnit.SECONDS)
          .abort();
      return 101;
    } catch (ExecutionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }

  @Test
  void aPreflightIsAnsweredForAllowedOrigins() throws IOException {
    HttpResponse<String> allowed = preflight(PAGE);
    assertEquals(204, allowed.statusCode());
    assertEquals(PAGE, allowed.headers().firstValue("Access-Control-Allow-Origin").orElse(""));
    String headers = allowed.headers().firstValue("Access-Control-Allow-Headers").orElse("");
    assertTrue(headers.contains("authorization"), headers);
    assertEquals(403, preflight("https://evil.example").statusCode());
  }

  private static HttpResponse<String> preflight(String origin) throws IOException {
    return server
        .http()
        .request(
            "OPTIONS",
            STATS,
            null,
            "Origin",
            origin,
            "Access-Control-Request-Method",
            "GET",
            "Access-Control-Request-Headers",
            "authorization");
  }

  @Test
  void aGrantThatAClientSendsCountsForNothing() throws IOException {
    String forged = "{\"ns\":[\"*\"],\"scope\":\"rwa\",\"exp\":9000000000000}";
    String body = "{\"type\":\"create\",\"$type\":\"T\",\"data\":{}}";
    HttpResponse<String> answer =
        server
            .http()
            .request(
                "POST",
                "/stores/t-forged/requests",
                body,
                "Authorization",
                "Bearer " + token("t-forged", "read", ""),
                "X-Unified-Storage-Grant",
                URLEncoder.encode(forged, StandardCharsets.UTF_8));
    assertTrue(answer.body().contains("FORBIDDEN"), answer::body);
    assertCode(
        401,
        "UNAUTHORIZED",
        server.http().request("GET", STATS, null, "X-Unified-Storage-Grant", "pending"));
  }

  // ---- public keys

  @Test
  void keysThatAUrlServesSign() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    RSAPublicKey key = (RSAPublicKey) pair.getPublic();
    String set =
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"use\":\"sig\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\""
            + Jwt.base64(unsigned(key.getModulus().toByteArray()))
            + "\"}]}";
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          byte[] body = set.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    issuer.start();
    Setup setup =
        Setup.plain()
            .with("AUTH_JWKS_URL", "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys");
    try (StoreServer keys = StoreServer.start(setup, directory.resolve("keys"))) {
      String claims = "{'ns':'*','scope':'read write','exp':%d}".formatted(Jwt.inSeconds(600));
      String header = "{'alg':'RS256','kid':'one'}";
      String right = Jwt.signed(header, claims, pair.getPrivate());
      List<String> wrong =
          List.of(
              Jwt.signed("{'alg':'RS256','kid':'two'}", claims, pair.getPrivate()),
              Jwt.signed("{'alg':'HS256','kid':'one'}", claims, key.getEncoded()),
              Jwt.signed(
                  "{'alg':'HS256','kid':'one'}", claims, set.getBytes(StandardCharsets.UTF_8)),
              Jwt.unsigned("{'alg':'none','kid':'one'}", claims) + ".",
              right.substring(0, right.length() - 8) + "AAAAAAAA");
      assertEquals(
          200,
          keys.http().request("GET", STATS, null, "Authorization", "Bearer " + right).statusCode());
      for (String token : wrong) {
        HttpResponse<String> answer =
            keys.http().request("GET", STATS, null, "Authorization", "Bearer " + token);
        assertCode(401, "UNAUTHORIZED", answer);
      }
      try (Session session = keys.open("k")) {
        auth(session, wrong.get(4)).error("FORBIDDEN");
        auth(session, right).ok();
        session.create("a", "{}").ack();
      }
    } finally {
      issuer.stop(0);
    }
  }

  private static byte[] unsigned(byte[] number) {
    return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
  }

  @Test
  void nothingOfATokenIsInTheLog() throws IOException {
    String token = token("t-1", "read", "");
    get(STATS + "?access_token=" + token, null);
    get(STATS + "?access_token=" + token + "x", null);
    get(STATS + "?access_token=" + ACCESS_TOKEN + "wrong", null);
    get("/stores/t-1/nothing?access_token=" + ACCESS_TOKEN, null);
    try (Session session = open("t-1", token)) {
      session.ping().ok();
    }
    String log = server.process().output();
    for (String secret : List.of(token, ACCESS_TOKEN, NEW_ACCESS_TOKEN, "access_token")) {
      assertFalse(log.contains(secret), log);
    }
  }
}
