package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
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
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.AppliedEvent;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Carries out one request of a running store: applied, logged, and answered once it is durable.
 *
 * <p>Whatever goes wrong, nothing of the request stays behind and the client gets one reply.
 */
final class RequestHandler {
  private static final double NEVER = Double.POSITIVE_INFINITY;

  /** The id in a reply that is kept. */
  private static final String KEPT_ID = "0";

  private final Operations operations;
  private final WriteAheadLog wal;
  private final Committer committer;
  private final ReplyGate gate;
  private final Judge judge;
  private final Things state;
  private final CostMeter cost;
  private final ReplyWriter replies;
  private final Json json;
  private final StoreObserver observer;

  /** Puts namespace, epoch and seq before a sentence. */
  private final UnaryOperator<String> about;

  private final int mostDeletions;

  /** The reply to the session's write under way, as it is kept. */
  private String kept = "";

  RequestHandler(
      Operations operations,
      WriteAheadLog wal,
      Committer committer,
      ReplyGate gate,
      Judge judge,
      Things state,
      CostMeter cost,
      StorePorts ports,
      ReplyWriter replies,
      int dirtyCountThreshold,
      UnaryOperator<String> about) {
    this.operations = operations;
    this.wal = wal;
    this.committer = committer;
    this.gate = gate;
    this.judge = judge;
    this.state = state;
    this.cost = cost;
    this.json = ports.json();
    this.replies = replies;
    this.observer = ports.observer();
    this.about = about;
    // Beyond what a checkpoint waits for: it is reached when checkpoints fail.
    this.mostDeletions = Math.max(Limits.DELETIONS, 2 * dirtyCountThreshold);
  }

