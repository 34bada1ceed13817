package dev.unifiedstorage.store;

import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Carries out one request of a running store: applied, logged, and answered once it is durable.
 *
 * <p>Whatever goes wrong, nothing of the request stays behind and the client gets one reply.
 */
final class RequestHandler {
  /** What a client should wait before it tries again. */
  static final double RETRY_AFTER_MS = 1000;

  private final Operations operations;
  private final WriteAheadLog wal;
  private final ReplyGate gate;
  private final InMemoryStateManager state;
  private final CostMeter cost;
  private final ReplyWriter replies;
  private final Json json;
  private final StoreObserver observer;

  /** Puts namespace, epoch and seq before a sentence. */
  private final UnaryOperator<String> about;

  RequestHandler(
      Operations operations,
      WriteAheadLog wal,
      ReplyGate gate,
      InMemoryStateManager state,
      CostMeter cost,
      StorePorts ports,
      UnaryOperator<String> about) {
    this.operations = operations;
    this.wal = wal;
    this.gate = gate;
    this.state = state;
    this.cost = cost;
    this.json = ports.json();
    this.replies = new ReplyWriter(json);
    this.observer = ports.observer();
    this.about = about;
  }

  /** What a request is answered with, once {@code seq} is durable. */
  private record Answer(String text, double seq) {}

  void handle(Connection connection, Request request) {
    int writes = writesIn(request.operation());
    if (writes > 0 && !wal.hasRoom(writes, request.chars())) {
      refuse(connection, request, overloaded());
      return;
    }
    boolean atomic = request.operation() instanceof Operation.Batch batch && batch.atomic();
    Unit unit = new Unit(wal, state, atomic);
    Answer answer;
    try {
      if (writes > 0) {
        wal.endRecovery();
      }
      answer = apply(request.id(), request.operation(), unit);
    } catch (SqlException | CorruptRowException e) {
      unit.rollback();
      refuse(connection, request, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage())));
      return;
    } catch (RuntimeException e) {
      unit.rollback();
      String message = about.apply("a request failed: " + e);
      observer.error(message);
      refuse(connection, request, Refusal.of(ErrorCode.INTERNAL_ERROR, message));
      return;
    }
    if (unit.isEmpty() && answer.seq() > wal.durableSeq() && !gate.hasRoom()) {
      refuse(connection, request, overloaded());
      return;
    }
    // The reply waits at the gate before its events enter the log: if durability fails at once, the
    // reply is there to be refused.
    gate.send(connection, answer.seq(), answer.text(), request.id());
    unit.commit();
  }

  private Answer apply(String id, Operation operation, Unit unit) {
    if (!(operation instanceof Operation.Batch batch)) {
      Outcome outcome = operations.apply(operation, unit);
      count(operation, outcome);
      return new Answer(replies.reply(id, outcome), outcome.seq());
    }
    List<Outcome> outcomes = new ArrayList<>(batch.operations().size());
    double seq = 0;
    for (Operation single : batch.operations()) {
      Outcome outcome = operations.apply(single, unit);
      seq = Math.max(seq, outcome.seq());
      if (batch.atomic() && outcome instanceof Outcome.Refused refused) {
        unit.rollback();
        Outcome failed = batchFailed(outcomes.size(), refused.refusal());
        return new Answer(replies.reply(id, failed), Math.min(seq, wal.appliedSeq()));
      }
      outcomes.add(outcome);
    }
    for (int i = 0; i < outcomes.size(); i++) {
      count(batch.operations().get(i), outcomes.get(i));
    }
    return new Answer(replies.batch(id, outcomes), seq);
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

  private void count(Operation operation, Outcome outcome) {
    if (outcome instanceof Outcome.Written) {
      if (operation instanceof Operation.Create) {
        cost.created();
      } else {
        cost.updated();
      }
    } else if (operation instanceof Operation.Delete && outcome.seq() > wal.appliedSeq()) {
      cost.deleted();
    }
  }

  private static int writesIn(Operation operation) {
    if (operation instanceof Operation.Batch batch) {
      int writes = 0;
      for (Operation single : batch.operations()) {
        writes += writesIn(single);
      }
      return writes;
    }
    return operation instanceof Operation.Read || operation instanceof Operation.Malformed ? 0 : 1;
  }

  private Refusal overloaded() {
    return Refusal.retryLater(
        ErrorCode.OVERLOADED,
        about.apply("too much is waiting to become durable"),
        RETRY_AFTER_MS,
        json);
  }

  private void refuse(Connection connection, Request request, Refusal refusal) {
    connection.send(replies.reply(request.id(), new Outcome.Refused(refusal, 0)));
  }
}
