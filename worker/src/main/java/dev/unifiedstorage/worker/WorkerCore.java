package dev.unifiedstorage.worker;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.protocol.CloseCode;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Health;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.VarNames;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/** What the compiled core exports to JavaScript. */
public final class WorkerCore {
  private static final String HOW_TO_OPEN =
      "set the secret ACCESS_TOKEN (wrangler secret put ACCESS_TOKEN), which requests then bring, or"
          + " the variable PUBLIC=true";

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
   * Finds what a request is for, and whether it is let in.
   *
   * @param target path and query, percent-encoded, as in the request line
   * @param upgrade whether a WebSocket is asked for
   * @param authorization the header, null when there is none
   * @param token the secret ACCESS_TOKEN, null when there is none
   * @param open whether PUBLIC says that every client may in
   */
  @JSExport
  public static HttpAnswer route(
      String method,
      String target,
      boolean upgrade,
      String authorization,
      String token,
      boolean open) {
    Route route = Route.parse(method, target, upgrade);
    if (route.kind() == Route.Kind.HEALTH) {
      return HttpAnswer.ok(Health.BODY);
    }
    AccessPolicy policy = new AccessPolicy(token, open, HOW_TO_OPEN);
    if (!policy.allows(authorization, target)) {
      return HttpAnswer.error(401, "UNAUTHORIZED", policy.refusal());
    }
    return route.kind().isError()
        ? HttpAnswer.error(route.kind().status(), route.kind().code().name(), route.problem())
        : HttpAnswer.object(route.namespace());
  }

  /** Why a variable's name is refused; null when it is known. */
  @JSExport
  public static String varProblem(String name) {
    return VarNames.problem(name);
  }

  /** The code that answers a close frame's; 1005 for one without a code, both ways. */
  @JSExport
  public static int closeAnswer(int code) {
    return CloseCode.answerTo(code);
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
