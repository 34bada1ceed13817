package dev.unifiedstorage.store;

import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.query.Answer;
import dev.unifiedstorage.query.Query;
import dev.unifiedstorage.query.QueryEngine;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Seqs;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Answers queries and counts of a running store.
 *
 * <p>A reply waits until the newest event of the type is durable: which things match depends on
 * every one of them, on absent ones too. Writes to other types are not waited for.
 */
final class QueryHandler {
  /** The most queries that may wait for indexes. */
  private static final int MAX_WAITING = 1000;

  private final QueryEngine engine;
  private final PastQueries past;
  private final Moments moments;
  private final Things state;
  private final Seqs seqs;
  private final ReplyGate gate;
  private final ReplyWriter replies;
  private final Clock clock;
  private final Json json;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;

  QueryHandler(
      QueryEngine engine,
      PastQueries past,
      Things state,
      Seqs seqs,
      ReplyGate gate,
      StorePorts ports,
      ReplyWriter replies,
      UnaryOperator<String> about) {
    this.engine = engine;
    this.past = past;
    this.state = state;
    this.seqs = seqs;
    this.gate = gate;
    this.clock = ports.clock();
    this.json = ports.json();
    this.moments = new Moments(seqs, json, about);
    this.replies = replies;
    this.observer = ports.observer();
    this.about = about;
  }

  /**
   * Answers now, or once an index is there.
   *
   * @param whyNot why the store cannot answer by then, or null when it can
   */
  void handle(Connection connection, String id, Operation.Ask ask, Supplier<Refusal> whyNot) {
    Moment moment = ask.moment();
    if (moment != null && !moments.isOwn(moment)) {
      refuse(connection, id, moments.foreign(moment));
    } else if (moment != null && !past.isPresent(ask.query(), moment)) {
      past.ask(ask.query(), moment, outcome -> send(connection, id, outcome.seq(), outcome));
    } else if (engine.waiting() >= MAX_WAITING) {
      refuse(connection, id, overloaded("too many queries wait for an index"));
    } else {
      guarded(
          connection,
          id,
          () -> engine.prepare(ask.query(), whenReady(connection, id, ask, whyNot)));
    }
  }

  private QueryEngine.Ready whenReady(
      Connection connection, String id, Operation.Ask ask, Supplier<Refusal> whyNot) {
    return new QueryEngine.Ready() {
      @Override
      public void ready() {
        Refusal refusal = whyNot.get();
        if (refusal != null) {
          refuse(connection, id, refusal);
        } else {
          guarded(connection, id, () -> answer(connection, id, ask));
        }
      }

      @Override
      public void failed(String error) {
        Refusal refusal = whyNot.get();
        refuse(
            connection,
            id,
            refusal != null
                ? refusal
                : Refusal.of(ErrorCode.UNAVAILABLE, about.apply("no index: " + error)));
      }
    };
  }

  private void guarded(Connection connection, String id, Runnable body) {
    try {
      body.run();
    } catch (SqlException | CorruptRowException e) {
      refuse(connection, id, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage())));
    } catch (RuntimeException e) {
      String message = about.apply("a query failed: " + e);
      observer.error(message);
      refuse(connection, id, Refusal.of(ErrorCode.INTERNAL_ERROR, message));
    }
  }

  private void answer(Connection connection, String id, Operation.Ask ask) {
    Query query = ask.query();
    double most = Limits.FRAME_SCANS * (double) engine.maxScan();
    if (connection.looked() >= most) {
      refuse(connection, id, Refusal.frameHasLooked(most, json));
      return;
    }
    double seq = moments.shownSeq(state.existingCollection(query.type()));
    if (seq > seqs.durable() && !gate.hasRoom()) {
      refuse(connection, id, overloaded("too much is waiting to become durable"));
      return;
    }
    Position named = ask.moment() == null ? null : ask.moment().position();
    String at = named != null ? named.text(json) : moments.now(seq);
    // A moment that a position or a seq names is a place in the log, not a time.
    boolean timeless = ask.moment() != null && ask.moment().untilMs() == Double.POSITIVE_INFINITY;
    double before = engine.looked();
    Answer answer;
    try {
      answer = engine.answer(query, timeless ? 0 : clock.nowMs());
    } finally {
      connection.looksAt(engine.looked() - before);
    }
    Outcome outcome = outcome(answer, query, at, seq, json);
    send(connection, id, seq, outcome);
  }

  private void send(Connection connection, String id, double seq, Outcome outcome) {
    Outcome full = new Outcome.Refused(Refusal.frameIsFull(json), 0);
    gate.sendIfItFits(
        connection, seq, replies.reply(id, outcome), id, () -> replies.reply(id, full));
  }

  static Outcome outcome(Answer answer, Query query, String at, double seq, Json json) {
    if (answer instanceof Answer.TooExpensive expensive) {
      JsonWriter details = json.writer();
      expensive.writeTo(details);
      String message =
          "expected a query that looks at fewer things, this one would look at "
              + expensive.looked()
              + "; an index helps, INDEXES has them";
      Refusal refusal = new Refusal(ErrorCode.TOO_EXPENSIVE, message, details.text());
      return new Outcome.Refused(refusal, seq);
    }
    return new Outcome.Answered(answer, query.explain(), at, seq);
  }

  private Refusal overloaded(String why) {
    return Refusal.overloaded(about.apply(why), json);
  }

  private void refuse(Connection connection, String id, Refusal refusal) {
    connection.send(replies.reply(id, new Outcome.Refused(refusal, 0)));
  }
}
