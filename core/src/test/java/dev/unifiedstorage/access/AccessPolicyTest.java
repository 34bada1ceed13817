package dev.unifiedstorage.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.TokenVerifier;
import dev.unifiedstorage.protocol.Route;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AccessPolicyTest {
  private static final String STATS = "/stores/a/stats";
  private static final String OWN = "http://127.0.0.1:8787";
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  private final FakeTime time = new FakeTime();
  private final Map<String, String> vars = new HashMap<>();
  private final Map<String, String> headers = new HashMap<>();
  private String method = "GET";
  private boolean upgrade;
  private boolean ofServer;

  /** Takes for signed what is JSON, in single quotes, and for its claims the text itself. */
  private final TokenVerifier verifier =
      (token, then) -> {
        if (token.startsWith("{")) {
          then.claims(token.replace('\'', '"'));
        } else if (token.equals("unavailable")) {
          then.unavailable("connection refused");
        } else {
          then.refused();
        }
      };

  private AccessPolicy policy() {
    return new AccessPolicy(
        AccessSettings.fromVars(vars), "set ACCESS_TOKEN", verifier, time, new JacksonJson());
  }

  private Visit visit(String target) {
    Route route = Route.parse(method, target, upgrade);
    return new Visit(method, target, route, headers::get, OWN, ofServer);
  }

  private Verdict judge(String target) {
    Verdict[] verdict = new Verdict[1];
    policy().judge(visit(target), now -> verdict[0] = now);
    return verdict[0];
  }

  private Verdict with(String authorization, String target) {
    headers.put("authorization", authorization);
    return judge(target);
  }

  private Verdict token(String claims, String target) {
    return with("Bearer " + claims, target);
  }

  private void assertGranted(Verdict verdict) {
    assertEquals(Verdict.Kind.GRANTED, verdict.kind(), verdict::message);
  }

  private void assertStatus(int status, Verdict verdict) {
    assertEquals(status, verdict.isRefused() ? verdict.status() : 200);
  }

  @Test
  void accessTokenIsTakenFromTheHeaderOrTheQuery() {
    vars.put("ACCESS_TOKEN", "s3 é+/=&?%#");
    assertGranted(with("Bearer s3 é+/=&?%#", STATS));
    assertGranted(with("bEARER   s3 é+/=&?%#  ", STATS));
    headers.clear();
    String encoded = "s3+%C3%A9%2B%2F%3D%26%3F%25%23";
    assertGranted(judge(STATS + "?access_token=" + encoded));
    assertGranted(judge(STATS + "?x=1&access_token=" + encoded + "&access_token=no"));
    assertGranted(with("Basic x", STATS + "?access_token=" + encoded));
  }

  @Test
  void anythingElseIsRefused() {
    vars.put("ACCESS_TOKEN", "s3 é+/=&?%#");
    for (String header : new String[] {null, "", "Bearer", "Bearer ", "Bearer s3", "s3 é+/=&?%#"}) {
      assertStatus(401, with(header, STATS));
    }
    assertStatus(401, with("Bearer s3 é+/=&?%#s3 é+/=&?%#", STATS));
    headers.clear();
    for (String query : new String[] {"", "access_token", "access_token=", "access_token=%"}) {
      assertStatus(401, judge(STATS + "?" + query));
    }
    assertStatus(401, with("Bearer no", STATS + "?access_token=s3"));
    assertTrue(judge(STATS).message().contains("Authorization: Bearer"));
  }

  @Test
  void twoTokensCountWhileOneTakesTheOthersPlace() {
    vars.put("ACCESS_TOKEN", "old, new");
    assertGranted(token("old", STATS));
    assertGranted(token("new", STATS));
    assertStatus(401, token("old, new", STATS));
    assertStatus(401, token("", STATS));
    vars.put("ACCESS_TOKEN", "a,b,c");
    IllegalArgumentException three =
        assertThrows(IllegalArgumentException.class, () -> AccessSettings.fromVars(vars));
    assertEquals(
        "ACCESS_TOKEN: expected one token, or two with a comma between, got 3", three.getMessage());
  }

  @Test
  void withoutATokenEveryClientMayInOrNone() {
    vars.put("PUBLIC", "true");
    assertGranted(judge(STATS));
    vars.put("PUBLIC", "false");
    assertStatus(401, with("Bearer ", STATS + "?access_token="));
    assertTrue(judge(STATS).message().contains("set ACCESS_TOKEN"));
  }

  @Test
  void noWrongSettingRepeatsASecret() {
    vars.put("AUTH_JWT_SECRET", "short");
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> AccessSettings.fromVars(vars));
    assertEquals("AUTH_JWT_SECRET: expected at least 32 characters, got 5", wrong.getMessage());
    vars.put("AUTH_JWT_SECRET", SECRET);
    assertFalse(AccessSettings.fromVars(vars).toString().contains(SECRET));
    vars.put("AUTH_JWKS_URL", "https://issuer.example/keys");
    assertThrows(IllegalArgumentException.class, () -> AccessSettings.fromVars(vars));
  }

  // ---- claims

  private void takeJwts() {
    vars.put("AUTH_JWT_SECRET", SECRET);
    time.jump(1_000_000 - time.nowMs());
  }

  @Test
  void aRouteTakesItsNamespaceAndItsScope() {
    takeJwts();
    String reads = "{'ns':['a','b*'],'scope':'read','exp':2000}";
    assertGranted(token(reads, STATS));
    assertGranted(token(reads, "/stores/b/things/x"));
    assertGranted(token(reads, "/stores/bcd/history/x"));
    assertStatus(403, token(reads, "/stores/ab/stats"));
    assertStatus(403, token("{'ns':'a','scope':['write','admin'],'exp':2000}", STATS));
    method = "POST";
    for (String action : List.of("checkpoint", "rebuild")) {
      assertStatus(403, token("{'ns':'a','scope':'read write','exp':2000}", "/stores/a/" + action));
      assertGranted(token("{'ns':'a','scope':'openid admin','exp':2000}", "/stores/a/" + action));
    }
    assertGranted(token("{'ns':'a','scope':'','exp':2000}", "/stores/a/requests"));
    assertStatus(403, token("{'ns':'b','scope':'write','exp':2000}", "/stores/a/requests"));
  }

  @Test
  void aTokenCountsInItsTimeAndForItsIssuerAndAudience() {
    takeJwts();
    String rest = "'ns':'a','scope':'read'}";
    assertStatus(401, token("{" + rest, STATS));
    assertStatus(401, token("{'exp':'2000'," + rest, STATS));
    assertStatus(401, token("{'exp':1000," + rest, STATS));
    assertGranted(token("{'exp':1000.001," + rest, STATS));
    assertStatus(401, token("{'exp':2000,'nbf':1001," + rest, STATS));
    assertGranted(token("{'exp':2000,'nbf':1000," + rest, STATS));
    vars.put("AUTH_ISSUER", "https://issuer");
    vars.put("AUTH_AUDIENCE", "stores");
    assertStatus(401, token("{'exp':2000,'aud':'stores'," + rest, STATS));
    assertStatus(401, token("{'exp':2000,'iss':'https://issuer','aud':['x']," + rest, STATS));
    assertGranted(token("{'exp':2000,'iss':'https://issuer','aud':['x','stores']," + rest, STATS));
  }

  @Test
  void claimsThatAreNotOfTheFormGrantNothing() {
    takeJwts();
    for (String claims :
        List.of(
            "'scope':'read'",
            "'ns':[1],'scope':'read'",
            "'ns':'a'",
            "'ns':'a','scope':1",
            "'ns':'a','scope':'read','types':{}",
            "'ns':'a','scope':'read','sub':1",
            "'ns':['a','" + "n".repeat(2_000) + "'],'scope':'read'")) {
      assertStatus(403, token("{'exp':2000," + claims + "}", STATS));
    }
    assertStatus(401, token("[]", STATS));
    assertStatus(401, token("x", STATS));
    assertStatus(401, token("{" + "x".repeat(20_000), STATS));
    assertStatus(503, token("unavailable", STATS));
  }

  @Test
  void whatIsKeptOfATokenSaysAllThatItSaid() {
    takeJwts();
    JacksonJson json = new JacksonJson();
    Grant grant =
        token(
                "{'ns':['a*'],'scope':'write','types':['Card'],'sub':'é','exp':2000}",
                "/stores/a/nothing")
            .grant();
    Grant kept = Grant.parse(grant.text(json), json);
    assertEquals(grant.text(json), kept.text(json));
    assertTrue(kept.opens("abc") && !kept.opens("b") && !kept.opensAll());
    assertTrue(kept.has(Scope.WRITE) && !kept.has(Scope.READ) && !kept.has(Scope.ADMIN));
    assertTrue(kept.shows("Card") && !kept.shows("Board"));
    assertEquals("é", kept.subject());
    assertEquals(2_000_000, kept.expiresAtMs());
    assertEquals("", Grant.ALL.text(json));
    assertTrue(Grant.parse("", json) == Grant.ALL);
  }

  @Test
  void whatIsTheServersTakesATokenForAllOfIt() {
    takeJwts();
    ofServer = true;
    assertStatus(403, token("{'ns':'a','scope':'admin','exp':2000}", "/pipelines/events"));
    assertStatus(403, token("{'ns':'*','scope':'read write','exp':2000}", "/pipelines/events"));
    assertStatus(
        403,
        token(
            "{'ns':'*','scope':'read write admin','types':['Card'],'exp':2000}",
            "/pipelines/events"));
    assertGranted(token("{'ns':'*','scope':'admin','exp':2000}", "/pipelines/events"));
  }

  @Test
  void whatCountsThingsOfAllTypesTakesATokenForAllOfThem() {
    takeJwts();
    String all = "{'ns':'a','scope':'read admin','exp':2000}";
    String cards = "{'ns':'a','scope':'read admin','types':['Card'],'exp':2000}";
    for (String get : List.of("stats", "metrics")) {
      assertGranted(token(all, "/stores/a/" + get));
      assertStatus(403, token(cards, "/stores/a/" + get));
    }
    assertGranted(token(cards, "/stores/a/things/x"));
    assertGranted(token(cards, "/stores/a/export"));
    method = "POST";
    for (String post : List.of("checkpoint", "snapshot", "rebuild", "restore", "fork")) {
      assertGranted(token(all, "/stores/a/" + post));
      assertStatus(403, token(cards, "/stores/a/" + post));
    }
    assertGranted(token(cards, "/stores/a/import?mode=put"));
  }

  @Test
  void aSocketMayOpenAndBringItsTokenLater() {
    takeJwts();
    upgrade = true;
    assertEquals(Verdict.Kind.PENDING, judge("/stores/a").kind());
    assertEquals(Verdict.Kind.TICKET, judge("/stores/a?ticket=x").kind());
    assertStatus(401, judge("/stores/a?access_token=x"));
    vars.clear();
    vars.put("ACCESS_TOKEN", "secret");
    assertStatus(401, judge("/stores/a"));
    assertEquals(Verdict.Kind.TICKET, judge("/stores/a?ticket=x").kind());
  }

  // ---- origins

  @Test
  void pagesOfOtherOriginsAreRefusedUnlessListed() {
    vars.put("PUBLIC", "true");
    assertGranted(judge(STATS));
    headers.put("origin", OWN);
    assertGranted(judge(STATS));
    for (String origin : List.of("http://127.0.0.1:1", "https://127.0.0.1:8787", "null", "x")) {
      headers.put("origin", origin);
      assertStatus(403, judge(STATS));
      assertEquals(List.of(), policy().corsHeaders(visit(STATS)));
    }
    vars.put("ALLOWED_ORIGINS", "https://app.example, https://b.example");
    headers.put("origin", "https://app.example");
    assertGranted(judge(STATS));
    assertEquals(
        List.of("access-control-allow-origin", "https://app.example"),
        policy().corsHeaders(visit(STATS)).subList(0, 2));
    headers.put("origin", "https://app.example.evil");
    assertStatus(403, judge(STATS));
    headers.put("origin", "https://evil.example");
    assertGranted(judge("/health"));
    vars.put("ALLOWED_ORIGINS", "app.example");
    assertThrows(IllegalArgumentException.class, this::policy);
  }

  /** A picture or a frame of another origin's page comes without an origin. */
  @Test
  void whatPagesOfOtherOriginsEmbedIsRefused() {
    vars.put("PUBLIC", "true");
    for (String dest : List.of("image", "script", "style", "iframe", "empty")) {
      headers.put("sec-fetch-dest", dest);
      for (String site : List.of("cross-site", "same-site")) {
        headers.put("sec-fetch-site", site);
        assertStatus(403, judge(STATS));
      }
      for (String site : List.of("same-origin", "none")) {
        headers.put("sec-fetch-site", site);
        assertGranted(judge(STATS));
      }
    }
    headers.put("sec-fetch-site", "cross-site");
    vars.put("ALLOWED_ORIGINS", "https://app.example");
    assertStatus(403, judge(STATS));
    vars.put("ALLOWED_ORIGINS", "*");
    assertGranted(judge(STATS));
    vars.remove("ALLOWED_ORIGINS");
    headers.put("sec-fetch-dest", "document");
    assertGranted(judge(STATS));
  }

  @Test
  void aPreflightNeedsNoTokenAndAnAllowedOrigin() {
    vars.put("ACCESS_TOKEN", "secret");
    vars.put("ALLOWED_ORIGINS", "https://app.example");
    method = "OPTIONS";
    headers.put("origin", "https://app.example");
    assertFalse(policy().isPreflight(visit(STATS)));
    headers.put("access-control-request-method", "POST");
    assertTrue(policy().isPreflight(visit(STATS)));
    assertTrue(policy().corsHeaders(visit(STATS)).contains("access-control-allow-methods"));
    headers.put("origin", "https://evil.example");
    assertFalse(policy().isPreflight(visit(STATS)));
    assertStatus(403, judge(STATS));
  }

  @Test
  void aRateIsCountedForATokenOrAnAddress() {
    vars.put("ACCESS_TOKEN", "secret");
    headers.put("authorization", "Bearer " + "x".repeat(40) + "0123456789abcdef");
    String client = policy().client(visit(STATS), "10.0.0.1");
    assertFalse(client.contains("xx"), client);
    headers.put("authorization", "Bearer secret");
    assertFalse(policy().client(visit(STATS), "10.0.0.1").contains("secret"));
    headers.clear();
    assertEquals("10.0.0.1", policy().client(visit(STATS), "10.0.0.1"));
  }
}
