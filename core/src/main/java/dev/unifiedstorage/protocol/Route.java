package dev.unifiedstorage.protocol;

/**
 * What an HTTP request asks for: parsed once, by the same code on both targets.
 *
 * @param namespace the store meant, null unless the kind is about one
 */
public record Route(Kind kind, String namespace) {
  /** The longest namespace, in characters. */
  public static final int MAX_NAMESPACE_LENGTH = 128;

  /** What is asked for; the ones that are errors say which. */
  public enum Kind {
    HEALTH,
    SOCKET,
    STATS,
    METRICS,
    CHECKPOINT,
    REBUILD,
    /** 400: the namespace is none. */
    BAD_NAMESPACE,
    /** 404: no such path. */
    UNKNOWN,
    /** 405: the path exists, for another method. */
    WRONG_METHOD
  }

  /** Finds the route of a request; {@code path} is percent-encoded, as in the request line. */
  public static Route parse(String method, String path) {
    if (path.equals("/health")) {
      return method.equals("GET")
          ? new Route(Kind.HEALTH, null)
          : new Route(Kind.WRONG_METHOD, null);
    }
    if (!path.startsWith("/stores/")) {
      return new Route(Kind.UNKNOWN, null);
    }
    String rest = path.substring("/stores/".length());
    int slash = rest.indexOf('/');
    String namespace = slash < 0 ? rest : rest.substring(0, slash);
    String action = slash < 0 ? "" : rest.substring(slash + 1);
    Kind kind = slash >= 0 && action.isEmpty() ? Kind.UNKNOWN : kindOf(action);
    if (kind == Kind.UNKNOWN) {
      return new Route(kind, null);
    }
    if (!isNamespace(namespace)) {
      return new Route(Kind.BAD_NAMESPACE, null);
    }
    boolean post = kind == Kind.CHECKPOINT || kind == Kind.REBUILD;
    if (!method.equals(post ? "POST" : "GET")) {
      return new Route(Kind.WRONG_METHOD, null);
    }
    return new Route(kind, namespace);
  }

  /** Whether a name may be a namespace: 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}. */
  public static boolean isNamespace(String name) {
    if (name.isEmpty() || name.length() > MAX_NAMESPACE_LENGTH) {
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

  private static Kind kindOf(String action) {
    return switch (action) {
      case "" -> Kind.SOCKET;
      case "stats" -> Kind.STATS;
      case "metrics" -> Kind.METRICS;
      case "checkpoint" -> Kind.CHECKPOINT;
      case "rebuild" -> Kind.REBUILD;
      default -> Kind.UNKNOWN;
    };
  }
}
