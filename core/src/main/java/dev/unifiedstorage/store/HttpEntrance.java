package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Caller;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.Message;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import java.util.List;
import java.util.Objects;

/**
 * Where requests over HTTP come in: it asks who sends one, and gives it to the part of the store
 * that its route names.
 */
final class HttpEntrance {
  private final Assembly parts;
  private final RequestReader requests;
  private final Visitors visitors;
  private final Readiness readiness;
  private final MessageEntrance messages;
  private final Imports imports;
  private final AdminRequests admin;
  private final Json json;

  HttpEntrance(
      Assembly parts,
      RequestReader requests,
      Visitors visitors,
      Readiness readiness,
      MessageEntrance messages,
      Imports imports,
      AdminRequests admin,
      Json json) {
    this.parts = parts;
    this.requests = requests;
    this.visitors = visitors;
    this.readiness = readiness;
    this.messages = messages;
    this.imports = imports;
    this.admin = admin;
    this.json = json;
  }

  void answer(HttpRequest request, HttpReply reply) {
    Caller caller = visitors.callerOf(request.headers());
    // The requests of a body count one by one.
    boolean counts = request.route().kind() != Route.Kind.REQUESTS;
    Refusal refusal = counts ? visitors.overRate(caller) : null;
    if (refusal == null) {
      carryOut(request, caller, reply);
    } else {
      ReplyWriter.refuse(reply, refusal, json);
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
        imports.begin(Objects.requireNonNull(request.stream()), put, caller.granted(), reply);
      }
      case TICKETS -> {
        String ticket = visitors.newTicket(caller);
        if (ticket == null) {
          ReplyWriter.refuse(reply, visitors.tooManyTickets(), json);
        } else {
          reply.send(200, "application/json", visitors.ticketAnswer(ticket));
        }
      }
      case THING -> {
        if (parts.lifecycle().isRunning()) {
          String ifNoneMatch = request.headers().get("if-none-match");
          parts
              .handler()
              .show(Objects.requireNonNull(route.thingId()), caller.granted(), ifNoneMatch, reply);
        } else {
          ReplyWriter.refuse(reply, readiness.notRunning(), json);
        }
      }
      default -> admin.answer(request, caller.granted(), reply);
    }
  }

  private void answerBody(String body, Caller caller, HttpReply reply) {
    Message message = requests.readBody(body);
    if (message instanceof Message.Unreadable unreadable) {
      ReplyWriter.refuse(reply, unreadable.refusal(), json);
      return;
    }
    boolean array = message instanceof Message.Frame;
    List<Request> all =
        message instanceof Message.Frame frame ? frame.requests() : List.of((Request) message);
    HttpReplies answer = new HttpReplies(reply, all.size(), array, json);
    for (int i = 0; i < all.size(); i++) {
      messages.answerAlone(answer.at(i), all.get(i), caller);
    }
  }
}
