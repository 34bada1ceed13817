package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.Attachment;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.session.Session;
import dev.unifiedstorage.session.Sessions;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Seqs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Carries out numbered writes once and in their order.
 *
 * <p>A socket belongs to a session from its {@code hello} on, through hibernations too: its
 * attachment has the name, and the last number of which no event tells. A write over HTTP names its
 * session itself. Without a session nothing here looks at a message.
 */
final class SessionHandler {
  private static final String ATTACHED = "session";

  /** A socket's session. */
  static final class Binding {
    private final Peer peer;
    private final String key;

    /** Everything up to it was carried out, as far as the attachment knows. */
    private double attachedN;

    /** Whether it comes from an attachment, and the session has not been looked up since. */
    private boolean restored;

    private Binding(Peer peer, String key, double attachedN, boolean restored) {
      this.peer = peer;
      this.key = key;
      this.attachedN = attachedN;
      this.restored = restored;
    }
  }

  /**
   * Whose write a request is. It stays so when the socket closes before the write is carried out.
   *
   * @param binding null for a write over HTTP
   */
  record Whose(@Nullable Binding binding, String key) {}

  private final Sessions sessions;
  private final RequestHandler handler;
  private final Moments moments;
  private final Seqs seqs;
  private final ReplyGate gate;
  private final ReplyWriter replies;
  private final Json json;
  private final Clock clock;
  private final Map<Integer, Binding> bindings = new HashMap<>();
  private boolean anyRestored;

  SessionHandler(
      Sessions sessions,
      RequestHandler handler,
      Moments moments,
      Seqs seqs,
      ReplyGate gate,
      Json json,
      ReplyWriter replies,
      Clock clock) {
    this.sessions = sessions;
    this.handler = handler;
    this.moments = moments;
    this.seqs = seqs;
    this.gate = gate;
    this.json = json;
    this.clock = clock;
    this.replies = replies;
    sessions.whenUndone(this::attachLess);
    sessions.whenForgotten(this::attachNothing);
  }

  /** How many sessions are kept. */
  int size() {
    return sessions.size();
  }

  // ---- sockets

  /** Takes up what sockets that outlived the memory belong to. */
  void socketsAtStart(List<Peer> sockets) {
    for (Peer peer : sockets) {
      if (peer.attachment().isEmpty()) {
        continue;
      }
      JsonObject members = Attachment.read(peer, json);
      if (members.kind(ATTACHED) == JsonKind.OBJECT) {
        JsonObject one = members.object(ATTACHED);
        bindings.put(peer.id(), new Binding(peer, one.string("key"), one.number("n"), true));
        anyRestored = true;
      }
    }
  }

  /**
   * A socket has closed.
   *
   * @param running whether the sessions are known
   */
  void closed(int socket, boolean running) {
    if (running) {
      settle();
    }
    bindings.remove(socket);
  }

  private void attach(Binding binding, double n) {
    binding.attachedN = n;
    JsonObject members = Attachment.read(binding.peer, json);
    JsonObject one = json.object().set("key", binding.key).set("n", n);
    Attachment.write(binding.peer, members.set(ATTACHED, one), json);
  }

  /** What was undone comes again: no socket may remember that it was carried out. */
  private void attachLess(Session session) {
    for (Binding binding : bindings.values()) {
      if (binding.attachedN > session.last() && binding.key.equals(session.key())) {
        attach(binding, session.last());
      }
    }
  }

  /** No socket may remember a number of a session that was forgotten with its store. */
  private void attachNothing() {
    for (Binding binding : bindings.values()) {
      binding.restored = false;
      attach(binding, 0);
    }
    anyRestored = false;
  }

  /** What the sockets remember counts, once the sessions are known: refusals make no events. */
  private void settle() {
    if (!anyRestored) {
      return;
    }
    anyRestored = false;
    for (Binding binding : bindings.values()) {
      Session session = binding.restored ? sessions.find(binding.key, clock.nowMs()) : null;
      if (session != null) {
        session.carriedOutUpTo(binding.attachedN);
        binding.restored = false;
      }
    }
  }

