package dev.unifiedstorage.access;

import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.protocol.Route;
import org.jspecify.annotations.Nullable;

/**
 * A request as it stands before the server.
 *
 * @param target path and query, percent-encoded, as in the request line
 * @param ownOrigin the origin that the request was sent to, such as {@code http://127.0.0.1:8787}
 * @param ofServer whether it is about the server and not about stores, so that only a token for all
 *     of them lets it in
 */
public record Visit(
    String method,
    String target,
    Route route,
    HttpHeaders headers,
    String ownOrigin,
    boolean ofServer) {

  /** Whether a browser asks what a page may ask. */
  boolean isPreflight() {
    return method.equals("OPTIONS")
        && origin() != null
        && headers.get("access-control-request-method") != null;
  }

  /**
   * Whether a page of another origin asks by an element that it has: a picture, a script, a frame.
   *
   * <p>A browser sends no origin with these. The page learns next to nothing of what comes, and the
   * server does the work.
   */
  boolean isEmbedded() {
    String site = headers.get("sec-fetch-site");
    // Which are cross-site and same-site; the others are same-origin and none.
    return site != null
        && site.endsWith("-site")
        && !"document".equals(headers.get("sec-fetch-dest"));
  }

  /** The origin of the page that asks, or null. */
  @Nullable String origin() {
    return headers.get("origin");
  }
}
