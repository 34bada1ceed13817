package dev.unifiedstorage.worker;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.Verdict;
import dev.unifiedstorage.access.Visit;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.CloseCode;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Health;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import dev.unifiedstorage.store.VarNames;
import java.util.List;
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

  /** The directory of all stores, over its object. */
  @JSExport
  public static WorkerDirectory openDirectory(Host host) {
    return new WorkerDirectory(host);
  }

  /** An empty survey of the archive. */
  @JSExport
  public static WorkerSurvey openSurvey() {
    return new WorkerSurvey();
  }

  /**
   * Finds what is done with a request: what it is for, and whether its client may.
   *
   * @param target path and query, percent-encoded, as in the request line
   * @param upgrade whether a WebSocket is asked for
   * @param ownOrigin the origin that the request was sent to
   * @param address the client's
   * @param env the Worker's environment
   * @param tokens null where no JSON Web Tokens are taken
   */
  @JSExport
  public static void enter(
      String method,
      String target,
      boolean upgrade,
      Headers headers,
      String ownOrigin,
      String address,
      JSObject env,
      Tokens tokens,
      Entered then) {
    Route route = Route.parse(method, target, upgrade);
    AccessPolicy policy;
    try {
      policy = accessPolicy(new HostObject(env), tokens);
    } catch (IllegalArgumentException e) {
      then.with(HttpAnswer.error(503, ErrorCode.UNAVAILABLE.name(), Failures.text(e)));
      return;
    }
    Visit visit = new Visit(method, target, route, headers::get, ownOrigin, false);
    List<String> cors = policy.corsHeaders(visit);
    if (policy.isPreflight(visit)) {
      then.with(HttpAnswer.empty(cors));
      return;
    }
    policy.judge(
        visit,
        verdict -> {
          String client = policy.client(visit, address);
          boolean ready = !route.asksReadiness() || areVariablesRight(new HostObject(env));
          then.with(ready ? answer(verdict, route, client, cors) : notReady(cors));
        });
  }

  /** A store with a wrong variable cannot start; a Worker knows no more of its stores. */
  private static boolean areVariablesRight(HostObject env) {
    Json json = new HostJson();
    try {
      HostObject none = (HostObject) json.parse("{}");
      UnifiedStoreConfig.fromVars("any", Settings.merge(env, none)).check(json);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Which variable it is, and its value, are nothing for everybody. */
  private static HttpAnswer notReady(List<String> cors) {
    String reason = "a variable of the stores is wrong; what any of them answers says which";
    return HttpAnswer.error(503, ErrorCode.UNAVAILABLE.name(), reason, cors);
  }

  private static HttpAnswer answer(Verdict verdict, Route route, String client, List<String> cors) {
    if (verdict.isRefused()) {
      return HttpAnswer.error(verdict.status(), verdict.code(), verdict.message(), cors);
    }
    if (route.kind() == Route.Kind.HEALTH) {
      String body = route.asksReadiness() ? Health.READY_BODY : Health.BODY;
      return HttpAnswer.ok(body, cors);
    }
    if (route.kind().isError()) {
      Route.Kind kind = route.kind();
      return HttpAnswer.error(kind.status(), kind.code().name(), route.problem(), cors);
    }
    if (route.kind() == Route.Kind.STORES) {
      return HttpAnswer.directory(verdict.carried(new HostJson()), client, cors);
    }
    return HttpAnswer.object(route.namespace(), verdict.carried(new HostJson()), client, cors);
  }

  /**
   * @throws IllegalArgumentException when a variable about access is wrong
   */
  static AccessPolicy accessPolicy(HostObject env, Tokens tokens) {
    return new AccessPolicy(
        Settings.access(env),
        HOW_TO_OPEN,
        tokens == null ? null : new HostVerifier(tokens),
        new HostClock(),
        new HostJson());
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
