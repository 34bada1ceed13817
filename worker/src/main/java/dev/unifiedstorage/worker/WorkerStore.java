package dev.unifiedstorage.worker;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Member;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlException;
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
import dev.unifiedstorage.store.RefusedException;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import dev.unifiedstorage.wal.Durability;
import java.util.List;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

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

  /** What the object was called when this instance was made. */
  private final String name;

  private String namespace;
  private final HostObject env;
  private final HostObject options;
  private final Json json = new HostJson();
  private final HostClock clock = new HostClock();
  private final StoreObserver observer;

  /** What the application says to writes; null when it has no say. */
  private Rule rule;

  /** What the application knows of the forms of before; null when nothing. */
  private Upcast upcasts;

  /** Is told of every change; null when nothing is. */
  private Changes follower;

  private UnifiedStore store;
  private Life life;

  /** The clients, who stay when the store is built anew; null while the variables are wrong. */
  private Visitors visitors;

  /** Why there is no store, and since when. */
  private String failure;

  private double failedAtMs;

  WorkerStore(Host host, String name, HostObject env, HostObject options) {
    this.host = host;
    this.name = name;
    this.namespace = name;
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
      namespace = recordedNamespace();
      store = newStore(starting);
      if (rule != null) {
        store.setWriteRule(new HostRule(rule));
      }
      if (upcasts != null) {
        store.setUpcaster(new HostUpcaster(upcasts));
      }
      if (follower != null) {
        store.onChange(new HostFollower(follower, observer::error, json, false));
      }
      store.onStart(
          new HostSockets(host).open(),
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

  /**
   * The namespace of the log that this object has begun, or its name where there is none yet: an
   * object that is reached by its id has no name, and is the same object.
   */
  private String recordedNamespace() {
    Owner owner;
    try {
      owner = new TableReader(new Tables(new HostSql(host, name), json), json).owner();
    } catch (SqlException | CorruptRowException e) {
      // The start says what is wrong, and what can be done.
      return name;
    }
    boolean own = !owner.namespace().isEmpty() && owner.writer().equals(host.writer());
    if (own && !owner.namespace().equals(name) && !name.equals(host.writer())) {
      observer.warning(
          "namespace "
              + owner.namespace()
              + ": the object is called "
              + name
              + " now; its log goes on under the namespace that it has begun with");
    }
    return own ? owner.namespace() : name;
  }

  private UnifiedStore newStore(Life starting) {
    HostSql sql = new HostSql(host, namespace);
    UnifiedStoreConfig config =
        UnifiedStoreConfig.fromVars(namespace, Settings.merge(env, options));
    if (visitors == null) {
      visitors =
          new Visitors(
              namespace,
              WorkerCore.accessPolicy(env, host.tokens()),
              config.visitLimits(),
              new HostSockets(host),
              clock,
              new HostTimers(host, new Life(observer), sql),
              new HostIds(),
              json);
    }
    return new UnifiedStore(
        config,
        StorePorts.builder(
                new Platform(
                    json, clock, new HostTimers(host, starting, sql), new HostIds(), observer),
                host.writer())
            .pipeline(new HostPipeline(host, starting, json, false, needsPipeline(config)))
            .deadLetters(
                host.hasDeadLetters() ? new HostPipeline(host, starting, json, true, true) : null)
            .sql(sql)
            .archive(host.hasArchive() ? new HostArchive(host, starting) : null)
            .visitors(visitors)
            .siblings(new HostSiblings(host, starting))
            .directory(host.hasDirectory() ? new HostDirectory(host, starting) : null)
            .points(host.hasMetrics() ? new HostPoints(host) : null)
            .tracer(host.hasTracing() ? new HostTracer(host) : null)
            .build());
  }

  /**
   * Whether a Pipeline has to be bound.
   *
   * <p>A store that SQLite has everything of does without: if events waited there for a Pipeline
   * that never comes, it would be full of them in the end, and refuse every write.
   */
  private boolean needsPipeline(UnifiedStoreConfig config) {
    return host.hasArchive() || config.durability(false) == Durability.PIPELINE;
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

  /** Has JavaScript judge every write from the next start on. */
  @JSExport
  public void judge(Rule by) {
    rule = by;
  }

  /** Has JavaScript bring things of before into today's form, from the next start on. */
  @JSExport
  public void upcast(Upcast by) {
    upcasts = by;
  }

  /**
   * Follows things: what there is first, then every change once it is durable.
   *
   * @param failed receives why nothing more comes
   * @return ends it; null when nothing is followed
   */
  @JSExport
  public Task subscribe(JSObject selection, Changes changes, Ending failed) {
    try {
      UnifiedStore current = current();
      if (current == null) {
        failed.ended(failure);
        return null;
      }
      HostFollower follower = new HostFollower(changes, failed, json, true);
      Runnable end = current.subscribe(new HostObject(selection), follower);
      return end::run;
    } catch (Throwable e) {
      failed.ended(Failures.text(e));
      return null;
    }
  }

  /** Tells JavaScript of every change once it is durable, from the next start on. */
  @JSExport
  public void follow(Changes changes) {
    follower = changes;
  }

  /** A request came in that is an object already, and that is not changed any more. */
  @JSExport
  public void handle(Socket socket, JSObject request) {
    Connection connection = new OneReply(new HostConnection(socket));
    HostObject message = new HostObject(request);
    try {
      UnifiedStore current = current();
      if (current == null) {
        refuse(connection, textOf(message), ErrorCode.UNAVAILABLE, failure);
      } else {
        current.onMessage(connection, message);
      }
    } catch (Throwable e) {
      String error = Failures.text(e);
      observer.error("namespace " + namespace + ": internal error: " + error);
      refuse(connection, textOf(message), ErrorCode.INTERNAL_ERROR, "the store failed: " + error);
    }
  }

  /** Enough of a request to answer it. */
  private String textOf(HostObject message) {
    String id = json.scalar(message, Member.ID);
    return "{\"id\":" + id + "}";
  }

  /** A request of this isolate; {@code reply} receives the reply's text. */
  @JSExport
  public void call(String text, Changes reply) {
    message(new OneReply(new HostCaller(reply)), text);
  }

  /** What another object of the class tells; {@code reply} receives the answer. */
  @JSExport
  public void told(String text, Changes reply) {
    UnifiedStore current = current();
    if (current == null) {
      reply.changed(ReplyWriter.httpError(ErrorCode.UNAVAILABLE.name(), failure, json));
      return;
    }
    try {
      current.onTold(text, reply::changed);
    } catch (Throwable e) {
      String error = Failures.text(e);
      observer.error(error);
      reply.changed(ReplyWriter.httpError(ErrorCode.INTERNAL_ERROR.name(), error, json));
    }
  }

  /** A message came in. */
  @JSExport
  public void message(Socket socket, String text) {
    message(new OneReply(new HostConnection(socket)), text);
  }

  private void message(Connection connection, String text) {
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
    ask(method, target, "", null, null, answer);
  }

  /** Whether a request's body is read as it comes, and not before. */
  @JSExport
  public boolean streams(String method, String target) {
    return Route.ofStore(method, target).streams();
  }

  /**
   * A request to one of this store's routes.
   *
   * @param stream the body of a request that {@link #streams}, else null
   * @param headers null for none
   */
  @JSExport
  public void ask(
      String method,
      String target,
      String body,
      IncomingBody stream,
      Headers headers,
      Answer answer) {
    try {
      UnifiedStore current = current();
      if (current == null) {
        answerError(answer, ErrorCode.UNAVAILABLE, failure);
      } else {
        Route route = Route.ofStore(method, target);
        if (route.kind().isError()) {
          String error = HttpAnswer.errorBody(route.kind().code().name(), route.problem());
          answer.send(route.kind().status(), HttpAnswer.JSON, error, null, null);
        } else {
          Runnable lost =
              () -> answerError(answer, ErrorCode.UNAVAILABLE, "the store was built anew");
          HttpBody incoming = stream == null ? null : new HostBody(stream, life, lost);
          current.onRequest(
              new HttpRequest(route, headersOf(headers), body, incoming), replyTo(answer));
        }
      }
    } catch (Throwable e) {
      String error = Failures.text(e);
      observer.error("namespace " + namespace + ": internal error: " + error);
      answerError(answer, ErrorCode.INTERNAL_ERROR, "the store failed: " + error);
    }
  }

  private static HttpHeaders headersOf(Headers headers) {
    return headers == null ? HttpHeaders.NONE : headers::get;
  }

  /** Decides on a socket that is about to open: status 101, or an error. */
  @JSExport
  public HttpAnswer admit(String target, Headers headers) {
    try {
      if (current() != null) {
        return HttpAnswer.of(visitors.admit(headersOf(headers), target));
      }
      String grant = headersOf(headers).get(AccessPolicy.GRANT_HEADER);
      // Without a store a client is told why, message by message.
      return AccessPolicy.TICKET.equals(grant)
          ? HttpAnswer.error(
              ErrorCode.UNAVAILABLE.httpStatus(), ErrorCode.UNAVAILABLE.name(), failure)
          : HttpAnswer.accepted(grant == null ? "" : grant);
    } catch (Throwable e) {
      return HttpAnswer.error(
          ErrorCode.INTERNAL_ERROR.httpStatus(), ErrorCode.INTERNAL_ERROR.name(), Failures.text(e));
    }
  }

  /** A socket has opened that keeps the grant of its admission. */
  @JSExport
  public void opened(Socket socket, String grant) {
    guarded(
        () -> {
          visitors.opened(new HostConnection(socket), grant);
          store.watchTokens();
        });
  }

  /** A request whose body is over the limit, or no UTF-8. */
  @JSExport
  public void refuseBody(boolean tooLarge, Answer answer) {
    RequestReader reader = new RequestReader(json);
    Refusal refusal = (tooLarge ? reader.tooLarge() : reader.undecodable()).refusal();
    answerError(answer, refusal.code(), refusal.message());
  }

  private HttpReply replyTo(Answer answer) {
    Life asked = life;
    return new HttpReply() {
      @Override
      public void send(int status, String contentType, String body) {
        answer.send(status, contentType, body, null, null);
      }

      @Override
      public void stream(int status, String contentType, HttpBody body) {
        answer.send(status, contentType, null, null, new OutgoingBody(body, asked));
      }

      @Override
      public void send(int status, String contentType, List<String> headers, String body) {
        HostArray all = HostArray.create();
        headers.forEach(all::push);
        answer.send(status, contentType, body, all, null);
      }
    };
  }

  private static void answerError(Answer answer, ErrorCode code, String message) {
    String body = HttpAnswer.errorBody(code.name(), message);
    answer.send(code.httpStatus(), HttpAnswer.JSON, body, null, null);
  }

  /**
   * The thing in its last durable version, as {@code {"thing":…}} with null for none; the reply
   * that a refused request has when it cannot be told from memory.
   */
  @JSExport
  public String get(String id) {
    try {
      UnifiedStore current = current();
      if (current == null) {
        return refused(Refusal.of(ErrorCode.UNAVAILABLE, failure));
      }
      Thing thing = current.get(id);
      JsonWriter writer = json.writer().raw("{\"thing\":");
      if (thing == null) {
        writer.raw("null");
      } else {
        thing.writeTo(writer, json);
      }
      return writer.raw("}").text();
    } catch (RefusedException e) {
      return refused(e.refusal());
    } catch (Throwable e) {
      return refused(Refusal.of(ErrorCode.INTERNAL_ERROR, Failures.text(e)));
    }
  }

  private String refused(Refusal refusal) {
    Outcome refused = new Outcome.Refused(refusal, 0);
    return new ReplyWriter(json).reply(Request.NO_ID, refused).text();
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

  /**
   * A socket has closed; {@code openConnections} are left.
   *
   * @param socket which one, null when the caller does not know
   */
  @JSExport
  public void closed(Socket socket, int openConnections) {
    guarded(
        () -> {
          if (socket != null) {
            visitors.closed(new HostConnection(socket));
            store.onSocketClosed(new HostConnection(socket));
          }
          store.onConnectionClosed(openConnections);
        });
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
