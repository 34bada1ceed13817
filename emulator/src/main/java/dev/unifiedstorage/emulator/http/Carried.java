package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.access.AccessPolicy;
import org.eclipse.jetty.server.Request;

/**
 * What a request carries to its object beside its headers. A client cannot set it: these names are
 * looked up among what the guard has found, and never among what was sent.
 */
final class Carried {
  private Carried() {}

  static void set(Request request, String grant, String client) {
    request.setAttribute(AccessPolicy.GRANT_HEADER, grant);
    request.setAttribute(AccessPolicy.CLIENT_HEADER, client);
  }

  /** The value of a header as the object sees it. */
  static String header(Request request, String name) {
    return name.equals(AccessPolicy.GRANT_HEADER) || name.equals(AccessPolicy.CLIENT_HEADER)
        ? (String) request.getAttribute(name)
        : request.getHeaders().get(name);
  }
}
