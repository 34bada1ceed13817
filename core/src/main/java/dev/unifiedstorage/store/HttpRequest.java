package dev.unifiedstorage.store;

import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.protocol.Route;

/**
 * One request over HTTP.
 *
 * @param body its text, empty where the route takes none
 */
public record HttpRequest(Route route, HttpHeaders headers, String body) {
  /** A request that has nothing but its route. */
  public static HttpRequest of(Route route) {
    return new HttpRequest(route, HttpHeaders.NONE, "");
  }
}
