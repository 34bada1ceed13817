package dev.unifiedstorage.access;

import dev.unifiedstorage.protocol.Query;
import java.util.List;

/**
 * Who may see the stores: clients that bring the access token; where none is set, every client or
 * none.
 *
 * <p>The token comes as {@code Authorization: Bearer} or, for clients that cannot send headers, in
 * the query as {@code access_token}. How long a comparison takes says nothing about the token, and
 * no sentence repeats what was brought.
 */
public final class AccessPolicy {
  /** The variables that a policy is made from. */
  public static final List<String> VARS = List.of("ACCESS_TOKEN", "PUBLIC");

  private static final String BEARER = "bearer ";

  private final String token;
  private final boolean open;
  private final String howToOpen;

  /**
   * @param token null or empty when none is set
   * @param open whether every client is let in when none is set
   * @param howToOpen what an operator has to do when none is set and no client is let in, as a
   *     sentence
   */
  public AccessPolicy(String token, boolean open, String howToOpen) {
    this.token = token == null || token.isEmpty() ? null : token;
    this.open = open;
    this.howToOpen = howToOpen;
  }

  /**
   * Whether a request is let in.
   *
   * @param authorization the header, null when there is none
   * @param target path and query, percent-encoded, as in the request line
   */
  public boolean allows(String authorization, String target) {
    if (token == null) {
      return open;
    }
    String given =
        isBearer(authorization)
            ? authorization.substring(BEARER.length()).strip()
            : Query.of(target).parameter("access_token");
    return given != null && isToken(given);
  }

  /** Why a request was not let in. */
  public String refusal() {
    return token == null
        ? howToOpen
        : "expected the access token, as Authorization: Bearer or in the query as access_token";
  }

  /** The scheme's name may be written in either case. */
  private static boolean isBearer(String header) {
    if (header == null || header.length() < BEARER.length()) {
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

  /** Looks at every character that was given, whichever of them is wrong. */
  private boolean isToken(String given) {
    int different = given.length() ^ token.length();
    for (int i = 0; i < given.length(); i++) {
      different |= given.charAt(i) ^ token.charAt(i % token.length());
    }
    return different == 0;
  }
}
