package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.TokenVerifier;
import dev.unifiedstorage.protocol.Query;
import dev.unifiedstorage.protocol.Route;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who may see the stores, by what a request brings: an access token, a JWT, a ticket, or nothing.
 *
 * <p>A token comes as {@code Authorization: Bearer} or, for clients that cannot send headers, in
 * the query as {@code access_token}. How long a comparison takes says nothing about the token, and
 * no sentence repeats what was brought.
 */
public final class AccessPolicy {
  /** The header in which a request carries {@link Grant#text} to its object. */
  public static final String GRANT_HEADER = "x-unified-storage-grant";

  /** The header in which a request carries whose rate counts. */
  public static final String CLIENT_HEADER = "x-unified-storage-client";

  /** What stands in place of a grant for a socket without a token. */
  public static final String PENDING = "pending";

  /** What stands in place of a grant for a socket with a ticket. */
  public static final String TICKET = "ticket";

  private static final String BEARER = "bearer ";

  /** Longer than any token whose claims may be kept. */
  private static final int MAX_TOKEN_CHARS = 16_384;

  private final AccessSettings settings;
  private final String howToOpen;
  private final @Nullable TokenVerifier verifier;
  private final Clock clock;
  private final Claims claims;

  /**
   * @param howToOpen what an operator has to do when no client is let in, as a sentence
   * @param verifier null where no JWTs are taken
   */
  public AccessPolicy(
      AccessSettings settings,
      String howToOpen,
      @Nullable TokenVerifier verifier,
      Clock clock,
      Json json) {
    this.settings = settings;
    this.howToOpen = howToOpen;
    this.verifier = settings.takesJwts() ? verifier : null;
    this.clock = clock;
    this.claims = new Claims(settings, json);
  }

  /** Decides on a request; the verdict comes now, or once a signature was checked. */
  public void judge(Visit visit, Consumer<Verdict> then) {
    if (visit.route().kind() == Route.Kind.HEALTH) {
      then.accept(Verdict.granted(Grant.ALL));
      return;
    }
    if (!allowsOrigin(visit)) {
      then.accept(
          Verdict.forbidden("pages of this origin may not ask; ALLOWED_ORIGINS says which may"));
      return;
    }
    String token = token(visit);
    if (token == null) {
      then.accept(withoutToken(visit));
    } else {
      judgeToken(token, verdict -> then.accept(narrowed(verdict, visit)));
    }
  }

  /** Decides on a token that came for a namespace later than its socket. */
  public void judge(String token, String namespace, Consumer<Verdict> then) {
    judgeToken(
        token,
        verdict ->
            then.accept(
                verdict.isRefused() || verdict.granted().opens(namespace)
                    ? verdict
                    : Verdict.forbidden("the token is not for namespace " + namespace)));
  }

  /** Whether a token is asked for at all. */
  public boolean asks() {
    return settings.asks();
  }

  private void judgeToken(String token, Consumer<Verdict> then) {
    if (!settings.asks() && settings.open() || isAccessToken(token)) {
      then.accept(Verdict.granted(Grant.ALL));
    } else if (verifier == null || token.length() > MAX_TOKEN_CHARS) {
      then.accept(Verdict.unauthorized(expectedToken()));
    } else {
      verifier.verify(
          token,
          new TokenVerifier.Verified() {
            @Override
            public void claims(String text) {
              then.accept(claims.judge(text, clock.nowMs()));
            }

            @Override
            public void refused() {
              then.accept(Verdict.unauthorized(expectedToken()));
            }

            @Override
            public void unavailable(String error) {
              then.accept(Verdict.unavailable("the keys of AUTH_JWKS_URL cannot be had: " + error));
            }
          });
    }
  }

  private Verdict withoutToken(Visit visit) {
    if (!settings.asks()) {
      return settings.open() ? Verdict.granted(Grant.ALL) : Verdict.unauthorized(howToOpen);
    }
    if (visit.route().kind() == Route.Kind.SOCKET) {
      if (Query.of(visit.target()).parameter(TICKET) != null) {
        return Verdict.ticket();
      }
      if (settings.takesJwts()) {
        return Verdict.pending();
      }
    }
    return Verdict.unauthorized(expectedToken());
  }

  /** The verdict on a client, with what it asks for taken into account. */
  private static Verdict narrowed(Verdict verdict, Visit visit) {
    if (verdict.isRefused()) {
      return verdict;
    }
    Grant grant = verdict.granted();
    String refusal = grant.refusal(visit.route());
    if (refusal == null && visit.ofServer() && !grant.opensServer()) {
      refusal =
          "expected a token for all namespaces and types with the scope " + Scope.ADMIN.label();
    }
    return refusal == null ? verdict : Verdict.forbidden(refusal);
  }

  private String expectedToken() {
    return settings.asks()
        ? "expected a valid access token, as Authorization: Bearer or in the query as access_token"
        : howToOpen;
  }

  /** Whose rate a request counts for: that of its token, or of its address where it has none. */
  public String client(Visit visit, String address) {
    String token = token(visit);
    if (token == null || !settings.asks()) {
      return address;
    }
    // The end of a JWT is its signature: as good as the whole for telling tokens apart.
    return isAccessToken(token)
        ? "access token"
        : "…" + token.substring(Math.max(0, token.length() - 16));
  }

  // ---- pages of other origins

  private boolean allowsOrigin(Visit visit) {
    String origin = visit.origin();
    if (origin == null) {
      // Which origin it is that embeds nothing tells: any has to be allowed.
      return !visit.isEmbedded() || isListed("");
    }
    return origin.equals(visit.ownOrigin()) || isListed(origin);
  }

  private boolean isListed(String origin) {
    for (String allowed : settings.origins()) {
      if (allowed.equals("*") || allowed.equals(origin)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a browser asks beforehand what a page may ask; the answer needs no token. */
  public boolean isPreflight(Visit visit) {
    return visit.isPreflight() && allowsOrigin(visit);
  }

  /** The headers that let a page of another origin read an answer: names and values in turn. */
  public List<String> corsHeaders(Visit visit) {
    String origin = visit.origin();
    if (origin == null || !allowsOrigin(visit)) {
      return List.of();
    }
    return visit.isPreflight()
        ? List.of(
            "access-control-allow-origin",
            origin,
            "vary",
            "origin",
            "access-control-allow-methods",
            "GET, POST, DELETE",
            "access-control-allow-headers",
            "authorization, content-type, if-none-match",
            "access-control-max-age",
            "600")
        : List.of(
            "access-control-allow-origin",
            origin,
            "vary",
            "origin",
            "access-control-expose-headers",
            "etag, retry-after");
  }

  // ---- tokens

  private static @Nullable String token(Visit visit) {
    String authorization = visit.headers().get("authorization");
    return authorization != null && isBearer(authorization)
        ? authorization.substring(BEARER.length()).strip()
        : Query.of(visit.target()).parameter("access_token");
  }

  /** The scheme's name may be written in either case. */
  private static boolean isBearer(String header) {
    if (header.length() < BEARER.length()) {
      return false;
    }
    for (int i = 0; i < BEARER.length(); i++) {
      char c = header.charAt(i);
      if ((c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c) != BEARER.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Looks at every character that was given and at every token, whichever of them is wrong. */
  private boolean isAccessToken(String given) {
    boolean found = false;
    for (String token : settings.tokens()) {
      int different = given.length() ^ token.length();
      for (int i = 0; i < given.length(); i++) {
        different |= given.charAt(i) ^ token.charAt(i % token.length());
      }
      found |= different == 0;
    }
    return found;
  }
}
