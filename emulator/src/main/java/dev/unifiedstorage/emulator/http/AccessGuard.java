package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.protocol.Health;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets in the requests that the policy allows, and those to {@code /health}.
 *
 * <p>It stands before every other handler, so that a route added later is guarded without having to
 * think of it.
 */
public final class AccessGuard extends Handler.Wrapper {
  private static final String HOW_TO_OPEN =
      "this server listens beyond the loopback interface: set ACCESS_TOKEN, which requests then"
          + " bring, or PUBLIC=true";

  private final AccessPolicy policy;

  /**
   * @param token null when none is set
   * @param open whether everybody is let in when none is set
   */
  public AccessGuard(String token, boolean open) {
    policy = new AccessPolicy(token, open, HOW_TO_OPEN);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (isAllowed(request)) {
      return super.handle(request, response, callback);
    }
    HttpError error = new HttpError(401, "UNAUTHORIZED", policy.refusal());
    response.setStatus(error.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpError.CONTENT_TYPE);
    response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    Content.Sink.write(response, true, error.body(), callback);
    return true;
  }

  private boolean isAllowed(Request request) {
    String target = request.getHttpURI().getPathQuery();
    return Health.PATH.equals(request.getHttpURI().getPath())
        || policy.allows(
            request.getHeaders().get(HttpHeader.AUTHORIZATION), target == null ? "" : target);
  }
}