  // ---- hello

  void hello(Connection connection, String id, Operation.Hello hello, Grant grant) {
    Peer peer = Objects.requireNonNull(connection.peer());
    settle();
    String key = Sessions.key(grant.subject(), hello.session());
    double nowMs = clock.nowMs();
    Session session = sessions.find(key, nowMs);
    boolean expired =
        session == null
            ? hello.next() > 1
            : hello.next() <= session.last() && session.isForgotten(hello.next());
    if (expired) {
      refuse(connection, id, expired(key));
      return;
    }
    if (session == null) {
      session = sessions.open(key, attachedUpTo(key), nowMs);
    }
    sessions.answeredBelow(session, hello.next(), nowMs);
    Binding binding = new Binding(peer, key, 0, false);
    bindings.put(peer.id(), binding);
    attach(binding, session.last());
    JsonWriter reply = json.writer().raw("{\"id\":").raw(id).raw(",\"status\":\"ok\",\"session\":");
    reply.string(hello.session()).raw(",\"next\":").number(session.last() + 1);
    reply.raw(",\"limits\":{\"message\":").number(Limits.MESSAGE_BYTES);
    reply.raw(",\"thing\":").number(Limits.THING_BYTES);
    reply.raw(",\"frame\":").number(Limits.FRAME_REQUESTS);
    reply.raw(",\"operations\":").number(Limits.BATCH_OPERATIONS);
    reply.raw(",\"unanswered\":").number(Sessions.UNANSWERED).raw("},\"at\":");
    reply.string(moments.now(0)).raw("}");
    gate.sendIfItFits(connection, 0, reply, id, () -> full(id));
  }

  private static Refusal expired(String key) {
    return Refusal.of(
        ErrorCode.SESSION_EXPIRED,
        "the outcomes of session "
            + Sessions.name(key)
            + " are not kept any more; begin another one");
  }

  // ---- writes

  /** Whether a request is a numbered write, or should be one. */
  boolean takes(Connection connection, Request request) {
    Peer peer = connection.peer();
    if (peer != null) {
      return !bindings.isEmpty() && bindings.containsKey(peer.id()) && request.isWrite();
    }
    return request.session() != null && request.isWrite();
  }

  /** Whose write a request is that {@link #takes} has said is one. */
  Whose whose(Connection connection, Request request, Grant grant) {
    Peer peer = connection.peer();
    if (peer == null) {
      String session = Objects.requireNonNull(request.session());
      return new Whose(null, Sessions.key(grant.subject(), session));
    }
    Binding binding = Objects.requireNonNull(bindings.get(peer.id()));
    return new Whose(binding, binding.key);
  }

  /**
   * A write came while nothing is carried out: those behind it must wait for it.
   *
   * @return what its client is told, with the number that it waits for if that is another one
   */
  Refusal refusedEarly(Whose whose, Request request, Refusal refusal) {
    double n = request.number();
    if (n == Request.NO_NUMBER) {
      return refusal;
    }
    sessions.blocked(whose.key, n, refusal.code().name());
    double first = sessions.firstBlocked(whose.key);
    return first > 0 && first < n ? refusal.expecting(first, json) : refusal;
  }

