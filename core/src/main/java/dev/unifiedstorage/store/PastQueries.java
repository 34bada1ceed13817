package dev.unifiedstorage.store;

import dev.unifiedstorage.past.ArchiveHistory;
import dev.unifiedstorage.past.PastReader;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.query.Answer;
import dev.unifiedstorage.query.Query;
import dev.unifiedstorage.query.QueryEngine;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries about the past: from memory where nothing of the type has changed since, else
 * from the archive, which then tells every version of every thing of the type.
 */
final class PastQueries {
  private final @Nullable ArchiveHistory history;
  private final PastReader past;
  private final QueryEngine engine;
  private final Things state;
  private final Seqs seqs;
  private final Clock clock;
  private final Json json;

  /**
   * @param history null when no archive reader is configured
   */
  PastQueries(
      @Nullable ArchiveHistory history,
      PastReader past,
      QueryEngine engine,
      Things state,
      Seqs seqs,
      StorePorts ports) {
    this.history = history;
    this.past = past;
    this.engine = engine;
    this.state = state;
    this.seqs = seqs;
    this.clock = ports.clock();
    this.json = ports.json();
  }

  /** Whether what a query asks about is what there is now. */
  boolean isPresent(Query query, Moment moment) {
    if (moment.untilMs() < Double.POSITIVE_INFINITY) {
      return moment.untilMs() >= clock.nowMs();
    }
    Position position = moment.position();
    double life = position == null ? 0 : position.life();
    return moment.untilSeq() >= lastSeq(query.type())
        && !seqs.life().emptied().isBehind(life, moment.untilSeq());
  }

  /** The last event of a type; one that memory does not know is one that a checkpoint covers. */
  private double lastSeq(String type) {
    TypedCollection collection = state.existingCollection(type);
    double seq = collection == null ? 0 : collection.lastSeq();
    return seq == 0 ? seqs.checkpointed() : Math.min(seq, seqs.applied());
  }

  void ask(Query query, Moment moment, Consumer<Outcome> answer) {
    Refusal refusal = past.refusal();
    if (refusal != null) {
      answer.accept(new Outcome.Refused(refusal, 0));
      return;
    }
    double until = Math.min(moment.untilSeq(), seqs.applied());
    Objects.requireNonNull(history)
        .lookAtType(query.type(), moment, until, new Look(query, moment, until, answer));
  }

  /** One look at all things of a type. */
  private final class Look implements ArchiveHistory.Visitor {
    private final Query query;
    private final ThingsThen then;
    private final Consumer<Outcome> answer;

    /** The event that the archive has to reach to know. */
    private final double needed;

    Look(Query query, Moment moment, double until, Consumer<Outcome> answer) {
      this.query = query;
      this.then = new ThingsThen(moment, seqs);
      this.answer = answer;
      this.needed = Math.min(until, lastSeq(query.type()));
    }

    @Override
    public boolean version(Event event, @Nullable Thing thing) {
      then.take(event, thing);
      return true;
    }

    @Override
    public void reached(Position at) {
      then.reached(at);
    }

    @Override
    public void completed(double reach) {
      if (reach < needed) {
        answer.accept(new Outcome.Refused(past.notYetArchived(reach, needed), 0));
        return;
      }
      if (then.mayBeUndone()) {
        answer.accept(past.unavailable("a write that the answer would show was undone meanwhile"));
        return;
      }
      Answer found = engine.answer(query, then.things().values(), then.expiredByMs());
      answer.accept(QueryHandler.outcome(found, query, then.at(json), then.lastSeq(), json));
    }

    @Override
    public void failed(String error) {
      answer.accept(past.unavailable(error));
    }
  }
}
