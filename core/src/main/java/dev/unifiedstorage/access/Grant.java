package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one client may do, and until when.
 *
 * <p>Its text is what a socket keeps through hibernation and what a request carries to its object.
 * The access token, and a store that is open to everyone, give {@link #ALL}, which has no text: a
 * socket without one may do everything.
 */
public final class Grant {
  /** Everything, without an end. */
  public static final Grant ALL =
      new Grant(null, true, true, true, null, Double.POSITIVE_INFINITY, null);

  /** The longest text, in UTF-8 bytes. */
  public static final int MAX_BYTES = 2_000;

  private final @Nullable List<String> namespaces;
  private final boolean read;
  private final boolean write;
  private final boolean admin;
  private final @Nullable List<String> types;
  private final double expiresAtMs;
  private final @Nullable String subject;

  /**
   * @param namespaces names, or prefixes that end in {@code *}; null for all
   * @param types the only ones there are for this client; null for all
   * @param expiresAtMs the first instant at which nothing is allowed any more
   * @param subject whom the token names, or null
   */
  Grant(
      @Nullable List<String> namespaces,
      boolean read,
      boolean write,
      boolean admin,
      @Nullable List<String> types,
      double expiresAtMs,
      @Nullable String subject) {
    this.namespaces = namespaces;
    this.read = read;
    this.write = write;
    this.admin = admin;
    this.types = types;
    this.expiresAtMs = expiresAtMs;
    this.subject = subject;
  }

  /** What a text of {@link #text} says; the empty text is {@link #ALL}. */
  public static Grant parse(String text, Json json) {
    if (text.isEmpty()) {
      return ALL;
    }
    JsonObject kept = json.parse(text);
    String scopes = kept.string("scope");
    return new Grant(
        strings(kept.array("ns")),
        scopes.indexOf('r') >= 0,
        scopes.indexOf('w') >= 0,
        scopes.indexOf('a') >= 0,
        kept.kind("types") == JsonKind.ABSENT ? null : strings(kept.array("types")),
        kept.number("exp"),
        kept.kind("sub") == JsonKind.ABSENT ? null : kept.string("sub"));
  }

  private static List<String> strings(JsonArray array) {
    List<String> strings = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      strings.add(array.string(i));
    }
    return strings;
  }

  /** The text that {@link #parse} reads; empty for {@link #ALL}. */
  public String text(Json json) {
    if (this == ALL) {
      return "";
    }
    JsonWriter text = json.writer().raw("{\"ns\":");
    write(Objects.requireNonNull(namespaces), text);
    text.raw(",\"scope\":\"").raw(read ? "r" : "").raw(write ? "w" : "").raw(admin ? "a" : "");
    text.raw("\",\"exp\":").number(expiresAtMs);
    if (types != null) {
      write(types, text.raw(",\"types\":"));
    }
    if (subject != null) {
      text.raw(",\"sub\":").string(subject);
    }
    return text.raw("}").text();
  }

  private static void write(List<String> strings, JsonWriter text) {
    String separator = "[";
    for (String string : strings) {
      text.raw(separator).string(string);
      separator = ",";
    }
    text.raw(strings.isEmpty() ? "[]" : "]");
  }

  /** The first instant at which nothing is allowed any more. */
  public double expiresAtMs() {
    return expiresAtMs;
  }

  /** Whether nothing is allowed any more; no clock is asked where that never comes. */
  boolean isExpired(Clock clock) {
    return expiresAtMs < Double.POSITIVE_INFINITY && expiresAtMs <= clock.nowMs();
  }

  /** Whom the token names, or null. */
  public @Nullable String subject() {
    return subject;
  }

  /** Whether a namespace is among those it is for. */
  public boolean opens(String namespace) {
    if (namespaces == null) {
      return true;
    }
    for (String allowed : namespaces) {
      int last = allowed.length() - 1;
      boolean opens =
          allowed.endsWith("*")
              ? namespace.startsWith(allowed.substring(0, last))
              : namespace.equals(allowed);
      if (opens) {
        return true;
      }
    }
    return false;
  }

  /** Whether it is for every namespace there can be. */
  boolean opensAll() {
    return opens("");
  }

  /** Whether it is for all that a server has beside its stores. */
  boolean opensServer() {
    return opensAll() && admin && types == null;
  }

  public boolean has(Scope scope) {
    return switch (scope) {
      case READ -> read;
      case WRITE -> write;
      case ADMIN -> admin;
    };
  }

  /** This one with every scope, for what a route does for a client that was let in to it. */
  public Grant withAllScopes() {
    return this == ALL
        ? this
        : new Grant(namespaces, true, true, true, types, expiresAtMs, subject);
  }

  /** Whether it is for things of some types only. */
  public boolean isLimitedToTypes() {
    return types != null;
  }

  /** Whether things of a type exist for this client. */
  public boolean shows(String type) {
    if (types == null) {
      return true;
    }
    for (String one : types) {
      if (one.equals(type)) {
        return true;
      }
    }
    return false;
  }

  /** Whether this client is told by itself of things of a type: it shows them, and may read. */
  public boolean tellsOf(String type) {
    return read && shows(type);
  }

  /** Why a route of a store is refused, or null. */
  @Nullable String refusal(Route route) {
    if (this == ALL) {
      return null;
    }
    if (route.namespace() != null && !opens(route.namespace())) {
      return "the token is not for namespace " + route.namespace();
    }
    Scope needed = scope(route.kind());
    if (needed != null && !has(needed)) {
      return "expected a token with the scope " + needed.label();
    }
    return types != null && isAboutAllTypes(route.kind())
        ? "expected a token for all types, this one is for some"
        : null;
  }

  /** What a route takes; null where it is decided request by request, or by nothing. */
  private static @Nullable Scope scope(Route.Kind kind) {
    return switch (kind) {
      case STATS, METRICS, HISTORY, THING -> Scope.READ;
      case CHECKPOINT, REBUILD, SNAPSHOT, DELETE, RESTORE, FORK, EXPORT, IMPORT, STORES ->
          Scope.ADMIN;
      default -> null;
    };
  }

  /** Whether a route changes things of every type, or counts them. */
  private static boolean isAboutAllTypes(Route.Kind kind) {
    return switch (kind) {
      case STATS, METRICS, CHECKPOINT, REBUILD, SNAPSHOT, DELETE, RESTORE, FORK -> true;
      default -> false;
    };
  }

  /** Why an operation is refused, or null; those of a batch are asked for one by one. */
  public @Nullable Refusal refusal(Operation operation) {
    if (this == ALL) {
      return null;
    }
    if (operation instanceof Operation.Create create) {
      return refusal(Scope.WRITE, create.type(), create.returns());
    }
    if (operation instanceof Operation.Put put) {
      return refusal(Scope.WRITE, put.type(), put.returns());
    }
    if (operation instanceof Operation.Update update) {
      return refusal(Scope.WRITE, null, update.returns());
    }
    if (operation instanceof Operation.Delete) {
      return refusal(Scope.WRITE, null, false);
    }
    if (operation instanceof Operation.Ask ask) {
      return refusal(Scope.READ, ask.query().type(), false);
    }
    if (operation instanceof Operation.Subscribe subscribe) {
      // Of ids, things of other types are absent.
      return refusal(Scope.READ, subscribe.type(), false);
    }
    boolean reads =
        operation instanceof Operation.Read
            || operation instanceof Operation.ReadPast
            || operation instanceof Operation.Check;
    return reads ? refusal(Scope.READ, null, false) : null;
  }

  /**
   * @param type the type named, or null
   * @param returns whether a write shows the thing, which is reading it
   */
  private @Nullable Refusal refusal(Scope scope, @Nullable String type, boolean returns) {
    if (!has(scope) || returns && !read) {
      Scope missing = has(scope) ? Scope.READ : scope;
      return Refusal.of(ErrorCode.FORBIDDEN, "expected a token with the scope " + missing.label());
    }
    return type == null || shows(type)
        ? null
        : Refusal.of(ErrorCode.FORBIDDEN, "the token is not for things of type " + type);
  }
}
