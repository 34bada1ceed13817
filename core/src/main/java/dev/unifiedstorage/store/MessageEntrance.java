package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Caller;
import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Message;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.RequestType;
import java.util.List;

/**
 * Where requests come in: it asks who sends one, and whether that caller may, and gives it to the
 * part of the store that carries it out.
 *
 * <p>Every request has exactly one reply. While the store is not running a request waits for its
 * start, or is refused with the reason.
 */
final class MessageEntrance {
  private final Assembly parts;
  private final RequestReader requests;
  private final ReplyWriter replies;
  private final Visitors visitors;
  private final Readiness readiness;
  private final Json json;
  private final StoreObserver observer;
  private final Runnable turn;

  /**
   * @param turn does what is due, behind each message
   */
  MessageEntrance(
      Assembly parts,
      RequestReader requests,
      Visitors visitors,
      Readiness readiness,
      StorePorts ports,
      Runnable turn) {
    this.parts = parts;
    this.requests = requests;
    this.replies = parts.replies();
    this.visitors = visitors;
    this.readiness = readiness;
    this.json = ports.json();
    this.observer = ports.observer();
    this.turn = turn;
  }

  /** Answers one message; false when its token has expired, and the socket is closed. */
  boolean receive(Connection connection, String text) {
    Caller caller = visitors.caller(connection);
    return caller != null && answer(connection, requests.read(text), caller);
  }

  /** Answers one request that is an object already; false as that of a text. */
  boolean receive(Connection connection, JsonObject request) {
    Caller caller = visitors.caller(connection);
    return caller != null && answer(connection, requests.read(request), caller);
  }

  private boolean answer(Connection connection, Message message, Caller caller) {
    parts.feed().heard(connection.peer());
    if (message instanceof Request request) {
      answer(connection, request, caller);
      turn.run();
    } else if (message instanceof Message.Frame frame) {
      List<Request> all = frame.requests();
      FrameReplies to = new FrameReplies(connection, all.size(), parts.gate(), json);
      answerFrame(connection, to, all, 0, caller);
      parts.feed().takesFrames(connection.peer());
    } else {
      refuse(connection, (Message.Unreadable) message);
      turn.run();
    }
    return true;
  }

  /**
   * Answers the requests of a frame from one on, each as if it had come alone, in one turn. Those
   * behind a token wait until it has been judged: what they may do is what it says.
   */
  private void answerFrame(
      Connection connection, FrameReplies to, List<Request> all, int from, Caller caller) {
    parts.gate().gather();
    try {
      for (int i = from; i < all.size(); i++) {
        Request request = all.get(i);
        if (request.operation() instanceof Operation.Auth auth) {
          int next = i + 1;
          Runnable others =
              () -> {
                Caller now = visitors.caller(connection);
                if (now != null) {
                  answerFrame(connection, to, all, next, now);
                }
              };
          authenticate(to.next(), request.id(), auth.token(), caller, others);
          break;
        }
        answerAlone(to.next(), request, caller);
      }
      turn.run();
    } finally {
      parts.gate().endGathering();
    }
  }

  /** Answers one of several: a failure of the store over it is no failure of the others. */
  void answerAlone(Connection connection, Request request, Caller caller) {
    try {
      answer(connection, request, caller);
    } catch (RuntimeException e) {
      String error = parts.about().apply("a request failed: " + e);
      observer.error(error);
      refuse(connection, request.id(), Refusal.of(ErrorCode.INTERNAL_ERROR, error));
    }
  }

