package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.OneReply;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import org.teavm.jso.JSExport;

/**
 * The store of one Durable Object, as JavaScript calls it.
 *
 * <p>Nothing it exports throws: what goes wrong in Java is logged and becomes an {@code
 * INTERNAL_ERROR} for the one who asked, and the socket stays open. A store that could not start
 * says so for a moment to everyone who asks, and is then built anew, because the next try may find
 * the archive reachable.
 */
public final class WorkerStore {
  private final Host host;
  private final String namespace;
  private final HostObject env;
  private final HostObject options;
  private final Json json = new HostJson();
  private final HostClock clock = new HostClock();
  private final StoreObserver observer;

  private UnifiedStore store;
  private Life life;

  /** Why there is no store, and since when. */
  private String failure;

  private double failedAtMs;

  WorkerStore(Host host, String namespace, HostObject env, HostObject options) {
    this.host = host;
    this.namespace = namespace;
    this.env = env;
    this.options = options;
    this.observer = new HostObserver(host);
  }

  /** Restores the state; {@code done} receives null, or why it cannot be had. */
  @JSExport
  public void start(Ending done) {
    if (life != null) {
      life.end();
    }
    Life starting = new Life(observer);
    life = starting;
    store = null;
    failure = null;
    try {
      store = newStore(starting);
      store.onStart(
          new Completion() {
            @Override
            public void succeeded() {
              done.ended(null);
            }

            @Override
            public void failed(String error) {
              done.ended(error);
            }
          });
    } catch (Throwable e) {
      String error = "namespace " + namespace + ": " + Failures.text(e);
      observer.error(error);
      store = null;
      failure = error;
      failedAtMs = clock.nowMs();
      done.ended(error);
    }
  }

  private UnifiedStore newStore(Life starting) {
    HostSql sql = new HostSql(host, namespace);
    return new UnifiedStore(
        UnifiedStoreConfig.fromVars(namespace, Settings.merge(env, options)),
        new StorePorts(
            host.writer(),
            clock,
            new HostTimers(host, starting, sql),
            new HostPipeline(host, starting, json, false),
            host.hasDeadLetters() ? new HostPipeline(host, starting, json, true) : null,
            sql,
            host.hasArchive() ? new HostArchive(host, starting) : null,
            json,
            new HostIds(),
            observer));
  }

  /** The store, built anew when the last one is over; null when it cannot be built. */
  private UnifiedStore current() {
    boolean over =
        store == null ? UnifiedStore.isFailureOver(failedAtMs, clock.nowMs()) : store.isOver();
    if (life == null || over) {
      start(error -> {});
    }
    return store;
  }

  /** A message came in. */
  @JSExport
  public void message(Socket socket, String text) {
    Connection connection = new OneReply(new HostConnection(socket));
    try {
      UnifiedStore current = current();
      if (current == null) {
        refuse(connection, text, ErrorCode.UNAVAILABLE, failure);
      } else {
        current.onMessage(connection, text);
      }
    } catch (Throwable e) {
      String error = Failures.text(e);
      observer.error("namespace " + namespace + ": internal error: " + error);
      refuse(connection, text, ErrorCode.INTERNAL_ERROR, "the store failed: " + error);
    }
  }

  /** A binary message came in that is no UTF-8. */
  @JSExport
  public void malformedMessage(Socket socket) {
    Refusal refusal = new RequestReader(json).undecodable().refusal();
    Outcome refused = new Outcome.Refused(refusal, 0);
    new HostConnection(socket).send(new ReplyWriter(json).reply(Request.NO_ID, refused));
  }

  private void refuse(Connection connection, String text, ErrorCode code, String message) {
    connection.send(new ReplyWriter(json).refusal(text, Refusal.of(code, message)));
  }

  /** A request to one of this store's routes that has nothing but that. */
  @JSExport
  public void request(String method, String target, Answer answer) {
    ask(method, target, "", null, answer);
  }

  /** A request to one of this store's routes; null for a header that it does not have. */
  @JSExport
  public void ask(String method, String target, String body, String ifNoneMatch, Answer answer) {
    try {
      UnifiedStore current = current();
      if (current == null) {
        answerError(answer, ErrorCode.UNAVAILABLE, failure);
      } else {
        Route route = Route.ofStore(method, target);
        if (route.kind().isError()) {
          String error = HttpAnswer.errorBody(route.kind().code().name(), route.problem());
          answer.send(route.kind().status(), HttpAnswer.JSON, error, null);
        } else {
          current.onRequest(new HttpRequest(route, body, ifNoneMatch), replyTo(answer));
        }
      }
    } catch (Throwable e) {
      String error = Failures.text(e);
      observer.error("namespace " + namespace + ": internal error: " + error);
      answerError(answer, ErrorCode.INTERNAL_ERROR, "the store failed: " + error);
    }
  }

  /** A request whose body is over the limit, or no UTF-8. */
  @JSExport
  public void refuseBody(boolean tooLarge, Answer answer) {
    RequestReader reader = new RequestReader(json);
    Refusal refusal = (tooLarge ? reader.tooLarge() : reader.undecodable()).refusal();
    answerError(answer, refusal.code(), refusal.message());
  }

  private static HttpReply replyTo(Answer answer) {
    return new HttpReply() {
      @Override
      public void send(int status, String contentType, String body) {
        answer.send(status, contentType, body, null);
      }

      @Override
      public void send(int status, String contentType, String etag, String body) {
        answer.send(status, contentType, body, etag);
      }
    };
  }

  private static void answerError(Answer answer, ErrorCode code, String message) {
    String body = HttpAnswer.errorBody(code.name(), message);
    answer.send(code.httpStatus(), HttpAnswer.JSON, body, null);
  }

  /**
   * The thing in its last durable version, as {@code {"thing":…}} with null for none; {@code
   * {"error":"…"}} when it cannot be told from memory.
   */
  @JSExport
  public String get(String id) {
    JsonWriter writer = json.writer();
    try {
      UnifiedStore current = current();
      if (current == null) {
        return writer.raw("{\"error\":").string(failure).raw("}").text();
      }
      Thing thing = current.get(id);
      writer.raw("{\"thing\":");
      if (thing == null) {
        writer.raw("null");
      } else {
        thing.writeTo(writer, json);
      }
    } catch (Throwable e) {
      writer = json.writer().raw("{\"error\":").string(Failures.text(e));
    }
    return writer.raw("}").text();
  }

  /** An array of the ids that SQLite does not have yet. */
  @JSExport
  public HostArray dirtyIds() {
    HostArray ids = HostArray.create();
    if (store != null) {
      store.forEachDirty(ids::push);
    }
    return ids;
  }

  /** A socket has closed; {@code openConnections} are left. */
  @JSExport
  public void closed(int openConnections) {
    guarded(() -> store.onConnectionClosed(openConnections));
  }

  /** The alarm rang. */
  @JSExport
  public void alarm() {
    guarded(() -> store.onAlarm());
  }

  private void guarded(Runnable event) {
    if (current() != null) {
      life.run(event);
    }
  }

  /** Persists what is dirty; {@code done} receives null, or why it could not. */
  @JSExport
  public void beforeHibernation(Ending done) {
    if (store == null) {
      done.ended(failure);
      return;
    }
    try {
      store.beforeHibernation(
          new Completion() {
            @Override
            public void succeeded() {
              done.ended(null);
            }

            @Override
            public void failed(String error) {
              done.ended(error);
            }
          });
    } catch (Throwable e) {
      done.ended(Failures.text(e));
    }
  }
}
