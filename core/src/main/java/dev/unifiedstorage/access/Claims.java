package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token whose signature is right: what they allow, or why they do not count.
 *
 * <p>A token that is not valid here and now is refused as none (401); one that is, and allows
 * nothing, as one that is not enough (403).
 */
final class Claims {
  private static final double MS_A_SECOND = 1000;

  private final AccessSettings settings;
  private final Json json;

  Claims(AccessSettings settings, Json json) {
    this.settings = settings;
    this.json = json;
  }

  Verdict judge(String text, double nowMs) {
    JsonObject claims;
    try {
      claims = json.parse(text);
    } catch (JsonParseException e) {
      return Verdict.unauthorized("expected a token whose claims are a JSON object");
    }
    String invalid = invalid(claims, nowMs);
    return invalid == null ? granted(claims) : Verdict.unauthorized(invalid);
  }

  /** Why the token does not count here and now, or null. */
  private @Nullable String invalid(JsonObject claims, double nowMs) {
    if (claims.kind("exp") != JsonKind.NUMBER) {
      return "expected a token with an exp that is a number";
    }
    if (claims.number("exp") * MS_A_SECOND <= nowMs) {
      return "the token has expired";
    }
    JsonKind nbf = claims.kind("nbf");
    if (nbf != JsonKind.ABSENT
        && (nbf != JsonKind.NUMBER || claims.number("nbf") * MS_A_SECOND > nowMs)) {
      return "the token is not valid yet";
    }
    if (settings.issuer() != null && !isText(claims, "iss", settings.issuer())) {
      return "expected a token of the issuer that AUTH_ISSUER names";
    }
    if (settings.audience() != null && !isForAudience(claims, settings.audience())) {
      return "expected a token for the audience that AUTH_AUDIENCE names";
    }
    return null;
  }

  private static boolean isText(JsonObject claims, String claim, String expected) {
    return claims.kind(claim) == JsonKind.STRING && claims.string(claim).equals(expected);
  }

  private static boolean isForAudience(JsonObject claims, String audience) {
    List<String> all = strings(claims, "aud");
    return all != null && contains(all, audience);
  }

  private Verdict granted(JsonObject claims) {
    List<String> namespaces = strings(claims, "ns");
    if (namespaces == null) {
      return Verdict.forbidden("expected a token with ns that is a list of namespaces");
    }
    List<String> scopes = scopes(claims);
    if (scopes == null) {
      return Verdict.forbidden("expected a token with scope that is a string or a list of strings");
    }
    List<String> types = null;
    if (claims.kind("types") != JsonKind.ABSENT) {
      types = strings(claims, "types");
      if (types == null) {
        return Verdict.forbidden("expected a token whose types are a list of strings");
      }
    }
    JsonKind sub = claims.kind("sub");
    if (sub != JsonKind.ABSENT && sub != JsonKind.STRING) {
      return Verdict.forbidden("expected a token whose sub is a string");
    }
    Grant grant =
        new Grant(
            namespaces,
            contains(scopes, Scope.READ.label()),
            contains(scopes, Scope.WRITE.label()),
            contains(scopes, Scope.ADMIN.label()),
            types,
            claims.number("exp") * MS_A_SECOND,
            sub == JsonKind.STRING ? claims.string("sub") : null);
    return json.utf8Length(grant.text(json)) > Grant.MAX_BYTES
        ? Verdict.forbidden(
            "expected a token whose ns, scope, types and sub have at most "
                + Grant.MAX_BYTES
                + " bytes together")
        : Verdict.granted(grant);
  }

  private static boolean contains(List<String> texts, String text) {
    for (String one : texts) {
      if (one.equals(text)) {
        return true;
      }
    }
    return false;
  }

  /** The strings of a claim that is one or a list of them; null when it is neither. */
  private static @Nullable List<String> strings(JsonObject claims, String claim) {
    JsonKind kind = claims.kind(claim);
    List<String> strings = new ArrayList<>();
    if (kind == JsonKind.STRING) {
      strings.add(claims.string(claim));
      return strings;
    }
    if (kind != JsonKind.ARRAY) {
      return null;
    }
    JsonArray array = claims.array(claim);
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        return null;
      }
      strings.add(array.string(i));
    }
    return strings;
  }

  /** Scopes as OAuth has them, separated by spaces, or a list; null when they are neither. */
  private static @Nullable List<String> scopes(JsonObject claims) {
    List<String> given = strings(claims, "scope");
    if (given == null || claims.kind("scope") == JsonKind.ARRAY) {
      return given;
    }
    List<String> scopes = new ArrayList<>();
    String text = given.get(0);
    int from = 0;
    while (from <= text.length()) {
      int space = text.indexOf(' ', from);
      int end = space < 0 ? text.length() : space;
      scopes.add(text.substring(from, end));
      from = end + 1;
    }
    return scopes;
  }
}
