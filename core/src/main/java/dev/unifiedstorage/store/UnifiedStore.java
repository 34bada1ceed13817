package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.checkpoint.CheckpointOutcome;
import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.feed.FeedListener;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.Sockets;
import dev.unifiedstorage.port.Upcaster;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Health;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.protocol.SubscriptionReader;
import dev.unifiedstorage.query.QueryException;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Undo;
import dev.unifiedstorage.wal.Durability;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
  private final StorePorts ports;
  private final Durability durability;
  private final Assembly parts;
  private final Readiness readiness;
  private final RequestReader requests;
  private final MessageEntrance messages;
  private final HttpEntrance http;
  private final Imports imports;
  private final Listing listing;

  public UnifiedStore(UnifiedStoreConfig config, StorePorts ports) {
    this.ports = ports;
    this.durability = config.durability(ports.archive() != null);
    String bootId = ports.ids().uuid();
    this.requests = new RequestReader(ports.json());
    this.parts = Assembly.of(config, ports);
    this.readiness = new Readiness(parts.lifecycle(), parts.starts(), parts.about(), ports.json());
    Visitors visitors = visitors(config, ports);
    parts.gate().pushesTo(socket -> visitors.caller(socket) != null);
    parts.feed().showsBy(visitors::grantOf);
    this.messages = new MessageEntrance(parts, requests, visitors, readiness, ports, this::turn);
    this.imports = new Imports(parts, requests, ports, readiness, this::turn);
    Supplier<StoreStats> stats =
        () -> StoreStats.of(config, ports, parts, visitors.sockets(), bootId);
    parts.points().readFrom(stats);
    AdminRequests admin = new AdminRequests(parts, requests, readiness, stats, ports.json());
    this.http =
        new HttpEntrance(
            parts, requests, visitors, readiness, messages, imports, admin, ports.json());
    this.listing = new Listing(config.namespace(), parts, ports);
    parts.turns().begin(this::turn);
  }

  private static Visitors visitors(UnifiedStoreConfig config, StorePorts ports) {
    return ports.visitors() != null
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
  }

  private void turn() {
    parts.traffic().answered();
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
    if (parts.lifecycle().isRunning()) {
      parts.watch().turn();
    }
    parts.snapshots().turn();
    listing.turn();
    if (!parts.committer().isTakenOver()) {
      // An instance that was replaced no longer shows what it holds.
      parts.feed().turn();
    }
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
    if (!durability.isTailRecoverable(ports.archive() != null)) {
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
      messages.closeExpired();
    }
    turn();
  }

  /** Persists what is dirty, because the object may be about to leave the memory. */
  public void beforeHibernation(Completion done) {
    Optional<RuntimeException> error = stop().error();
    if (error.isPresent()) {
      done.failed(String.valueOf(error.get().getMessage()));
    } else {
      done.succeeded();
    }
  }

  /** Persists what is dirty, and says what that was. */
  public CheckpointOutcome stop() {
    CheckpointOutcome outcome = CheckpointOutcome.nothingToDo(Trigger.HIBERNATION);
    if (parts.lifecycle().isRunning()) {
      outcome = parts.committer().checkpoint(Trigger.HIBERNATION);
      if (outcome.error().isEmpty()) {
        parts.feed().beforeHibernation();
        stopped(outcome.stats().entityCount(), outcome.stats().rowsWritten());
      }
    }
    return outcome;
  }

  /** The host drops this instance, which {@link #isIdle}. */
  public void onDrop() {
    if (parts.lifecycle().isRunning()) {
      stopped(0, 0);
    }
  }

  private void stopped(double things, double rows) {
    parts.wal().steps().say(LifeStep.STOPPED, "", new String[] {"things", "rows"}, things, rows);
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
            && parts.snapshots().isIdle()
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
    return parts.lifecycle().failure();
  }

  /** How well it is; cheap enough to be asked behind every event. */
  public Health health() {
    if (!parts.lifecycle().isRunning()) {
      return isFailed() ? Health.FAILED : Health.STARTING;
    }
    if (parts.wal().isArchiveLagging()) {
      return Health.ARCHIVE_LAGS;
    }
    return parts.wal().isPipelineRefusing() ? Health.PIPELINE_REFUSES : Health.READY;
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
    parts.sessions().closed(socket.id(), parts.lifecycle().isRunning());
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
    messages.closeExpired();
    turn();
  }

  // ---- messages

  /** Has the application judge every write from now on. */
  public void setWriteRule(WriteRule rule) {
    requests.leaveWrites();
    parts.judge().ruleIs(rule);
  }

  /**
   * Says who knows the forms that things once had, of the types that {@code UPCASTERS} names; to be
   * called before the start.
   */
  public void setUpcaster(Upcaster upcaster) {
    parts.upcasts().by(upcaster);
  }

  /**
   * Answers one message; false when its token has expired: then the socket is closed, and no answer
   * comes.
   */
  public boolean onMessage(Connection connection, String text) {
    return messages.receive(connection, text);
  }

  /**
   * Answers one request that is an object already: it belongs to the store from now on, and its
   * maker may not change it.
   *
   * @return false as that of a text
   */
  public boolean onMessage(Connection connection, JsonObject request) {
    return messages.receive(connection, request);
  }

  /** Answers a message that the transport refused to take in because it is over the limit. */
  public void onOversizeMessage(Connection connection) {
    messages.refuse(connection, requests.tooLarge());
  }

  /** Answers a message of bytes that are no UTF-8. */
  public void onUndecodableMessage(Connection connection) {
    messages.refuse(connection, requests.undecodable());
  }

  // ---- in process

  /**
   * The thing in its last durable version, from memory; null when there is none.
   *
   * @throws RefusedException when the store does not run, or the thing may be in SQLite alone
   */
  public @Nullable Thing get(String id) {
    Refusal refusal = readiness.whyNot();
    if (refusal != null) {
      throw new RefusedException(refusal);
    }
    Undo pending = parts.wal().firstPending(id);
    Thing thing = pending == null ? parts.state().get(id) : pending.before();
    if (thing == null && pending == null && parts.state().isPerhapsEvicted(id)) {
      String message = "thing " + id + " is not in memory; a read looks in SQLite";
      throw new RefusedException(Refusal.of(ErrorCode.UNAVAILABLE, parts.about().apply(message)));
    }
    if (thing == null || thing.isExpired(ports.clock().nowMs())) {
      return null;
    }
    return parts.upcasts().view(thing);
  }

  /**
   * Writes what is dirty to SQLite now.
   *
   * @throws IllegalStateException when the store does not run
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint() {
    Refusal refusal = readiness.whyNot();
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
    if (ArchiveReport.isOne(text)) {
      onArchive(ArchiveReport.parse(ports.json().parse(text)));
      answer.accept("{}");
    } else if (parts.lifecycle().isRunning()) {
      parts.forks().receive(text, answer);
    } else {
      Refusal refusal = readiness.notRunning();
      answer.accept(ReplyWriter.httpError(refusal.code().name(), refusal.message(), ports.json()));
    }
  }

  /** Takes what a look at the archive has found of this store; nothing while it does not run. */
  public void onArchive(ArchiveReport report) {
    if (parts.lifecycle().isRunning()) {
      parts.watch().take(report);
      turn();
    }
  }

  // ---- requests over HTTP

  /** Answers a request to one of this store's routes, of which the route says all. */
  public void onRequest(Route route, HttpReply reply) {
    onRequest(HttpRequest.of(route), reply);
  }

  /** Answers a request to one of this store's routes. */
  public void onRequest(HttpRequest request, HttpReply reply) {
    http.answer(request, reply);
    Route.Kind kind = request.route().kind();
    if (kind != Route.Kind.STATS && kind != Route.Kind.METRICS) {
      turn();
    }
  }

  /** Closes sockets whose tokens have expired, and has the alarm ring when the next one has. */
  public void watchTokens() {
    messages.closeExpired();
    turn();
  }
}
