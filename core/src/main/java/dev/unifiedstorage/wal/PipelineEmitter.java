package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sends events of the caller's own making to a Pipeline: an emitter without a store around it.
 *
 * <p>A batch leaves when it is full, when its time is up, or on {@link #flush}; a failed send is
 * repeated unchanged. What could not be delivered goes to the dead-letter queue; without one, or
 * when that refuses it too, it is dropped, counted, and the next {@link #flush} fails for it. The
 * queue is bounded: {@link #emit} refuses an event for which there is no room. In a store {@link
 * WriteAheadLog} takes this one's place, and keeps in SQLite what the Pipeline does not take.
 */
public final class PipelineEmitter {
  private record Flush(double upTo, Completion completion) {}

  private final PipelineEmitterConfig config;
  private final Origin origin;
  private final Timers timers;
  private final Sender sender;
  private final List<Flush> flushes = new ArrayList<>();
  private double ownSeq;
  private double enqueued;
  private double settled;
  private double dropped;
  private boolean closed;

  /** Why events were dropped since a flush has last said so. */
  private Optional<String> dropError = Optional.empty();

  private Optional<DeadLettering> deadLettering = Optional.empty();

  public PipelineEmitter(
      Pipeline pipeline, PipelineEmitterConfig config, Origin origin, Timers timers) {
    Turns turns = new Turns();
    this.config =
        config.deadLetterQueue() == null
            ? config
            : config.withDeadLetterQueue(turns.pipeline(config.deadLetterQueue()));
    this.origin = origin;
    this.timers = turns.timers(timers);
    this.sender = new Sender(turns.pipeline(pipeline), this.config, this.timers, origin.clock());
    turns.begin(this::turn);
  }

  /**
   * Queues an event of the caller's own making; returns at once.
   *
   * @param verb such as {@code thing.created}
   * @param payload its {@code $id}, {@code $type} and {@code $version} go into the record
   * @throws IllegalStateException when the emitter is closed or its queue is full
   */
  public void emit(String verb, String store, JsonObject payload) {
    String id = payload.kind("$id") == JsonKind.STRING ? payload.string("$id") : "";
    String type = payload.kind("$type") == JsonKind.STRING ? payload.string("$type") : "";
    double version = payload.kind("$version") == JsonKind.NUMBER ? payload.number("$version") : 0;
    Fields fields = Fields.of(origin.json().object().setAll(payload));
    Event event =
        new Event(
            origin,
            Event.Verb.CUSTOM,
            1,
            0,
            ownSeq + 1,
            id,
            type,
            version,
            origin.clock().nowMs(),
            fields,
            fields.text(origin.json()).length() + Event.ENVELOPE_BYTES - Event.LIFE_BYTES,
            false,
            new Event.Custom(verb, store));
    if (closed) {
      throw new IllegalStateException(
          "the emitter of namespace " + config.namespace() + " is closed");
    }
    if (!sender.hasRoom(1, event.bytes())) {
      throw new IllegalStateException(
          "the Pipeline's queue of namespace "
              + config.namespace()
              + " is full: expected at most "
              + config.maxQueuedEvents()
              + " events, there are "
              + sender.queued());
    }
    ownSeq++;
    enqueued++;
    sender.offer(event);
    turn();
  }

  /**
   * Sends everything queued so far; succeeds when all of it was accepted, by the Pipeline or the
   * dead-letter queue, and nothing was dropped since the last flush.
   */
  public void flush(Completion completion) {
    flushes.add(new Flush(enqueued, completion));
    turn();
  }

  /** Accepts no more, sends what there is, then ends as {@link #flush} does. */
  public void close(Completion completion) {
    closed = true;
    flush(completion);
  }

  public EmitterStats stats() {
    EmitterStats stats = sender.stats(0);
    return new EmitterStats(
        closed ? EmitterStats.Status.CLOSED : stats.status(),
        stats.queued() + (int) (enqueued - settled) - sender.queued(),
        stats.sent(),
        stats.sentBytes(),
        stats.retries(),
        stats.deadLettered(),
        dropped,
        stats.lastError());
  }

  private void turn() {
    do {
      sender.takeOutcome().ifPresent(this::takeUp);
      endDeadLettering();
      settleFlushes();
      if (deadLettering.isEmpty()) {
        sender.sendDue(!flushes.isEmpty());
      }
    } while (sender.hasOutcome() || hasDeadLetterOutcome());
  }

  private void takeUp(Sender.Outcome outcome) {
    if (outcome instanceof Sender.Outcome.Accepted accepted) {
      settled += accepted.batch().size();
      return;
    }
    Sender.Outcome.Failed failed = (Sender.Outcome.Failed) outcome;
    if (failed.pastRetries() == 0) {
      return;
    }
    if (config.deadLetterQueue() == null) {
      drop(failed.batch().size(), failed.error());
      sender.giveUp();
      return;
    }
    DeadLettering next = new DeadLettering(failed.batch().size());
    deadLettering = Optional.of(next);
    next.timeout =
        timers.after(
            config.sendTimeoutMs(),
            () ->
                next.answered(
                    Optional.of("no answer within " + (long) config.sendTimeoutMs() + " ms")));
    sender.sendDeadLetters(next::answered);
    sender.giveUp();
  }

  private void drop(int events, String error) {
    settled += events;
    dropped += events;
    dropError = Optional.of(error);
  }

  /** A batch on its way to the dead-letter queue; the next one waits until that has answered. */
  private static final class DeadLettering {
    private final int events;
    private Timers.Timer timeout = () -> {};
    private boolean ended;
    private Optional<String> error = Optional.empty();

    DeadLettering(int events) {
      this.events = events;
    }

    void answered(Optional<String> why) {
      if (!ended) {
        ended = true;
        error = why;
      }
    }
  }

  private boolean hasDeadLetterOutcome() {
    return deadLettering.isPresent() && deadLettering.get().ended;
  }

  private void endDeadLettering() {
    if (!hasDeadLetterOutcome()) {
      return;
    }
    DeadLettering ended = deadLettering.get();
    ended.timeout.cancel();
    deadLettering = Optional.empty();
    if (ended.error.isPresent()) {
      drop(ended.events, ended.error.get());
    } else {
      settled += ended.events;
    }
  }

  private void settleFlushes() {
    boolean told = false;
    while (!flushes.isEmpty() && flushes.get(0).upTo() <= settled) {
      Completion completion = flushes.remove(0).completion();
      told |= dropError.isPresent();
      dropError.ifPresentOrElse(
          error -> completion.failed("events were dropped: " + error), completion::succeeded);
    }
    if (told) {
      dropError = Optional.empty();
    }
  }
}
