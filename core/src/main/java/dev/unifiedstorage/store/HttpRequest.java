package dev.unifiedstorage.store;

import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.protocol.Route;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP.
 *
 * @param body its text, empty where the route takes none
 * @param stream the body of a route that {@link Route#streams}, null elsewhere
 */
public record HttpRequest(
    Route route, HttpHeaders headers, String body, @Nullable HttpBody stream) {
  /** A request whose body, if any, was read before. */
  public HttpRequest(Route route, HttpHeaders headers, String body) {
    this(route, headers, body, null);
  }

  /** A request that has nothing but its route. */
  public static HttpRequest of(Route route) {
    return new HttpRequest(route, HttpHeaders.NONE, "");
  }
}