  /**
   * Carries out a request.
   *
   * @param grant what the client may do
   * @param numbered the session's write that it is, null for a write outside of sessions
   */
  void handle(
      Connection connection, Request request, Grant grant, @Nullable NumberedWrite numbered) {
    int writes = request.operation().writes();
    // A create of what has expired deletes it first.
    int events = state.expiries().nearestMs() == NEVER ? writes : 2 * writes;
    if (writes > 0 && !hasRoom(events, request.chars())) {
      refuse(connection, request, overloaded(), numbered);
      return;
    }
    Operation.Batch batch = request.operation() instanceof Operation.Batch it ? it : null;
    if (writes > 0) {
      Optional<RuntimeException> error = committer.prepareWrite();
      if (error.isPresent()) {
        String message = about.apply(error.get().getMessage());
        refuse(connection, request, Refusal.of(ErrorCode.UNAVAILABLE, message), numbered);
        return;
      }
    }
    Unit unit = new Unit(wal, batch != null && batch.atomic(), grant, connection.room());
    unit.numbered(numbered);
    JsonWriter reply;
    try {
      reply =
          batch == null
              ? apply(request.id(), judge.judged(request.operation(), connection), unit)
              : applyBatch(request.id(), batch, connection, unit);
    } catch (SqlException | CorruptRowException e) {
      unit.rollback();
      Refusal refusal = Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage()));
      refuse(connection, request, refusal, numbered);
      return;
    } catch (RuntimeException e) {
      unit.rollback();
      String message = about.apply("a request failed: " + e);
      observer.error(message);
      refuse(connection, request, Refusal.of(ErrorCode.INTERNAL_ERROR, message), numbered);
      return;
    }
    if (!connection.takes(reply)) {
      unit.rollback();
      refuse(connection, request, Refusal.frameIsFull(json), numbered);
      return;
    }
    if (unit.isEmpty() && unit.shownSeq() > wal.seqs().durable() && !gate.hasRoom()) {
      refuse(connection, request, overloaded(), numbered);
      return;
    }
    if (numbered != null) {
      numbered.carriedOut(kept, !unit.isEmpty(), unit.shownSeq());
    }
    commit(connection, reply, request.id(), unit);
  }

  // ---- for what writes in groups

  /** What a client's writes are applied in, the reply to which has any length. */
  Unit newUnit(Grant grant) {
    return new Unit(wal, false, grant, NEVER);
  }

  /** Why SQLite refuses what has to be written before a write, if it does. */
  Optional<RuntimeException> prepareWrite() {
    return committer.prepareWrite();
  }

  /** What the application makes of a write that comes over HTTP. */
  Operation judged(Operation operation) {
    return judge.judged(operation, text -> {});
  }

  /** Gives what was applied to the log, and the reply to the gate. */
  void commit(Connection connection, JsonWriter reply, String id, Unit unit) {
    // The reply waits at the gate before its events enter the log: if durability fails at once, the
    // reply is there to be refused.
    gate.send(connection, unit.shownSeq(), reply, id);
    for (AppliedEvent applied = unit.first(); applied != null; applied = applied.next()) {
      count(applied.event().verb());
    }
    unit.commit();
  }

  /**
   * Answers with a thing as it is, once that is durable.
   *
   * @param grant what the client may do
   * @param ifNoneMatch the header of that name, or null
   */
  void show(String id, Grant grant, @Nullable String ifNoneMatch, HttpReply reply) {
    try {
      Thing thing = operations.find(id, grant);
      HttpThing answer =
          thing == null
              ? HttpThing.absent(id, reply, json)
              : HttpThing.found(thing, ifNoneMatch, reply, json);
      double seq = thing == null ? operations.seqOfAbsence(id) : thing.seq();
      if (seq <= wal.seqs().durable() || gate.hasRoom()) {
        gate.send(answer, seq, answer.body(), Request.NO_ID);
      } else {
        ReplyWriter.refuse(reply, overloaded(), json);
      }
    } catch (SqlException | CorruptRowException e) {
      ReplyWriter.refuse(
          reply, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage())), json);
    }
  }

  /** Whether this many more writes and characters may wait, for the Pipeline or for SQLite. */
  boolean hasRoom(int writes, int chars) {
    return gate.hasRoom()
        && wal.outgoing().hasRoom(writes, chars)
        && state.tombstones().size() < mostDeletions;
  }

  private JsonWriter apply(String id, Operation operation, Unit unit) {
    Outcome outcome = operations.apply(operation, unit);
    unit.shows(outcome.seq());
    if (unit.numbered() != null) {
      kept = replies.reply(KEPT_ID, withoutThings(outcome)).text();
    }
    return replies.reply(id, outcome);
  }

  /** What is kept of an outcome: a thing may be another one by the time that it is told again. */
  private static Outcome withoutThings(Outcome outcome) {
    if (outcome instanceof Outcome.Returned returned) {
      return new Outcome.Written(returned.id(), returned.version(), returned.seq());
    }
    return outcome instanceof Outcome.Found found ? new Outcome.Done(found.seq()) : outcome;
  }

  private JsonWriter applyBatch(
      String id, Operation.Batch batch, Connection connection, Unit unit) {
    ReplyWriter.Batch reply = replies.batch(id);
    ReplyWriter.Batch again = unit.numbered() == null ? null : replies.batch(KEPT_ID);
    int index = 0;
    for (Operation operation : batch.operations()) {
      unit.operation(index);
      Outcome outcome = operations.apply(judge.judged(operation, connection), unit);
      unit.shows(outcome.seq());
      if (batch.atomic() && outcome instanceof Outcome.Refused refused) {
        unit.rollback();
        return refused(id, batchFailed(index, refused.refusal()), again);
      }
      reply.add(outcome);
      if (again != null) {
        again.add(withoutThings(outcome));
      }
      index++;
    }
    if (batch.atomic() && unit.recordBytes(json) > Limits.SEND_BYTES) {
      unit.rollback();
      return refused(id, tooLarge(), again);
    }
    kept = again == null ? "" : again.end().text();
    return reply.end();
  }

  private JsonWriter refused(String id, Outcome outcome, ReplyWriter.@Nullable Batch again) {
    kept = again == null ? "" : replies.reply(KEPT_ID, outcome).text();
    return replies.reply(id, outcome);
  }

  private static Outcome tooLarge() {
    String message =
        "expected an atomic batch whose records have at most "
            + Limits.SEND_BYTES
            + " bytes together, because they are one send";
    return new Outcome.Refused(Refusal.of(ErrorCode.PAYLOAD_TOO_LARGE, message), 0);
  }

  private Outcome batchFailed(int index, Refusal cause) {
    String details =
        json.writer()
            .raw("{\"index\":")
            .number(index)
            .raw(",\"code\":")
            .string(cause.code().name())
            .raw(",\"error\":")
            .string(cause.message())
            .raw("}")
            .text();
    String message = "operation " + index + " failed, so none was applied: " + cause.message();
    return new Outcome.Refused(new Refusal(ErrorCode.BATCH_FAILED, message, details), 0);
  }

  private void count(Event.Verb verb) {
    switch (verb) {
      case CREATED -> cost.created();
      case UPDATED -> cost.updated();
      default -> cost.deleted();
    }
  }

  private Refusal overloaded() {
    return Refusal.overloaded(about.apply("too much is waiting to become durable"), json);
  }

  private void refuse(
      Connection connection, Request request, Refusal refusal, @Nullable NumberedWrite numbered) {
    Outcome refused = new Outcome.Refused(refusal, 0);
    if (numbered != null && NumberedWrite.isPassing(refusal.code())) {
      numbered.notUsedUp(refusal.code());
    } else if (numbered != null) {
      numbered.carriedOut(replies.reply(KEPT_ID, refused).text(), false, 0);
    }
    connection.send(replies.reply(request.id(), refused));
  }
}
