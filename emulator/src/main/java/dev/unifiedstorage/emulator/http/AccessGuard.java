package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.Verdict;
import dev.unifiedstorage.access.Visit;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.Route;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets in the requests that the policy allows, and says with each what its client may do.
 *
 * <p>It stands before every other handler, so that a route added later is guarded without having to
 * think of it.
 *
 * <p>A server that asks for nothing, because only this machine reaches it, is reached by every page
 * in a browser of this machine too. Pages tell their origin, and are refused by it; one whose name
 * was pointed here after it was loaded has the server's own origin, and is refused by that name.
 */
public final class AccessGuard extends Handler.Wrapper {
  private static final String STORES = "/stores";

  private final AccessPolicy policy;
  private final boolean loopbackNames;
  private final Json json = new JsoniterJson();

  /**
   * @param loopbackNames whether requests have to be for a name that only this machine's network
   *     gives it
   */
  public AccessGuard(AccessPolicy policy, boolean loopbackNames) {
    this.policy = policy;
    this.loopbackNames = loopbackNames;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String host = request.getHeaders().get(HttpHeader.HOST);
    if (loopbackNames && host != null && !isLocalName(host)) {
      refuse(
          new HttpError(403, "FORBIDDEN", "expected a host of this machine"), response, callback);
      return true;
    }
    if (InspectorPage.isAskedFor(request.getMethod(), request.getHttpURI().getPath())) {
      // The page is where a person gives the token.
      return super.handle(request, response, callback);
    }
    String target = request.getHttpURI().getPathQuery();
    Visit visit = visit(request, target == null ? "" : target, host);
    List<String> cors = policy.corsHeaders(visit);
    for (int i = 0; i < cors.size(); i += 2) {
      response.getHeaders().put(cors.get(i), cors.get(i + 1));
    }
    if (policy.isPreflight(visit)) {
      response.setStatus(204);
      callback.succeeded();
      return true;
    }
    Verdict[] verdict = new Verdict[1];
    policy.judge(visit, now -> verdict[0] = now);
    if (verdict[0].isRefused()) {
      refuse(
          new HttpError(verdict[0].status(), verdict[0].code(), verdict[0].message()),
          response,
          callback);
      return true;
    }
    String client = policy.client(visit, Request.getRemoteAddr(request));
    Carried.set(request, verdict[0].carried(json), client);
    return super.handle(request, response, callback);
  }

  private static Visit visit(Request request, String target, String host) {
    boolean upgrade = request.getHeaders().contains(HttpHeader.SEC_WEBSOCKET_VERSION);
    Route route = Route.parse(request.getMethod(), target, upgrade);
    return new Visit(
        request.getMethod(),
        target,
        route,
        request.getHeaders()::get,
        request.getHttpURI().getScheme() + "://" + host,
        route.kind() == Route.Kind.UNKNOWN && !target.startsWith(STORES));
  }

  /** An address, or a name without a dot: no server of the public network has one. */
  private static boolean isLocalName(String host) {
    int colon = host.lastIndexOf(':');
    String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    return name.indexOf('.') < 0
        || name.endsWith(".localhost")
        || name.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
  }

  private static void refuse(HttpError error, Response response, Callback callback) {
    if (error.status() == 401) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    }
    JsonErrors.send(error, response, callback);
  }
}
