package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Caller;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.checkpoint.CheckpointOutcome;
import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.feed.FeedListener;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.Sockets;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Message;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.protocol.SubscriptionReader;
import dev.unifiedstorage.query.QueryException;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Undo;
import dev.unifiedstorage.wal.Durability;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * One object's store: everything it acknowledged can be read back after a crash at any moment.
 *
 * <p>It lives on one event loop. Its host calls {@link #onStart} once, then passes in messages,
 * requests, closed sockets and alarms, and may drop it whenever {@link #isIdle} says so; a new
 * instance over the same SQLite goes on where this one ended, and takes this one's place when
 * {@link #isOver} says so. Every message has exactly one reply.
 *
 * <p>Each entrance changes numbers and queues, and ends with a turn, which does what is due.
 */
public final class UnifiedStore {
  /** More types than that are not told one by one. */
  private static final int STATS_TYPES = 100;

  private final UnifiedStoreConfig config;
  private final StorePorts ports;
  private final Durability durability;
  private final Assembly parts;
  private final AdminRequests admin;
  private final Imports imports;
  private final Listing listing;
  private final RequestReader requests;
  private final ReplyWriter replies;
  private final Visitors visitors;
  private final String bootId;

  public UnifiedStore(UnifiedStoreConfig config, StorePorts ports) {
    this.config = config;
    this.ports = ports;
    this.durability = config.durability(ports.archive() != null);
    this.bootId = ports.ids().uuid();
    this.requests = new RequestReader(ports.json());
    this.replies = new ReplyWriter(ports.json());
    this.parts = Assembly.of(config, ports);
    this.visitors =
        ports.visitors() != null
            ? ports.visitors()
            : new Visitors(
                config.namespace(),
                null,
                config.visitLimits(),
                Sockets.NONE,
                ports.clock(),
                ports.timers(),
                ports.ids(),
                ports.json());
    parts.gate().pushesTo(socket -> visitors.caller(socket) != null);
    parts.feed().showsBy(visitors::grantOf);
    this.admin = new AdminRequests(parts, requests, this::stats, ports.json());
    this.imports = new Imports(parts, requests, ports, this::notRunning, this::turn);
    this.listing = new Listing(config.namespace(), parts, ports);
    parts.turns().begin(this::turn);
  }

  private void turn() {
    do {
      parts.starts().turn();
      parts.expirer().turn();
      imports.turn();
      parts.committer().turn();
      if (parts.committer().isTakenOver() && !isFailed()) {
        parts.starts().stop();
      }
      parts.deletion().turn();
      parts.restore().turn();
    } while (parts.starts().hasOutcome() || imports.isDue());
    listing.turn();
    parts.feed().turn();
  }

  // ---- life cycle

  /**
   * Restores the state.
   *
   * <p>Until {@code done} requests are answered {@code RECOVERING}; when it fails, {@code
   * UNAVAILABLE} with the reason, until {@link #isOver}.
   */
  public void onStart(Completion done) {
    onStart(List.of(), done);
  }

  /**
   * Restores the state, and the subscriptions of sockets that outlived the memory.
   *
   * @param sockets those that are open
   */
  public void onStart(List<Peer> sockets, Completion done) {
    parts.feed().socketsAtStart(sockets);
    parts.sessions().socketsAtStart(sockets);
    if (!tailRecoverable()) {
      ports
          .observer()
          .warning(
              parts
                  .about()
                  .apply(
                      "durability "
                          + durability.label()
                          + " acknowledges writes that this object cannot read back after a crash"));
    }
    parts.starts().start(done);
    if (!sockets.isEmpty()) {
      // The alarm that was set for their tokens may be replaced from here on.
      closeExpiredInTime();
    }
    turn();
  }

  /** Persists what is dirty, because the object may be about to leave the memory. */
  public void beforeHibernation(Completion done) {
    if (!parts.lifecycle().isRunning()) {
      done.succeeded();
      return;
    }
    CheckpointOutcome outcome = parts.committer().checkpoint(Trigger.HIBERNATION);
    if (outcome.error().isPresent()) {
      done.failed(outcome.error().get().getMessage());
    } else {
      parts.feed().beforeHibernation();
      done.succeeded();
    }
  }

  /** Whether dropping this instance now loses nothing and interrupts nothing. */
  public boolean isIdle() {
    if (parts.lifecycle().isRecovering()) {
      return false;
    }
    return !parts.lifecycle().isRunning()
        || (parts.wal().isIdle()
            && parts.gate().waiting() == 0
            && !parts.committer().isDirty()
            && parts.expirer().isIdle()
            && parts.pastReader().isIdle()
            && parts.deletion().isIdle()
            && parts.restore().isIdle()
            && parts.fork().isIdle()
            && parts.forks().isIdle()
            && parts.exports().isIdle()
            && imports.isIdle()
            && listing.isIdle()
            && parts.queryEngine().isIdle()
            && parts.feed().isIdle());
  }

  /** Whether the state could not be had: every request is refused with the reason. */
  public boolean isFailed() {
    return parts.lifecycle().state() instanceof Lifecycle.State.Failed;
  }

  /** Why the state could not be had, or "" when it could. */
  public String failure() {
    return parts.lifecycle().state() instanceof Lifecycle.State.Failed failed
        ? failed.reason()
        : "";
  }

  /** Whether the state could not be had, and the next event belongs to a new instance. */
  public boolean isOver() {
    return parts.lifecycle().isOver();
  }

  /** Whether a failure of that time is over for a host that has no instance to ask. */
  public static boolean isFailureOver(double failedAtMs, double nowMs) {
    return Lifecycle.isFailureOver(failedAtMs, nowMs);
  }

  /** A socket has closed: what it followed is followed no more. */
  public void onSocketClosed(Peer socket) {
    parts.feed().closed(socket.id());
    parts.sessions().closed(socket.id());
    turn();
  }

  /** A socket has closed; after the last one a client may be away for a long time. */
  public void onConnectionClosed(int openConnections) {
    if (openConnections == 0 && parts.lifecycle().isRunning()) {
      parts.committer().ask(Trigger.HIBERNATION);
      turn();
    }
  }

  /** The platform's alarm rang. */
  public void onAlarm() {
    parts.committer().onAlarm();
    parts.expirer().expire();
    closeExpiredInTime();
    turn();
  }

  // ---- messages

  /** Has the application judge every write from now on. */
  public void setWriteRule(WriteRule rule) {
    requests.leaveWrites();
    parts.judge().ruleIs(rule);
  }

  /**
   * Answers one message; false when its token has expired: then the socket is closed, and no answer
   * comes.
   */
  public boolean onMessage(Connection connection, String text) {
    Caller caller = visitors.caller(connection);
    return caller != null && answer(connection, requests.read(text), caller);
  }

  /**
   * Answers one request that is an object already: it belongs to the store from now on, and whoever
   * made it may not change it.
   *
   * @return false as that of a text
   */
  public boolean onMessage(Connection connection, JsonObject request) {
    Caller caller = visitors.caller(connection);
    return caller != null && answer(connection, requests.read(request), caller);
  }

  private boolean answer(Connection connection, Message message, Caller caller) {
    parts.feed().heard(connection.peer());
    if (message instanceof Request request) {
      answer(connection, request, caller);
      turn();
    } else if (message instanceof Message.Frame frame) {
      List<Request> all = frame.requests();
      FrameReplies frameReplies =
          new FrameReplies(connection, all.size(), parts.gate(), ports.json());
      answerAll(all, i -> frameReplies.next(), caller);
      parts.feed().takesFrames(connection.peer());
    } else {
      refuse(connection, message);
      turn();
    }
    return true;
  }

  /** Answers several requests, each as if it had come alone, in one turn. */
  private void answerAll(List<Request> all, IntFunction<Connection> connections, Caller caller) {
    parts.gate().gather();
    try {
      for (int i = 0; i < all.size(); i++) {
        answerAlone(connections.apply(i), all.get(i), caller);
      }
      turn();
    } finally {
      parts.gate().endGathering();
    }
  }

  /** Answers one of several: a failure of the store over it is no failure of the others. */
  private void answerAlone(Connection connection, Request request, Caller caller) {
    try {
      answer(connection, request, caller);
    } catch (RuntimeException e) {
      String error = parts.about().apply("a request failed: " + e);
      ports.observer().error(error);
      refuse(connection, request.id(), Refusal.of(ErrorCode.INTERNAL_ERROR, error));
    }
  }

  /** Answers a message that the transport refused to take in because it is over the limit. */
  public void onOversizeMessage(Connection connection) {
    refuse(connection, requests.tooLarge());
  }

  /** Answers a message of bytes that are no UTF-8. */
  public void onUndecodableMessage(Connection connection) {
    refuse(connection, requests.undecodable());
  }

  private void answer(Connection connection, Request request, Caller caller) {
    Operation operation = request.operation();
    if (operation instanceof Operation.Auth auth) {
      authenticate(connection, request.id(), auth.token(), caller);
      return;
    }
    Refusal refusal = visitors.refusal(caller, operation);
    if (refusal == null && connection.peer() == null && request.isForSockets()) {
      refusal = Refusal.of(ErrorCode.UNKNOWN_TYPE, "expected a type that needs no socket");
    }
    if (refusal == null) {
      carryOut(connection, request, caller);
    } else {
      if (parts.sessions().takes(connection, request)) {
        parts.sessions().refusedEarly(connection, request, refusal.code(), caller.grant());
      }
      refuse(connection, request.id(), refusal);
    }
  }

  private void authenticate(Connection connection, String id, String token, Caller caller) {
    if (caller.socket() == null) {
      refuse(
          connection,
          id,
          Refusal.of(
              ErrorCode.UNKNOWN_TYPE, "expected auth on a socket: here each request has a token"));
      return;
    }
    visitors.authenticate(
        caller,
        token,
        refusal -> {
          if (refusal == null) {
            connection.send(replies.reply(id, new Outcome.Done(0)));
            closeExpiredInTime();
            turn();
          } else {
            refuse(connection, id, refusal);
          }
        });
  }

  private void carryOut(Connection connection, Request request, Caller caller) {
    Operation operation = request.operation();
    if (parts.sessions().takes(connection, request)) {
      answerNumbered(connection, request, caller);
    } else if (operation instanceof Operation.Malformed malformed) {
      refuse(connection, request.id(), malformed.refusal());
    } else if (operation instanceof Operation.Ping) {
      connection.send(replies.reply(request.id(), new Outcome.Done(0)));
    } else if (!parts.lifecycle().isRunning()) {
      if (!parts.lifecycle().keeps(() -> carryOut(connection, request, caller), request.chars())) {
        refuse(connection, request.id(), notRunning());
      }
    } else if (operation instanceof Operation.ReadPast past) {
      Refusal refusal = caller.grant().refusal(operation);
      if (refusal == null) {
        parts.pastReader().read(connection, request.id(), past, caller.grant());
      } else {
        refuse(connection, request.id(), refusal);
      }
    } else if (operation instanceof Operation.Ask ask) {
      Refusal refusal = caller.grant().refusal(operation);
      if (refusal != null) {
        refuse(connection, request.id(), refusal);
        return;
      }
      parts.queries().handle(connection, request.id(), ask, this::whyNot);
    } else if (operation instanceof Operation.Hello hello) {
      parts.sessions().hello(connection, request.id(), hello, caller.grant());
    } else if (operation instanceof Operation.Subscribe subscribe) {
      Refusal refusal = caller.grant().refusal(operation);
      if (refusal == null) {
        parts.follows().subscribe(connection, request.id(), subscribe);
      } else {
        refuse(connection, request.id(), refusal);
      }
    } else if (operation instanceof Operation.Unsubscribe unsubscribe) {
      parts.follows().unsubscribe(connection, request.id(), unsubscribe.sub());
    } else {
      parts.handler().handle(connection, request, caller.grant(), null);
    }
  }

  private void answerNumbered(Connection connection, Request request, Caller caller) {
    if (parts.lifecycle().isRunning()) {
      parts.sessions().write(connection, request, caller.grant());
    } else if (!parts
        .lifecycle()
        .keeps(() -> carryOut(connection, request, caller), request.chars())) {
      Refusal refusal = notRunning();
      parts.sessions().refusedEarly(connection, request, refusal.code(), caller.grant());
      refuse(connection, request.id(), refusal);
    }
  }

  private void refuse(Connection connection, Message message) {
    refuse(connection, Request.NO_ID, ((Message.Unreadable) message).refusal());
  }

  private void refuse(Connection connection, String id, Refusal refusal) {
    connection.send(replies.reply(id, new Outcome.Refused(refusal, 0)));
  }

  /** Why nothing is answered now, or null. */
  private Refusal whyNot() {
    return parts.lifecycle().isRunning() ? null : notRunning();
  }

  private Refusal notRunning() {
    if (isFailed()) {
      return Refusal.of(ErrorCode.UNAVAILABLE, failure());
    }
    return Refusal.retryLater(
        ErrorCode.RECOVERING,
        parts
            .about()
            .apply("the state is being recovered, waiting for " + parts.starts().waitingFor()),
        Limits.RETRY_AFTER_MS,
        ports.json());
  }

  // ---- in process

  /**
   * The thing in its last durable version, from memory; null when there is none.
   *
   * @throws IllegalStateException when the store does not run, or the thing may be in SQLite alone
   */
  public Thing get(String id) {
    Refusal refusal = whyNot();
    if (refusal != null) {
      throw new IllegalStateException(refusal.message());
    }
    Undo pending = parts.wal().firstPending(id);
    if (pending != null) {
      return pending.before();
    }
    Thing thing = parts.state().get(id);
    if (thing == null && parts.state().evictedCount() > 0) {
      throw new IllegalStateException(
          parts.about().apply("thing " + id + " is not in memory; a read looks in SQLite"));
    }
    return thing;
  }

  /**
   * Writes what is dirty to SQLite now.
   *
   * @throws IllegalStateException when the store does not run
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint() {
    Refusal refusal = whyNot();
    if (refusal != null) {
      throw new IllegalStateException(refusal.message());
    }
    return parts.committer().checkpoint(Trigger.MANUAL).orThrow();
  }

  /** Visits the ids of what SQLite does not have, deletions included. */
  public void forEachDirty(Consumer<String> visitor) {
    parts.state().tombstones().forEach(tombstone -> visitor.accept(tombstone.id()));
    parts.state().forEachDirty(entry -> visitor.accept(entry.thing().id()));
  }

  // ---- listeners of the same process

  /**
   * Follows things from now on: what there is first, then every change once it is durable.
   *
   * @param request an object with {@code $type} and {@code where}, or {@code $ids}
   * @return ends it
   * @throws QueryException when it is no such object
   */
  public Runnable subscribe(JsonObject request, FeedListener listener) {
    Operation.Subscribe selection = new SubscriptionReader(ports.json()).readUnnamed(request);
    Runnable end = parts.feed().subscribe(selection, listener, true);
    turn();
    return end;
  }

  /**
   * Follows everything from now on, once it is durable.
   *
   * @return ends it
   */
  public Runnable onChange(FeedListener listener) {
    return parts.feed().subscribe(null, listener, false);
  }

  // ---- other stores

  /** Takes what another store of the application has told, and answers it once. */
  public void onTold(String text, Consumer<String> answer) {
    if (!parts.lifecycle().keeps(() -> receive(text, answer), text.length())) {
      receive(text, answer);
    }
    turn();
  }

  private void receive(String text, Consumer<String> answer) {
    if (parts.lifecycle().isRunning()) {
      parts.forks().receive(text, answer);
    } else {
      Refusal refusal = notRunning();
      answer.accept(ReplyWriter.httpError(refusal.code().name(), refusal.message(), ports.json()));
    }
  }

  // ---- requests over HTTP

  /** Answers a request to one of this store's routes, of which the route says all. */
  public void onRequest(Route route, HttpReply reply) {
    onRequest(HttpRequest.of(route), reply);
  }

  /** Answers a request to one of this store's routes. */
  public void onRequest(HttpRequest request, HttpReply reply) {
    answer(request, reply);
    Route.Kind kind = request.route().kind();
    if (kind != Route.Kind.STATS && kind != Route.Kind.METRICS) {
      turn();
    }
  }

  private void answer(HttpRequest request, HttpReply reply) {
    Caller caller = visitors.callerOf(request.headers());
    // The requests of a body count one by one.
    boolean counts = request.route().kind() != Route.Kind.REQUESTS;
    Refusal refusal = counts ? visitors.overRate(caller) : null;
    if (refusal == null) {
      carryOut(request, caller, reply);
    } else {
      ReplyWriter.refuse(reply, refusal, ports.json());
    }
  }

  private void carryOut(HttpRequest request, Caller caller, HttpReply reply) {
    int chars = request.body().length();
    if (parts.lifecycle().keeps(() -> carryOut(request, caller, reply), chars)) {
      return;
    }
    Route route = request.route();
    switch (route.kind()) {
      case REQUESTS -> answerBody(request.body(), caller, reply);
      case IMPORT -> {
        boolean put = "put".equals(route.query().parameter("mode"));
        imports.begin(request.stream(), put, caller.grant(), reply);
      }
      case TICKETS -> {
        String ticket = visitors.newTicket(caller);
        if (ticket == null) {
          ReplyWriter.refuse(reply, visitors.tooManyTickets(), ports.json());
        } else {
          reply.send(200, "application/json", visitors.ticketAnswer(ticket));
        }
      }
      case THING -> {
        if (parts.lifecycle().isRunning()) {
          String ifNoneMatch = request.headers().get("if-none-match");
          parts.handler().show(route.thingId(), caller.grant(), ifNoneMatch, reply);
        } else {
          ReplyWriter.refuse(reply, notRunning(), ports.json());
        }
      }
      default -> admin.answer(request, caller.grant(), reply, this::notRunning);
    }
  }

  private void answerBody(String body, Caller caller, HttpReply reply) {
    Message message = requests.readBody(body);
    if (message instanceof Message.Unreadable unreadable) {
      ReplyWriter.refuse(reply, unreadable.refusal(), ports.json());
      return;
    }
    boolean array = message instanceof Message.Frame;
    List<Request> all =
        message instanceof Message.Frame frame ? frame.requests() : List.of((Request) message);
    HttpReplies answer = new HttpReplies(reply, all.size(), array, ports.json());
    for (int i = 0; i < all.size(); i++) {
      answerAlone(answer.at(i), all.get(i), caller);
    }
  }

  /** Closes sockets whose tokens have expired, and has the alarm ring when the next one has. */
  public void watchTokens() {
    closeExpiredInTime();
    turn();
  }

  /** Closes the sockets whose tokens have expired, and has the alarm ring when the next one has. */
  private void closeExpiredInTime() {
    parts.committer().wantSocketCheck(visitors.closeExpired());
  }

  private StoreStats stats() {
    return new StoreStats(
        config.namespace(),
        parts.lifecycle().state().label(),
        failure(),
        parts.state().size(),
        parts.state().sizeInMemory(),
        typeCounts(),
        parts.state().dirtyCount(),
        parts.state().estimatedBytes() + parts.queryEngine().indexBytes(),
        durability.label(),
        tailRecoverable(),
        parts.wal().seqs().epoch(),
        parts.wal().seqs().applied(),
        parts.wal().seqs().durable(),
        parts.wal().seqs().checkpointed(),
        ports.sql().rowsWritten(),
        parts.cost().naiveRowsWritten(),
        parts.committer().alarms(),
        parts.committer().stats(),
        parts.wal().emitterStats(),
        parts.lifecycle().lastRecovery(),
        parts.feed().subscriptions(),
        parts.sessions().size(),
        bootId);
  }

  /** In the order of their names: that in which they are in memory is another after a start. */
  private Map<String, Integer> typeCounts() {
    List<TypedCollection> collections = new ArrayList<>();
    for (TypedCollection collection : parts.state().collections()) {
      if (collection.size() > 0) {
        collections.add(collection);
      }
    }
    collections.sort((a, b) -> a.type().compareTo(b.type()));
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (int i = 0; i < collections.size() && i < STATS_TYPES; i++) {
      counts.put(collections.get(i).type(), collections.get(i).size());
    }
    return counts;
  }

  private boolean tailRecoverable() {
    return switch (durability) {
      case LOCAL -> true;
      case PIPELINE -> ports.archive() != null;
      case MEMORY -> false;
    };
  }
}