  /** Carries a write out, or says again what came of it. */
  void write(Connection connection, Request request, Grant grant, Whose whose) {
    Binding binding = whose.binding;
    if (binding == null && "".equals(request.session())) {
      String message = Request.wrongSession(Objects.requireNonNull(request.message()), json);
      refuse(connection, request.id(), Refusal.ofField("session", message, json));
      return;
    }
    double n = request.number();
    if (n == Request.NO_NUMBER) {
      refuse(
          connection,
          request.id(),
          Refusal.ofMember(
              Objects.requireNonNull(request.message()), "n", "a whole number from 1", json));
      return;
    }
    settle();
    double nowMs = clock.nowMs();
    String key = whose.key;
    Session session = session(binding, key, n, nowMs);
    if (session == null) {
      refuse(connection, request.id(), expired(key));
    } else if (n <= session.last()) {
      again(connection, request, session, n, key);
    } else if (n > session.last() + 1) {
      refuse(connection, request.id(), outOfOrder(session.last() + 1, n, key));
    } else if (Sessions.isFull(session, seqs.durable())) {
      sessions.blocked(key, n, ErrorCode.OVERLOADED.name());
      String message = "expected at most " + Sessions.UNANSWERED + " writes without an answer";
      refuse(connection, request.id(), Refusal.overloaded(message, json));
    } else {
      NumberedWrite numbered = new NumberedWrite(sessions, session, key, n, nowMs);
      handler.handle(connection, request, grant, numbered);
      Session.Outcome outcome = session.last() >= n ? session.outcome(n) : null;
      if (binding != null && outcome != null && !outcome.changed()) {
        attach(binding, session.last());
      }
    }
  }

  /** The session of a write; null when it is not kept. */
  private @Nullable Session session(@Nullable Binding binding, String key, double n, double nowMs) {
    Session session = sessions.find(key, nowMs);
    if (session != null) {
      return session;
    }
    double attached = attachedUpTo(key);
    if (binding == null) {
      return n == 1 ? sessions.open(key, attached, nowMs) : null;
    }
    // Its socket may have closed while this waited for the start: it is in no list then.
    attached = Math.max(attached, binding.attachedN);
    if (binding.restored && n <= attached + 1) {
      // It has had nothing but refusals, which no checkpoint was taken for.
      binding.restored = false;
      return sessions.open(key, attached, nowMs);
    }
    return null;
  }

  /** What the sockets of a session that has not been looked up since a start remember. */
  private double attachedUpTo(String key) {
    double attached = 0;
    for (Binding binding : bindings.values()) {
      if (binding.restored && binding.key.equals(key)) {
        attached = Math.max(attached, binding.attachedN);
      }
    }
    return attached;
  }

  private void again(
      Connection connection, Request request, Session session, double n, String key) {
    Session.Outcome outcome = session.outcome(n);
    if (outcome == null) {
      refuse(
          connection,
          request.id(),
          session.isForgotten(n)
              ? expired(key)
              : new Refusal(
                  ErrorCode.CONFLICT,
                  "number " + (long) n + " was refused and has changed nothing; why is not kept",
                  "{\"lost\":true}"));
      return;
    }
    if (outcome.seq() > seqs.durable() && !gate.hasRoom()) {
      refuse(
          connection,
          request.id(),
          Refusal.overloaded("too much is waiting to become durable", json));
      return;
    }
    JsonWriter reply = json.writer().raw("{\"id\":").raw(request.id());
    reply.raw(",\"replayed\":true").raw(outcome.tail());
    gate.sendIfItFits(connection, outcome.seq(), reply, request.id(), () -> full(request.id()));
  }

  /** Written only when it is sent: a refusal that is written is counted. */
  private JsonWriter full(String id) {
    return replies.reply(id, new Outcome.Refused(Refusal.frameIsFull(json), 0));
  }

  private Refusal outOfOrder(double expected, double n, String key) {
    String code = sessions.blockedBy(key, expected);
    JsonWriter details = json.writer().raw("{\"expected\":").number(expected);
    String message = "expected n " + (long) expected + ", got " + (long) n;
    if (code.isEmpty()) {
      return new Refusal(ErrorCode.VALIDATION_ERROR, message, details.raw("}").text());
    }
    sessions.blocked(key, n, code);
    details.raw(",\"retryAfterMs\":").number(Limits.RETRY_AFTER_MS);
    return new Refusal(
        ErrorCode.valueOf(code),
        message + ": number " + (long) expected + " was not carried out",
        details.raw("}").text());
  }

  private void refuse(Connection connection, String id, Refusal refusal) {
    connection.send(replies.reply(id, new Outcome.Refused(refusal, 0)));
  }
}
