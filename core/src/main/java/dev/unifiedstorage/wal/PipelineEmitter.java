package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Fields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The way of events into the Pipeline: in order, in batches, one send in flight.
 *
 * <p>A batch leaves when it is full, when its time is up, or on {@link #flush}. A failed send is
 * repeated unchanged, same records and same keys, so that readers can drop what arrives twice;
 * while it is, later events wait behind it. What happens when the retries are used up is the {@link
 * Owner}'s word: a stand-alone emitter gives the batch to the dead-letter queue and goes on, a
 * store keeps it in SQLite and has it repeated for ever.
 *
 * <p>The queue is bounded: {@link #emit} refuses an event for which there is no room, it never
 * drops one that it has accepted.
 */
public final class PipelineEmitter {

  /** Who decides about what became of a batch. */
  interface Owner {
    void accepted(List<Event> batch);

    /** Whether to go on repeating the batch; called once a batch, when its retries are used up. */
    boolean keepsRetrying(List<Event> batch, String error);

    /** A batch has gone, and the queue is below half of its bound. */
    void drained();
  }

  private static final Owner STAND_ALONE =
      new Owner() {
        @Override
        public void accepted(List<Event> batch) {}

        @Override
        public boolean keepsRetrying(List<Event> batch, String error) {
          return false;
        }

        @Override
        public void drained() {}
      };

  private record Flush(double upTo, Completion completion) {}

  private final PipelineEmitterConfig config;
  private final Pipeline pipeline;
  private final Timers timers;
  private final Origin origin;
  private final Owner owner;

  private final ArrayDeque<Event> queue = new ArrayDeque<>();
  private double queuedBytes;
  private final List<Flush> flushes = new ArrayList<>();
  private double enqueued;
  private double settled;
  private double ownSeq;

  private List<Event> batch;
  private double batchBytes;
  private int attempt;
  private double firstFailedMs;
  private int sendId;
  private boolean pumping;
  private boolean intervalUp;
  private boolean urgent;
  private Timers.Timer intervalTimer;
  private Timers.Timer attemptTimer;

  private EmitterStats.Status status = EmitterStats.Status.OK;
  private double sent;
  private double sentBytes;
  private double retries;
  private double deadLettered;
  private String lastError;
  private String dropError;

  /** A stand-alone emitter, as the user of a Pipeline without a store wants one. */
  public PipelineEmitter(
      Pipeline pipeline, PipelineEmitterConfig config, Origin origin, Timers timers) {
    this(pipeline, config, origin, timers, STAND_ALONE);
  }

  PipelineEmitter(
      Pipeline pipeline, PipelineEmitterConfig config, Origin origin, Timers timers, Owner owner) {
    this.pipeline = pipeline;
    this.config = config;
    this.origin = origin;
    this.timers = timers;
    this.owner = owner;
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
            ownSeq + 1,
            id,
            type,
            version,
            origin.clock().nowMs(),
            fields,
            fields.text(origin.json()).length() + Event.ENVELOPE_BYTES,
            false,
            new Event.Custom(verb, store));
    if (!hasRoom(1, event.bytes())) {
      throw new IllegalStateException(
          "the Pipeline's queue of namespace "
              + config.namespace()
              + " is full: expected at most "
              + config.maxQueuedEvents()
              + " events, there are "
              + queued());
    }
    ownSeq++;
    offer(event);
    pump();
  }

  /** Whether the queue has room for that much more. */
  boolean hasRoom(int events, double bytes) {
    return queued() + events <= config.maxQueuedEvents()
        && (queue.isEmpty() || queuedBytes + bytes <= config.maxQueuedBytes());
  }

  /** Queues an event; the caller has seen that there is room, and pumps once its group is whole. */
  void offer(Event event) {
    if (status == EmitterStats.Status.CLOSED) {
      throw new IllegalStateException(
          "the emitter of namespace " + config.namespace() + " is closed");
    }
    queue.add(event);
    queuedBytes += event.bytes();
    enqueued++;
    armInterval();
  }

  /** Whether nothing waits for its batch to fill: a recovery waits for it. */
  void setUrgent(boolean urgent) {
    this.urgent = urgent;
  }

  /** Sends what is due; called after offering. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    while (batch == null && isDue()) {
      takeBatch();
      send();
    }
    pumping = false;
  }

  /** Sends everything queued so far; ends when it was accepted, or given up. */
  public void flush(Completion completion) {
    if (settled == enqueued) {
      completion.succeeded();
      return;
    }
    flushes.add(new Flush(enqueued, completion));
    pump();
  }

  /** Accepts no more, sends what there is, then ends. */
  public void close(Completion completion) {
    flush(completion);
    status = EmitterStats.Status.CLOSED;
  }

  public EmitterStats stats() {
    return new EmitterStats(status, queued(), sent, sentBytes, retries, deadLettered, lastError);
  }

  /** Events accepted from the caller and not yet by the Pipeline. */
  int queued() {
    return queue.size() + (batch == null ? 0 : batch.size());
  }

  /** Visits the events that the Pipeline may not have, in order. */
  void forEachUnaccepted(Consumer<Event> visitor) {
    if (batch != null) {
      batch.forEach(visitor);
    }
    queue.forEach(visitor);
  }

  /**
   * Forgets every event past a seq. A send in flight that has some of them may still arrive: its
   * answer no longer counts, and what remains of its batch is sent again.
   */
  void abandonAfter(double seq) {
    FencedEvents remaining = new FencedEvents(event -> event.seq() <= seq);
    forEachUnaccepted(remaining::add);
    List<Event> kept = remaining.picked();
    int abandoned = queued() - kept.size();
    sendId++;
    cancelAttemptTimer();
    batch = null;
    queue.clear();
    queuedBytes = 0;
    for (Event event : kept) {
      queue.add(event);
      queuedBytes += event.bytes();
    }
    settled += abandoned;
    disarmIntervalIfEmpty();
    afterBatch();
  }

  private boolean isDue() {
    if (queue.isEmpty()) {
      return false;
    }
    return config.flushIntervalMs() == 0
        || urgent
        || intervalUp
        || !flushes.isEmpty()
        || queue.size() >= config.batchSize()
        || queuedBytes >= config.batchBytes();
  }

  private void armInterval() {
    if (config.flushIntervalMs() > 0 && intervalTimer == null) {
      intervalTimer =
          timers.after(
              config.flushIntervalMs(),
              () -> {
                intervalTimer = null;
                intervalUp = true;
                pump();
              });
    }
  }

  private void takeBatch() {
    List<Event> next = new ArrayList<>();
    double bytes = 0;
    while (!queue.isEmpty()) {
      Event event = queue.peek();
      bytes += event.bytes();
      boolean full = next.size() >= config.batchSize() || bytes > config.batchBytes();
      if (full && !next.isEmpty() && (!event.joined() || putBackGroup(next))) {
        break;
      }
      next.add(queue.poll());
    }
    batchBytes = 0;
    for (Event event : next) {
      batchBytes += event.bytes();
    }
    queuedBytes -= batchBytes;
    batch = next;
    attempt = 0;
    disarmIntervalIfEmpty();
  }

  /**
   * Leaves the group with which a batch ends, and which goes on, to the next batch.
   *
   * @return false when the batch has nothing else, and must grow with it
   */
  private boolean putBackGroup(List<Event> next) {
    int first = next.size() - 1;
    while (first > 0 && next.get(first).joined()) {
      first--;
    }
    for (int i = next.size() - 1; first > 0 && i >= first; i--) {
      queue.addFirst(next.remove(i));
    }
    return first > 0;
  }

  private void disarmIntervalIfEmpty() {
    if (queue.isEmpty()) {
      intervalUp = false;
      if (intervalTimer != null) {
        intervalTimer.cancel();
        intervalTimer = null;
      }
    }
  }

  private void send() {
    int id = ++sendId;
    attempt++;
    attemptTimer =
        timers.after(
            config.sendTimeoutMs(),
            () -> failed(id, "no answer within " + (long) config.sendTimeoutMs() + " ms"));
    pipeline.send(
        batch,
        new Completion() {
          @Override
          public void succeeded() {
            PipelineEmitter.this.succeeded(id);
          }

          @Override
          public void failed(String error) {
            PipelineEmitter.this.failed(id, error);
          }
        });
  }

  private void succeeded(int id) {
    if (id != sendId || batch == null) {
      return;
    }
    sendId++;
    cancelAttemptTimer();
    sent += batch.size();
    sentBytes += batchBytes;
    if (status != EmitterStats.Status.CLOSED) {
      status = EmitterStats.Status.OK;
    }
    List<Event> accepted = settleBatch();
    owner.accepted(accepted);
    afterBatch();
  }

  private void failed(int id, String error) {
    if (id != sendId || batch == null) {
      return;
    }
    sendId++;
    cancelAttemptTimer();
    double nowMs = origin.clock().nowMs();
    firstFailedMs = attempt == 1 ? nowMs : firstFailedMs;
    lastError = error;
    if (status == EmitterStats.Status.OK) {
      status = EmitterStats.Status.RETRYING;
    }
    if (attempt > config.maxRetries()) {
      if (attempt == config.maxRetries() + 1) {
        deadLetter(nowMs);
      }
      if (!owner.keepsRetrying(batch, error)) {
        dropError = config.deadLetterQueue() == null ? error : null;
        settleBatch();
        afterBatch();
        return;
      }
      if (id + 1 != sendId) {
        // The owner could not keep the batch either and has abandoned it.
        return;
      }
      if (status != EmitterStats.Status.CLOSED) {
        status = EmitterStats.Status.DEGRADED;
      }
    }
    attemptTimer =
        timers.after(
            retryDelayMs(),
            () -> {
              attemptTimer = null;
              retries++;
              send();
            });
  }

  private double retryDelayMs() {
    double delay = config.retryDelayMs();
    for (int i = 1; config.exponentialBackoff() && i < attempt && i < 32; i++) {
      delay *= 2;
    }
    return Math.min(delay, PipelineEmitterConfig.MAX_RETRY_DELAY_MS);
  }

  private void deadLetter(double nowMs) {
    if (config.deadLetterQueue() == null) {
      return;
    }
    List<DeadLetter> letters = new ArrayList<>();
    for (Event event : batch) {
      letters.add(new DeadLetter(event, lastError, attempt, firstFailedMs, nowMs));
    }
    config
        .deadLetterQueue()
        .send(
            letters,
            new Completion() {
              @Override
              public void succeeded() {
                deadLettered += letters.size();
              }

              @Override
              public void failed(String error) {
                lastError = "the dead-letter queue failed too: " + error;
              }
            });
  }

  private List<Event> settleBatch() {
    List<Event> done = batch;
    batch = null;
    settled += done.size();
    return done;
  }

  private void afterBatch() {
    settleFlushes();
    if (queue.size() < config.maxQueuedEvents() / 2) {
      owner.drained();
    }
    pump();
  }

  private void settleFlushes() {
    for (int i = 0; i < flushes.size(); ) {
      Flush flush = flushes.get(i);
      if (flush.upTo() > settled) {
        i++;
        continue;
      }
      flushes.remove(i);
      if (dropError == null) {
        flush.completion().succeeded();
      } else {
        flush.completion().failed("events were given up: " + dropError);
      }
    }
    if (flushes.isEmpty()) {
      dropError = null;
    }
  }

  private void cancelAttemptTimer() {
    if (attemptTimer != null) {
      attemptTimer.cancel();
      attemptTimer = null;
    }
  }
}
