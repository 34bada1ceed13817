package dev.unifiedstorage.worker;

import dev.unifiedstorage.protocol.CloseCode;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Route;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/** What the compiled core exports to JavaScript. */
public final class WorkerCore {
  private WorkerCore() {}

  /** TeaVM compiles what can be reached from here and from the exports; nothing has to run. */
  public static void main(String[] args) {}

  /**
   * A store that has not started.
   *
   * @param env the Worker's environment
   * @param options the fields of a {@code UnifiedStoreConfig}; they win over the environment
   */
  @JSExport
  public static WorkerStore open(Host host, String namespace, JSObject env, JSObject options) {
    return new WorkerStore(host, namespace, new HostObject(env), new HostObject(options));
  }

  /**
   * Finds what a request is for.
   *
   * @param target path and query, percent-encoded, as in the request line
   * @param upgrade whether a WebSocket is asked for
   */
  @JSExport
  public static HttpAnswer route(String method, String target, boolean upgrade) {
    Route route = Route.parse(method, target, upgrade);
    if (route.kind().isError()) {
      return HttpAnswer.error(route.kind().status(), route.kind().code().name(), route.problem());
    }
    return route.kind() == Route.Kind.HEALTH
        ? HttpAnswer.open("{\"status\":\"ok\"}")
        : HttpAnswer.object(route.namespace());
  }

  /** The code that answers a close frame's; 1005 for one without a code, both ways. */
  @JSExport
  public static int closeAnswer(int code) {
    return CloseCode.answerTo(code);
  }

  /** What a request without the right token is answered. */
  @JSExport
  public static HttpAnswer unauthorized(boolean tokenIsSet) {
    return HttpAnswer.error(
        401,
        "UNAUTHORIZED",
        tokenIsSet
            ? "expected the access token, as Authorization: Bearer or in the query as access_token"
            : "this Worker serves nobody until the secret ACCESS_TOKEN is set (wrangler secret put"
                + " ACCESS_TOKEN), or the variable PUBLIC is true");
  }

  /** What a request is answered when the platform could not bring it to its object. */
  @JSExport
  public static HttpAnswer unavailable(String namespace, String error) {
    return HttpAnswer.error(
        ErrorCode.UNAVAILABLE.httpStatus(),
        ErrorCode.UNAVAILABLE.name(),
        "the object of namespace " + namespace + " could not be reached: " + error);
  }
}
