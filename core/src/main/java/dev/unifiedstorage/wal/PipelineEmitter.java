package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /**
   * Of all emitters of this process: guarded by the class, for programs on the JVM have threads.
   */
  private static double lastEpoch;

  private final PipelineEmitterConfig config;
  private final Origin origin;
  private final Timers timers;
  private final Sender sender;
  private final double epoch;
  private final double life;
  private final List<Flush> flushes = new ArrayList<>();
  private double ownSeq;
  private double enqueued;
  private double settled;
  private double dropped;
  private boolean closed;

  /** Why events were dropped since a flush has last said so. */
  private Optional<String> dropError = Optional.empty();

  private Optional<DeadLettering> deadLettering = Optional.empty();

  /** A builder, with the seed's options and defaults; the namespace is required. */
  public static Builder builder(Pipeline pipeline) {
    return new Builder(pipeline);
  }

  PipelineEmitter(
      Pipeline pipeline, PipelineEmitterConfig config, Origin origin, Platform platform) {
    Turns turns = new Turns();
    this.config =
        config.deadLetterQueue() == null
            ? config
            : config.withDeadLetterQueue(turns.pipeline(config.deadLetterQueue()));
    this.origin = origin;
    this.timers = turns.timers(platform.timers());
    this.epoch = nextEpoch(platform.clock().nowMs());
    this.life = platform.ids().number();
    this.sender =
        new Sender(
            turns.pipeline(pipeline),
            this.config,
            Records.EVENT,
            SendWindow.none(this.timers, origin.clock()),
            this.timers,
            origin.clock());
    turns.begin(this::turn);
  }

  /**
   * A number that is larger the later the emitter was made, and that no other emitter of this
   * thread's making has: the time in milliseconds, with room for 4,096 in each. Emitters of other
   * processes differ in the life.
   */
  private static double nextEpoch(double nowMs) {
    lastEpoch = Math.max(lastEpoch + 1, Math.floor(nowMs * 4096));
    return lastEpoch;
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
    // The text, because the caller may go on to change what it has emitted.
    Fields fields = Fields.ofText(origin.json().writer().object(payload).text());
    Event event =
        new Event(
            origin,
            Event.Verb.CUSTOM,
            epoch,
            life,
            ownSeq + 1,
            id,
            type,
            version,
            origin.clock().nowMs(),
            fields,
            fields.text(origin.json()).length() + Event.ENVELOPE_BYTES - Event.LIFE_BYTES,
            false,
            new Event.Custom(verb, store),
            null);
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

  /** What has become of the events so far. */
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

  /** The options of an emitter, as the seed names them. */
  public static final class Builder {
    private final Pipeline pipeline;
    private Platform platform;
    private String namespace;
    private int batchSize = 1000;
    private int batchBytes = 1024 * 1024;
    private double flushIntervalMs = 60_000;
    private int maxRetries = 3;
    private double retryDelayMs = 1000;
    private boolean exponentialBackoff;
    private Optional<Pipeline> deadLetterQueue = Optional.empty();

    @SuppressWarnings("NullAway.Init") // null until it is given: build() asks for what is required
    private Builder(Pipeline pipeline) {
      this.pipeline = pipeline;
    }

    /** The platform it runs on; required. */
    public Builder on(Platform runsOn) {
      platform = runsOn;
      return this;
    }

    /** Goes into every event; required. */
    public Builder namespace(String name) {
      namespace = name;
      return this;
    }

    /** Events that make a batch leave, and the most in one; 1,000. */
    public Builder batchSize(int events) {
      batchSize = events;
      return this;
    }

    /** Bytes that make a batch leave; 1 MiB. */
    public Builder batchBytes(int bytes) {
      batchBytes = bytes;
      return this;
    }

    /** Milliseconds that an event waits at most for its batch to fill; 60,000, and 0 for none. */
    public Builder flushInterval(double ms) {
      flushIntervalMs = ms;
      return this;
    }

    /** Repetitions of a failed send, beside the first attempt; 3. */
    public Builder maxRetries(int retries) {
      maxRetries = retries;
      return this;
    }

    /** Milliseconds before the first repetition; 1,000. */
    public Builder retryDelay(double ms) {
      retryDelayMs = ms;
      return this;
    }

    /** Whether each wait is twice the one before; it is not by default. */
    public Builder exponentialBackoff(boolean doubles) {
      exponentialBackoff = doubles;
      return this;
    }

    /** Receives what could not be delivered; null, the default, for no queue. */
    public Builder deadLetterQueue(@Nullable Pipeline queue) {
      deadLetterQueue = Optional.ofNullable(queue);
      return this;
    }

    /**
     * The emitter that these options describe.
     *
     * @throws NullPointerException naming what is required and missing
     * @throws IllegalArgumentException naming an option that is out of its range
     */
    public PipelineEmitter build() {
      Objects.requireNonNull(pipeline, "a Pipeline is required");
      Objects.requireNonNull(platform, "on(platform) is required");
      PipelineEmitterConfig config =
          PipelineEmitterConfig.of(namespace)
              .withBatches(batchSize, batchBytes, flushIntervalMs)
              .withRetries(maxRetries, retryDelayMs, exponentialBackoff)
              .withDeadLetterQueue(deadLetterQueue.orElse(null));
      Origin origin = new Origin(namespace, platform.clock(), platform.json());
      return new PipelineEmitter(pipeline, config, origin, platform);
    }
  }
}
