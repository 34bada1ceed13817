package dev.unifiedstorage.store;

import dev.unifiedstorage.feed.Feed;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.wal.ReplyGate;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Answers those who begin to follow, or end it; what they are told comes from the {@link Feed}. */
final class FeedHandler {
  private final Feed feed;
  private final ReplyGate gate;
  private final ReplyWriter replies;
  private final Json json;
  private final UnaryOperator<String> about;

  FeedHandler(
      Feed feed, ReplyGate gate, Json json, ReplyWriter replies, UnaryOperator<String> about) {
    this.feed = feed;
    this.gate = gate;
    this.json = json;
    this.replies = replies;
    this.about = about;
  }

  void subscribe(Connection connection, String id, Operation.Subscribe request) {
    Outcome outcome;
    if (!feed.hasRoom(connection.peer(), request)) {
      outcome = new Outcome.Refused(tooLong(request), 0);
    } else {
      try {
        boolean changes = feed.subscribe(Objects.requireNonNull(connection.peer()), request);
        outcome = new Outcome.Subscribed(request.sub(), changes);
      } catch (SqlException e) {
        Refusal refusal = Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage()));
        outcome = new Outcome.Refused(refusal, 0);
      }
    }
    reply(connection, id, outcome);
  }

  /** Ends a subscription, if there is one; a request over HTTP has none. */
  void unsubscribe(Connection connection, String id, String sub) {
    feed.unsubscribe(connection.peer(), sub);
    reply(connection, id, new Outcome.Done(0));
  }

  private void reply(Connection connection, String id, Outcome outcome) {
    gate.send(connection, 0, replies.reply(id, outcome), id);
  }

  private Refusal tooLong(Operation.Subscribe request) {
    String field = request.ids() != null ? "$ids" : request.hasWhere() ? "where" : "sub";
    String message =
        "expected subscriptions of at most "
            + Feed.ATTACHMENT_BYTES
            + " bytes of JSON on one socket, as sub, $type, where and $ids; follow a type with a"
            + " where";
    return Refusal.ofField(field, message, json);
  }
}
