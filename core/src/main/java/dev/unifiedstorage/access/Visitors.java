package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Attachment;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.Sockets;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Query;
import dev.unifiedstorage.protocol.Refusal;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one store: what each may do, until when, and how fast.
 *
 * <p>What a socket may do is kept in its attachment, so that it outlives the memory: no text stands
 * for everything, {@value AccessPolicy#PENDING} for a socket that has not brought its token yet,
 * anything else is a {@link Grant}. A socket whose token has expired is closed when its client, or
 * the store, has something to say, and by the alarm at the latest.
 */
public final class Visitors {
  /** The member of an attachment that says what a socket may do. */
  private static final String KEPT = "access";

  /** The status of a socket that was closed because its token has expired or never came. */
  public static final int CLOSE_CODE = 4401;

  private static final int TRY_AGAIN_LATER = 1013;
  private static final double PENDING_MS = 5_000;
  private static final int MAX_PENDING = 100;
  private static final double TICKET_MS = 30_000;
  private static final int MAX_TICKETS = 1_000;
  private static final int MAX_CACHED_GRANTS = 1_000;

  private record Ticket(String kept, Timers.Timer timer) {}

  private final String namespace;
  private final @Nullable AccessPolicy policy;
  private final VisitLimits limits;
  private final Sockets sockets;
  private final Clock clock;
  private final Timers timers;
  private final Ids ids;
  private final Json json;
  private final Rates rates;

  /** The sockets that have not brought a token yet, by id. */
  private final Map<Integer, Timers.Timer> pending = new HashMap<>();

  /** What sockets may do, by id, as far as they were looked at: null for one without a token. */
  private final Map<Integer, Grant> ofSockets = new HashMap<>();

  private final Map<String, Ticket> tickets = new HashMap<>();
  private final Map<String, Grant> grants = new HashMap<>();

  /**
   * @param policy null where no token is asked for
   */
  public Visitors(
      String namespace,
      @Nullable AccessPolicy policy,
      VisitLimits limits,
      Sockets sockets,
      Clock clock,
      Timers timers,
      Ids ids,
      Json json) {
    this.namespace = namespace;
    this.policy = policy;
    this.limits = limits;
    this.sockets = sockets;
    this.clock = clock;
    this.timers = timers;
    this.ids = ids;
    this.json = json;
    this.rates = new Rates(limits);
  }

  // ---- sockets that come and go

  /**
   * Decides on a socket that is about to open.
   *
   * @param target path and query of its request
   */
  public Admission admit(HttpHeaders headers, String target) {
    String kept = headers.get(AccessPolicy.GRANT_HEADER);
    if (kept == null) {
      kept = "";
    } else if (kept.equals(AccessPolicy.TICKET)) {
      Ticket ticket = tickets.remove(Query.of(target).parameter(AccessPolicy.TICKET));
      if (ticket == null) {
        return Admission.unauthorized(
            "expected a ticket that is new and was not used before", json);
      }
      ticket.timer.cancel();
      kept = ticket.kept;
    }
    if (kept.equals(AccessPolicy.PENDING)) {
      return pending.size() < MAX_PENDING
          ? Admission.granted(kept)
          : Admission.refused(
              Refusal.retryLater(
                  ErrorCode.RATE_LIMITED,
                  "expected at most " + MAX_PENDING + " sockets that have brought no token yet",
                  PENDING_MS,
                  json),
              json);
    }
    return authenticated() < limits.maxSockets()
        ? Admission.granted(kept)
        : Admission.refused(
            Refusal.overLimit(
                "expected at most " + limits.maxSockets() + " sockets of one store (MAX_SOCKETS)",
                limits.maxSockets(),
                json),
            json);
  }

  /** How many sockets are open. */
  public int sockets() {
    return sockets.open().size();
  }

  private int authenticated() {
    return sockets() - pending.size();
  }

  /** A socket has opened that may do what {@link #admit} said. */
  public void opened(Peer socket, String kept) {
    keep(socket, kept);
    if (kept.equals(AccessPolicy.PENDING)) {
      int id = socket.id();
      pending.put(
          id,
          timers.after(
              PENDING_MS,
              () -> {
                if (pending.remove(id) != null) {
                  socket.close(CLOSE_CODE, "no token came");
                }
              }));
    }
  }

  /** Whether nothing is in memory that a client waits for. */
  public boolean isIdle() {
    return pending.isEmpty() && tickets.isEmpty();
  }

  /** A socket has closed. */
  public void closed(Peer socket) {
    ofSockets.remove(socket.id());
    Timers.Timer timer = pending.remove(socket.id());
    if (timer != null) {
      timer.cancel();
    }
  }

  /**
   * Closes the sockets whose tokens have expired.
   *
   * @return when the next one will have, or infinity
   */
  public double closeExpired() {
    double next = Double.POSITIVE_INFINITY;
    for (Peer socket : sockets.open()) {
      Caller caller = caller(socket);
      if (caller != null && caller.grant() != null) {
        next = Math.min(next, caller.grant().expiresAtMs());
      }
    }
    return next;
  }

  // ---- who asks

  /** Who has sent a message; null, and the socket is closed, when the token has expired. */
  public @Nullable Caller caller(Connection connection) {
    Peer socket = connection.peer();
    return socket == null ? Caller.OWNER : caller(socket);
  }

  /** Whose socket it is; null, and it is closed, when the token has expired. */
  public @Nullable Caller caller(Peer socket) {
    int id = socket.id();
    Grant grant = grantOf(socket);
    if (grant != null && grant.isExpired(clock)) {
      socket.close(CLOSE_CODE, "the token has expired");
      return null;
    }
    return new Caller(socket, grant, rates.isLimited() ? "socket " + id : "");
  }

  /** What the client of a socket may do; null while it has brought no token. */
  public @Nullable Grant grantOf(Peer socket) {
    Grant grant = ofSockets.get(socket.id());
    return grant == null && !pending.containsKey(socket.id()) ? read(socket) : grant;
  }

  /**
   * What the attachment says; null for a socket without a token, which has a moment from now on.
   */
  private @Nullable Grant read(Peer socket) {
    JsonObject attachment = Attachment.read(socket, json);
    String kept = attachment.kind(KEPT) == JsonKind.STRING ? attachment.string(KEPT) : "";
    if (kept.equals(AccessPolicy.PENDING)) {
      opened(socket, kept);
      return null;
    }
    Grant grant = grant(kept);
    ofSockets.put(socket.id(), grant);
    return grant;
  }

  private void keep(Peer socket, String kept) {
    JsonObject attachment = Attachment.read(socket, json);
    if (kept.isEmpty()) {
      attachment.remove(KEPT);
    } else {
      attachment.set(KEPT, kept);
    }
    Attachment.write(socket, attachment, json);
    if (!kept.equals(AccessPolicy.PENDING)) {
      ofSockets.put(socket.id(), grant(kept));
    }
  }

  /** Who has sent a request over HTTP. */
  public Caller callerOf(HttpHeaders headers) {
    String kept = headers.get(AccessPolicy.GRANT_HEADER);
    String client = headers.get(AccessPolicy.CLIENT_HEADER);
    return new Caller(null, kept == null ? Grant.ALL : grant(kept), client == null ? "" : client);
  }

  private Grant grant(String kept) {
    Grant grant = grants.get(kept);
    if (grant == null) {
      if (grants.size() >= MAX_CACHED_GRANTS) {
        grants.clear();
      }
      grant = Grant.parse(kept, json);
      grants.put(kept, grant);
    }
    return grant;
  }

  /** Why a request is refused before it is looked at, or null. */
  public @Nullable Refusal refusal(Caller caller, Operation operation) {
    if (caller.grant() == null) {
      return Refusal.of(
          ErrorCode.FORBIDDEN, "expected {\"type\":\"auth\",\"token\"} before anything else");
    }
    if (operation instanceof Operation.Ping) {
      return null;
    }
    return overRate(caller);
  }

  /** Why a client has to wait, or null; a request is counted. */
  public @Nullable Refusal overRate(Caller caller) {
    if (!rates.isLimited() || caller == Caller.OWNER) {
      return null;
    }
    double waitMs = rates.take(caller.client(), clock.nowMs());
    return waitMs == 0
        ? null
        : Refusal.retryLater(
            ErrorCode.RATE_LIMITED,
            "expected at most "
                + (int) limits.requestsPerSecond()
                + " requests a second (RATE_LIMIT)",
            waitMs,
            json);
  }

  // ---- tokens that come later

  /**
   * Puts another token in the place of a socket's, or the first one.
   *
   * @param done receives null, or why the token does not count; it is not called when the socket is
   *     closed over it
   */
  public void authenticate(Caller caller, String token, Consumer<Refusal> done) {
    if (policy == null) {
      done.accept(null);
      return;
    }
    policy.judge(token, namespace, verdict -> take(verdict, caller, done));
  }

  private void take(Verdict verdict, Caller caller, Consumer<Refusal> done) {
    Peer socket = Objects.requireNonNull(caller.socket());
    if (verdict.isRefused()) {
      ErrorCode code = verdict.status() == 503 ? ErrorCode.UNAVAILABLE : ErrorCode.FORBIDDEN;
      done.accept(Refusal.of(code, String.valueOf(verdict.message())));
      return;
    }
    Grant grant = verdict.granted();
    Grant before = caller.grant();
    if (before != null && before.subject() != null && !before.subject().equals(grant.subject())) {
      done.accept(
          Refusal.of(ErrorCode.FORBIDDEN, "expected a token with the sub of the one before"));
      return;
    }
    Timers.Timer timer = pending.remove(socket.id());
    if (timer != null) {
      timer.cancel();
      if (authenticated() > limits.maxSockets()) {
        socket.close(TRY_AGAIN_LATER, "the store has all the sockets that it may have");
        return;
      }
    }
    keep(socket, grant.text(json));
    done.accept(null);
  }

  // ---- tickets

  /**
   * A ticket that opens one socket, for what the caller may do; null when too many are unused.
   *
   * <p>It lives in memory alone: what a log or a browser's history keeps of it opens nothing.
   */
  public @Nullable String newTicket(Caller caller) {
    if (tickets.size() >= MAX_TICKETS) {
      return null;
    }
    String ticket = ids.uuid();
    Timers.Timer timer = timers.after(TICKET_MS, () -> tickets.remove(ticket));
    tickets.put(ticket, new Ticket(caller.granted().text(json), timer));
    return ticket;
  }

  /** What is answered to the one who asked for a ticket. */
  public String ticketAnswer(String ticket) {
    return json.writer()
        .raw("{\"ticket\":")
        .string(ticket)
        .raw(",\"expiresInMs\":")
        .number(TICKET_MS)
        .raw("}")
        .text();
  }

  /** Why no ticket is given now. */
  public Refusal tooManyTickets() {
    return Refusal.retryLater(
        ErrorCode.RATE_LIMITED,
        "expected at most " + MAX_TICKETS + " tickets that were not used yet",
        Limits.RETRY_AFTER_MS,
        json);
  }
}