  private void answer(Connection from, Request request, Caller caller) {
    parts.traffic().asked(RequestType.of(request.operation()));
    Connection connection = parts.spans().request(from, request);
    Operation operation = request.operation();
    if (operation instanceof Operation.Auth auth) {
      authenticate(connection, request.id(), auth.token(), caller, () -> {});
      return;
    }
    Refusal refusal = visitors.refusal(caller, operation);
    if (refusal == null && connection.peer() == null && request.isForSockets()) {
      refusal = Refusal.of(ErrorCode.UNKNOWN_TYPE, "expected a type that needs no socket");
    }
    if (refusal == null) {
      carryOut(connection, request, caller.granted());
    } else {
      SessionHandler sessions = parts.sessions();
      if (sessions.takes(connection, request)) {
        SessionHandler.Whose whose = sessions.whose(connection, request, caller.granted());
        refusal = sessions.refusedEarly(whose, request, refusal);
      }
      refuse(connection, request.id(), refusal);
    }
  }

  /**
   * Takes a token for a socket.
   *
   * @param then what waits for the verdict
   */
  private void authenticate(
      Connection connection, String id, String token, Caller caller, Runnable then) {
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
            closeExpired();
            turn.run();
          } else {
            refuse(connection, id, refusal);
          }
          then.run();
        });
  }

  /** Closes the sockets whose tokens have expired, and has the alarm ring when the next one has. */
  void closeExpired() {
    parts.committer().wantSocketCheck(visitors.closeExpired());
  }

  private void carryOut(Connection connection, Request request, Grant grant) {
    Operation operation = request.operation();
    if (parts.sessions().takes(connection, request)) {
      SessionHandler.Whose whose = parts.sessions().whose(connection, request, grant);
      answerNumbered(connection, request, grant, whose);
    } else if (operation instanceof Operation.Malformed malformed) {
      refuse(connection, request.id(), malformed.refusal());
    } else if (operation instanceof Operation.Ping) {
      connection.send(replies.reply(request.id(), new Outcome.Done(0)));
    } else if (parts.lifecycle().isRunning()) {
      act(connection, request, grant);
    } else if (!isKept(() -> carryOut(connection, request, grant), request)) {
      refuse(connection, request.id(), readiness.notRunning());
    }
  }

  private void answerNumbered(
      Connection connection, Request request, Grant grant, SessionHandler.Whose whose) {
    if (parts.lifecycle().isRunning()) {
      parts.sessions().write(connection, request, grant, whose);
    } else if (!isKept(() -> answerNumbered(connection, request, grant, whose), request)) {
      Refusal refusal = readiness.notRunning();
      refuse(connection, request.id(), parts.sessions().refusedEarly(whose, request, refusal));
    }
  }

  /** Whether the request waits for the end of the start. */
  private boolean isKept(Runnable later, Request request) {
    return parts.lifecycle().keeps(later, request.chars());
  }

  private void act(Connection connection, Request request, Grant grant) {
    String id = request.id();
    Operation operation = request.operation();
    if (isAsked(operation)) {
      Refusal refusal = grant.refusal(operation);
      if (refusal != null) {
        refuse(connection, id, refusal);
        return;
      }
    }
    if (operation instanceof Operation.ReadPast past) {
      parts.pastReader().read(connection, id, past, grant);
    } else if (operation instanceof Operation.Ask ask) {
      parts.queries().handle(connection, id, ask, readiness::whyNot);
    } else if (operation instanceof Operation.Subscribe subscribe) {
      parts.follows().subscribe(connection, id, subscribe);
    } else if (operation instanceof Operation.Unsubscribe unsubscribe) {
      parts.follows().unsubscribe(connection, id, unsubscribe.sub());
    } else if (operation instanceof Operation.Hello hello) {
      parts.sessions().hello(connection, id, hello, grant);
    } else {
      parts.handler().handle(connection, request, grant, null);
    }
  }

  /** Whether what answers an operation does not itself look at which types the caller may see. */
  private static boolean isAsked(Operation operation) {
    return operation instanceof Operation.ReadPast
        || operation instanceof Operation.Ask
        || operation instanceof Operation.Subscribe;
  }

  void refuse(Connection connection, Message.Unreadable message) {
    refuse(connection, Request.NO_ID, message.refusal());
  }

  private void refuse(Connection connection, String id, Refusal refusal) {
    connection.send(replies.reply(id, new Outcome.Refused(refusal, 0)));
  }
}
