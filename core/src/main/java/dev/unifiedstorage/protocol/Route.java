package dev.unifiedstorage.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What an HTTP request asks for: parsed once, by the same code on both targets.
 *
 * @param namespace the store meant, null unless the kind is about one
 * @param thingId the thing meant, null unless the kind is about one
 * @param afterSeq where a history goes on, 0 for its beginning
 * @param query what else is asked for, of the kinds that say so, checked as far as its form goes
 * @param problem what is wrong, as a sentence, null unless the kind is an error
 */
public record Route(
    Kind kind,
    @Nullable String namespace,
    @Nullable String thingId,
    double afterSeq,
    Query query,
    @Nullable String problem) {
  /** The longest namespace, in characters. */
  public static final int MAX_NAMESPACE_LENGTH = 128;

  private static final String STORES = "/stores/";
  private static final String ALL_STORES = "/stores";
  private static final String TICKETS = "/tickets";
  private static final String HISTORY = "history/";
  private static final String THINGS = "things/";
  private static final String AFTER_SEQ = "afterSeq";
  private static final String BRANCH = "branch";
  private static final String LIMIT = "limit";
  private static final String READY = "ready";

  /** Where the next page of stores begins. */
  public static final String CURSOR = "cursor";

  private static final int SEQ_DIGITS = 15;
  private static final int LIFE_DIGITS = 16;
  private static final double MAX_LIFE = 9007199254740991.0;
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;

  /** What is asked for; the ones that are errors say which. */
  public enum Kind {
    HEALTH(200, null),
    SOCKET(101, null),
    STATS(200, null),
    METRICS(200, null),
    HISTORY(200, null),
    THING(200, null),
    REQUESTS(200, null),
    CHECKPOINT(200, null),
    REBUILD(200, null),
    SNAPSHOT(200, null),
    /** The whole store. */
    DELETE(200, null),
    RESTORE(200, null),
    FORK(200, null),
    TICKETS(200, null),
    EXPORT(200, null),
    IMPORT(200, null),
    /** The namespaces there are; it is about none of them. */
    STORES(200, null),
    /** The path has no valid namespace or thing, or the query a wrong value. */
    BAD_REQUEST(400, ErrorCode.VALIDATION_ERROR),
    /** No such path. */
    UNKNOWN(404, ErrorCode.NOT_FOUND),
    /** The path exists, for another method. */
    WRONG_METHOD(405, ErrorCode.VALIDATION_ERROR),
    /** The path is a socket's, and none was asked for. */
    NO_UPGRADE(426, ErrorCode.VALIDATION_ERROR),
    /** A socket was asked for where there is none. */
    NO_SOCKET(400, ErrorCode.VALIDATION_ERROR);

    private final int status;
    private final @Nullable ErrorCode code;

    Kind(int status, @Nullable ErrorCode code) {
      this.status = status;
      this.code = code;
    }

    public boolean isError() {
      return code != null;
    }

    /** The HTTP status of an error. */
    public int status() {
      return status;
    }

    /** The code of an error; null for a kind that is no error. */
    public @Nullable ErrorCode code() {
      return code;
    }

    /** Whether a request has a body that is read. */
    public boolean hasBody() {
      return this == REQUESTS || this == RESTORE || this == FORK;
    }

    private boolean takes(String method) {
      return switch (this) {
        case CHECKPOINT, REBUILD, SNAPSHOT, FORK, REQUESTS, RESTORE, TICKETS, IMPORT ->
            method.equals("POST");
        case DELETE -> method.equals("DELETE");
        default -> method.equals("GET");
      };
    }
  }

  /**
   * Finds the route of a request.
   *
   * @param target path and query, percent-encoded, as in the request line
   * @param upgrade whether a WebSocket is asked for
   */
  public static Route parse(String method, String target, boolean upgrade) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    if (!PercentDecoder.isPath(path)) {
      return error(
          Kind.BAD_REQUEST,
          "a path has A-Z a-z 0-9 - . _ ~ ! $ & ' ( ) * + , ; = : @ / and the rest"
              + " percent-encoded, found "
              + path);
    }
    Route route = parse(method, path, Query.of(target));
    if (route.kind == Kind.SOCKET && !upgrade) {
      return error(
          Kind.NO_UPGRADE, "this is a WebSocket: connect with Upgrade: websocket, version 13");
    }
    if (upgrade && !route.kind.isError() && route.kind != Kind.SOCKET) {
      return error(Kind.NO_SOCKET, "there is no WebSocket at " + path);
    }
    return route;
  }

  /**
   * Finds the route of a request that has come to the object of one store: {@code /stats} as well
   * as {@code /stores/{namespace}/stats}.
   *
   * @param target path and query, percent-encoded, as in the request line
   */
  public static Route ofStore(String method, String target) {
    return target.startsWith(STORES) || target.startsWith(TICKETS)
        ? parse(method, target, false)
        : parse(method, STORES + "-" + target, false).without(STORES + "-");
  }

  private Route without(String prefix) {
    return problem == null
        ? this
        : new Route(kind, namespace, thingId, afterSeq, query, problem.replace(prefix, ""));
  }

  private static Route parse(String method, String path, Query query) {
    Kind kind = serverKind(path);
    String namespace = null;
    if (kind == Kind.TICKETS) {
      namespace = query.parameter("namespace");
      if (namespace == null) {
        return error(
            Kind.BAD_REQUEST, "namespace must be the one that the ticket is for, got nothing");
      }
    }
    String thing = null;
    if (path.startsWith(STORES)) {
      String rest = path.substring(STORES.length());
      int slash = rest.indexOf('/');
      namespace = slash < 0 ? rest : rest.substring(0, slash);
      String action = slash < 0 ? null : rest.substring(slash + 1);
      kind = action == null && method.equals("DELETE") ? Kind.DELETE : kindOf(action);
      if (action != null && (kind == Kind.HISTORY || kind == Kind.THING)) {
        thing = PercentDecoder.decode(action.substring(action.indexOf('/') + 1));
      }
    }
    if (kind == Kind.UNKNOWN) {
      return unknown(method, path);
    }
    if (namespace != null && !isNamespace(namespace)) {
      return error(
          Kind.BAD_REQUEST,
          "a namespace is 1 to "
              + MAX_NAMESPACE_LENGTH
              + " characters of A-Z a-z 0-9 . _ -, and neither . nor .., got "
              + path);
    }
    if (!kind.takes(method)) {
      return error(Kind.WRONG_METHOD, path + " does not take " + method);
    }
    if (kind == Kind.IMPORT && !isMode(query.parameter("mode"))) {
      return error(Kind.BAD_REQUEST, "mode must be create or put, got " + given(query, "mode"));
    }
    if (kind == Kind.STORES && limit(query) == 0) {
      return error(
          Kind.BAD_REQUEST,
          "limit must be a whole number from 1 to " + MAX_LIMIT + ", got " + given(query, LIMIT));
    }
    if (kind == Kind.STORES && query.has(CURSOR) && !isCursor(query.parameter(CURSOR))) {
      return error(
          Kind.BAD_REQUEST,
          "cursor must be one that a page of stores ended with, got " + given(query, CURSOR));
    }
    if (kind != Kind.HISTORY && kind != Kind.THING) {
      return new Route(kind, namespace, null, 0, query, null);
    }
    if (thing == null || thing.isEmpty() || thing.length() > Limits.NAME_CHARS) {
      return error(
          Kind.BAD_REQUEST,
          "what follows "
              + (kind == Kind.HISTORY ? HISTORY : THINGS)
              + " must be an $id of 1 to "
              + Limits.NAME_CHARS
              + " characters, percent-encoded UTF-8, got "
              + path);
    }
    if (thing.indexOf('\0') >= 0) {
      return error(
          Kind.BAD_REQUEST,
          "an $id with a NUL is in no path, because servers and proxies refuse %00 there; a read"
              + " with \"at\" shows what it was");
    }
    return kind == Kind.HISTORY
        ? history(namespace, thing, query)
        : new Route(kind, namespace, thing, 0, query, null);
  }

  private static Route history(@Nullable String namespace, String thing, Query query) {
    String given = query.parameter(AFTER_SEQ);
    double afterSeq = given == null ? 0 : wholeNumber(given);
    if (afterSeq < 0) {
      return error(Kind.BAD_REQUEST, "afterSeq must be a whole number, got " + given);
    }
    if (query.has(BRANCH) && branch(query) == 0) {
      return error(
          Kind.BAD_REQUEST, "branch must be the number of a life, got " + given(query, BRANCH));
    }
    return new Route(Kind.HISTORY, namespace, thing, afterSeq, query, null);
  }

  /** The life that is given; 0 when there is none that there can be. */
  private static double branch(Query query) {
    String given = query.has(BRANCH) ? query.parameter(BRANCH) : null;
    double life = given == null ? 0 : wholeNumber(given, LIFE_DIGITS);
    return life > 0 && life <= MAX_LIFE ? life : 0;
  }

  /** The life whose events are asked for in place of those that count; 0 for none. */
  public double branch() {
    return branch(query);
  }

  /** What an error shows of a parameter. */
  private static String given(Query query, String name) {
    String value = query.has(name) ? query.parameter(name) : null;
    return value == null ? "nothing" : value;
  }

  private static boolean isMode(@Nullable String mode) {
    return "create".equals(mode) || "put".equals(mode);
  }

  private static boolean isCursor(@Nullable String cursor) {
    return cursor != null && isNamespace(cursor);
  }

  /** How many namespaces are asked for; 0 when that is no number that there can be. */
  private static int limit(Query query) {
    if (!query.has(LIMIT)) {
      return DEFAULT_LIMIT;
    }
    String given = query.parameter(LIMIT);
    double limit = given == null ? 0 : wholeNumber(given);
    return limit >= 1 && limit <= MAX_LIMIT ? (int) limit : 0;
  }

  /** How many namespaces are asked for. */
  public int limit() {
    return limit(query);
  }

  /** Whether health means that requests are taken, and not only that there is an answer. */
  public boolean asksReadiness() {
    return kind == Kind.HEALTH && query.names(READY);
  }

  /** Whether the body is read as it comes, because it may have any length. */
  public boolean streams() {
    return kind == Kind.IMPORT;
  }

  /** The error of a path at which there is nothing. */
  public static Route unknown(String method, String path) {
    return error(Kind.UNKNOWN, "there is nothing at " + method + " " + path);
  }

  private static Route error(Kind kind, String problem) {
    return new Route(kind, null, null, 0, Query.NONE, problem);
  }

  /**
   * Whether a name may be a namespace: 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}, and
   * neither {@code .} nor {@code ..}, which a URL's reader takes out of a path before a server sees
   * it.
   */
  public static boolean isNamespace(String name) {
    if (name.isEmpty() || name.length() > MAX_NAMESPACE_LENGTH) {
      return false;
    }
    if (name.equals(".") || name.equals("..")) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean allowed =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!allowed) {
        return false;
      }
    }
    return true;
  }

  private static Kind serverKind(String path) {
    return switch (path) {
      case Health.PATH -> Kind.HEALTH;
      case TICKETS -> Kind.TICKETS;
      case ALL_STORES -> Kind.STORES;
      default -> Kind.UNKNOWN;
    };
  }

  /**
   * @param action what follows the namespace and a slash, null when there is none
   */
  private static Kind kindOf(@Nullable String action) {
    if (action == null) {
      return Kind.SOCKET;
    }
    if (action.startsWith(HISTORY)) {
      return Kind.HISTORY;
    }
    if (action.startsWith(THINGS)) {
      return Kind.THING;
    }
    return switch (action) {
      case "requests" -> Kind.REQUESTS;
      case "stats" -> Kind.STATS;
      case "metrics" -> Kind.METRICS;
      case "checkpoint" -> Kind.CHECKPOINT;
      case "rebuild" -> Kind.REBUILD;
      case "snapshot" -> Kind.SNAPSHOT;
      case "restore" -> Kind.RESTORE;
      case "fork" -> Kind.FORK;
      case "export" -> Kind.EXPORT;
      case "import" -> Kind.IMPORT;
      default -> Kind.UNKNOWN;
    };
  }

  /** The number that the digits stand for, or -1. */
  private static double wholeNumber(String digits) {
    return wholeNumber(digits, SEQ_DIGITS);
  }

  private static double wholeNumber(String digits, int most) {
    double number = digits.isEmpty() || digits.length() > most ? -1 : 0;
    for (int i = 0; i < digits.length() && number >= 0; i++) {
      int digit = digits.charAt(i) - '0';
      number = digit < 0 || digit > 9 ? -1 : number * 10 + digit;
    }
    return number;
  }
}
