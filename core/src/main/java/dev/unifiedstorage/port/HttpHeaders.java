package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/** The headers of one HTTP request. */
@FunctionalInterface
public interface HttpHeaders {
  /** A request without any. */
  HttpHeaders NONE = name -> null;

  /** The value of a header, by its name in lower case; null when it is absent. */
  @Nullable String get(String name);
}
