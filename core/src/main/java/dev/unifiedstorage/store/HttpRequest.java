package dev.unifiedstorage.store;

import dev.unifiedstorage.protocol.Route;

/**
 * One request over HTTP.
 *
 * @param body its text, empty where the route takes none
 * @param ifNoneMatch the header of that name, or null
 */
public record HttpRequest(Route route, String body, String ifNoneMatch) {
  /** A request that has nothing but its route. */
  public static HttpRequest of(Route route) {
    return new HttpRequest(route, "", null);
  }
}
