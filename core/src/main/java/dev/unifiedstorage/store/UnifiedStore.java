package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointOutcome;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
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
import dev.unifiedstorage.wal.Durability;
import java.util.List;
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
  private final UnifiedStoreConfig config;
  private final StorePorts ports;
  private final Durability durability;
  private final Assembly parts;
  private final AdminRequests admin;
  private final RequestReader requests;
  private final ReplyWriter replies;
  private final String bootId;

  public UnifiedStore(UnifiedStoreConfig config, StorePorts ports) {
    this.config = config;
    this.ports = ports;
    this.durability = config.durability(ports.archive() != null);
    this.bootId = ports.ids().uuid();
    this.requests = new RequestReader(ports.json());
    this.replies = new ReplyWriter(ports.json());
    this.parts = Assembly.of(config, ports);
    this.admin =
        new AdminRequests(
            parts.lifecycle(),
            parts.starts(),
            parts.committer(),
            parts.pastReader(),
            this::stats,
            ports.json(),
            parts.about());
    parts.turns().begin(this::turn);
  }

  private void turn() {
    do {
      parts.starts().turn();
      parts.committer().turn();
    } while (parts.starts().hasOutcome());
  }

  // ---- life cycle

  /**
   * Restores the state.
   *
   * <p>Until {@code done} requests are answered {@code RECOVERING}; when it fails, {@code
   * UNAVAILABLE} with the reason, until {@link #isOver}.
   */
  public void onStart(Completion done) {
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
            && parts.pastReader().isIdle()
            && parts.queryEngine().isIdle());
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
    turn();
  }

  // ---- messages

  /** Answers one message. */
  public void onMessage(Connection connection, String text) {
    Message message = requests.read(text);
    if (message instanceof Request request) {
      answer(connection, request);
      turn();
    } else if (message instanceof Message.Frame frame) {
      List<Request> all = frame.requests();
      FrameReplies frameReplies =
          new FrameReplies(connection, all.size(), parts.gate(), ports.json());
      answerAll(all, i -> frameReplies.next());
    } else {
      refuse(connection, message);
    }
  }

  /** Answers several requests, each as if it had come alone, in one turn. */
  private void answerAll(List<Request> all, IntFunction<Connection> connections) {
    parts.gate().gather();
    try {
      for (int i = 0; i < all.size(); i++) {
        answerAlone(connections.apply(i), all.get(i));
      }
      turn();
    } finally {
      parts.gate().endGathering();
    }
  }

  /** Answers one of several: a failure of the store over it is no failure of the others. */
  private void answerAlone(Connection connection, Request request) {
    try {
      answer(connection, request);
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

  private void answer(Connection connection, Request request) {
    Operation operation = request.operation();
    if (operation instanceof Operation.Malformed malformed) {
      refuse(connection, request.id(), malformed.refusal());
    } else if (operation instanceof Operation.Ping) {
      connection.send(replies.reply(request.id(), new Outcome.Done(0)));
    } else if (!parts.lifecycle().isRunning()) {
      if (!parts.lifecycle().keeps(() -> answer(connection, request), request.chars())) {
        refuse(connection, request.id(), notRunning());
      }
    } else if (operation instanceof Operation.ReadPast past) {
      parts.pastReader().read(connection, request.id(), past);
    } else if (operation instanceof Operation.Ask ask) {
      parts.queries().handle(connection, request.id(), ask, this::whyNot);
    } else {
      parts.handler().handle(connection, request);
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
    int chars = request.body().length();
    if (parts.lifecycle().keeps(() -> answer(request, reply), chars)) {
      return;
    }
    Route route = request.route();
    switch (route.kind()) {
      case REQUESTS -> answerBody(request.body(), reply);
      case THING -> {
        if (parts.lifecycle().isRunning()) {
          parts.handler().show(route.thingId(), request.ifNoneMatch(), reply);
        } else {
          refuse(reply, notRunning());
        }
      }
      default -> admin.answer(route, reply, this::notRunning);
    }
  }

  private void answerBody(String body, HttpReply reply) {
    Message message = requests.readBody(body);
    if (message instanceof Message.Unreadable unreadable) {
      refuse(reply, unreadable.refusal());
      return;
    }
    boolean array = message instanceof Message.Frame;
    List<Request> all =
        message instanceof Message.Frame frame ? frame.requests() : List.of((Request) message);
    HttpReplies answer = new HttpReplies(reply, all.size(), array, ports.json());
    for (int i = 0; i < all.size(); i++) {
      answerAlone(answer.at(i), all.get(i));
    }
  }

  private void refuse(HttpReply reply, Refusal refusal) {
    String error = ReplyWriter.httpError(refusal.code().name(), refusal.message(), ports.json());
    reply.send(refusal.code().httpStatus(), "application/json", error);
  }

  private StoreStats stats() {
    return new StoreStats(
        config.namespace(),
        parts.lifecycle().state().label(),
        failure(),
        parts.state().size(),
        parts.state().sizeInMemory(),
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
        bootId);
  }

  private boolean tailRecoverable() {
    return switch (durability) {
      case LOCAL -> true;
      case PIPELINE -> ports.archive() != null;
      case MEMORY -> false;
    };
  }
}
