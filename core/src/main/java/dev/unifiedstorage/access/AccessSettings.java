package dev.unifiedstorage.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may, as the variables say.
 *
 * @param tokens each opens everything; two while one takes the other's place
 * @param jwksUrl where the keys are that sign JWTs, or null
 * @param jwtSecret the key that signs JWTs (HS256), or null
 * @param issuer what {@code iss} has to be, or null
 * @param audience what {@code aud} has to name, or null
 * @param origins pages of other origins that may ask
 * @param open whether every client is let in when no token and no JWT is asked for
 */
public record AccessSettings(
    List<String> tokens,
    @Nullable String jwksUrl,
    @Nullable String jwtSecret,
    @Nullable String issuer,
    @Nullable String audience,
    List<String> origins,
    boolean open) {

  /** Every variable about access, in the order of the reference. */
  public static final List<String> VARS =
      List.of(
          "ACCESS_TOKEN",
          "AUTH_JWT_SECRET",
          "AUTH_JWKS_URL",
          "AUTH_ISSUER",
          "AUTH_AUDIENCE",
          "ALLOWED_ORIGINS",
          "PUBLIC");

  /** What HMAC with SHA-256 asks for (RFC 7518, section 3.2). */
  private static final int LEAST_SECRET_CHARS = 32;

  private static final int MOST_TOKENS = 2;

  /**
   * Reads the variables; those that are absent or empty are not set.
   *
   * @throws IllegalArgumentException naming the variable and what was expected, and no secret
   */
  public static AccessSettings fromVars(Map<String, String> vars) {
    List<String> tokens = list(vars.get("ACCESS_TOKEN"));
    if (tokens.size() > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "ACCESS_TOKEN: expected one token, or two with a comma between, got " + tokens.size());
    }
    String secret = text(vars, "AUTH_JWT_SECRET");
    if (secret != null && secret.length() < LEAST_SECRET_CHARS) {
      throw new IllegalArgumentException(
          "AUTH_JWT_SECRET: expected at least "
              + LEAST_SECRET_CHARS
              + " characters, got "
              + secret.length());
    }
    String jwksUrl = text(vars, "AUTH_JWKS_URL");
    if (secret != null && jwksUrl != null) {
      throw new IllegalArgumentException(
          "AUTH_JWKS_URL: expected it alone, AUTH_JWT_SECRET is set too");
    }
    if (jwksUrl != null && !jwksUrl.startsWith("https://") && !jwksUrl.startsWith("http://")) {
      throw new IllegalArgumentException("AUTH_JWKS_URL: expected a URL, got '" + jwksUrl + "'");
    }
    List<String> origins = list(vars.get("ALLOWED_ORIGINS"));
    for (String origin : origins) {
      if (!origin.equals("*") && !origin.equals("null") && !isOrigin(origin)) {
        throw new IllegalArgumentException(
            "ALLOWED_ORIGINS: expected origins such as https://app.example.com with commas"
                + " between, got '"
                + origin
                + "'");
      }
    }
    return new AccessSettings(
        tokens,
        jwksUrl,
        secret,
        text(vars, "AUTH_ISSUER"),
        text(vars, "AUTH_AUDIENCE"),
        origins,
        "true".equals(vars.get("PUBLIC")));
  }

  /** The same, every client let in when nothing is asked for. */
  public AccessSettings opened() {
    return new AccessSettings(tokens, jwksUrl, jwtSecret, issuer, audience, origins, true);
  }

  /** Says nothing of a secret. */
  @Override
  public String toString() {
    return "AccessSettings";
  }

  /** Whether JWTs are taken. */
  public boolean takesJwts() {
    return jwksUrl != null || jwtSecret != null;
  }

  /** Whether clients have to bring anything. */
  public boolean asks() {
    return takesJwts() || !tokens.isEmpty();
  }

  private static @Nullable String text(Map<String, String> vars, String name) {
    String value = vars.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  private static boolean isOrigin(String text) {
    int scheme = text.indexOf("://");
    return scheme > 0 && scheme + 3 < text.length() && text.indexOf('/', scheme + 3) < 0;
  }

  /** What stands between commas, without spaces around; empty parts do not count. */
  private static List<String> list(@Nullable String text) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (text != null && from <= text.length()) {
      int comma = text.indexOf(',', from);
      int end = comma < 0 ? text.length() : comma;
      String part = text.substring(from, end).strip();
      if (!part.isEmpty()) {
        parts.add(part);
      }
      from = end + 1;
    }
    return parts;
  }
}
