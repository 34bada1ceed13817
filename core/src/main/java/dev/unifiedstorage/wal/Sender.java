package dev.unifiedstorage.wal;

import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The way of events into the Pipeline: in order, in batches, one send in flight.
 *
 * <p>A failed send is repeated unchanged, same records and same keys, so that readers can drop what
 * arrives twice; while it is, later events wait behind it. The queue is bounded: its owner asks
 * {@link #hasRoom} before it offers.
 *
 * <p>Nothing is sent but by {@link #sendDue}, and what became of a send is a value that the owner
 * takes with {@link #takeOutcome}. The batch that is out goes through these phases:
 *
 * <pre>
 * from        to          by
 * NONE        IN_FLIGHT   sendDue, when the queue is due
 * IN_FLIGHT   ANSWERED    the Pipeline's answer, a send that throws, or no answer in time
 * ANSWERED    NONE        takeOutcome, accepted
 * ANSWERED    BACKING_OFF takeOutcome, failed
 * BACKING_OFF DUE_AGAIN   the retry's timer
 * DUE_AGAIN   IN_FLIGHT   sendDue
 * any         NONE        giveUp, abandonAfter
 * </pre>
 */
final class Sender {

  /** What became of a send. */
  sealed interface Outcome {
    /** The Pipeline has the batch. */
    record Accepted(List<Event> batch) implements Outcome {}

    /**
     * The batch will be sent again, unless its owner gives it up.
     *
     * @param pastRetries 0 while the configured retries last, then 1, 2 …
     */
    record Failed(List<Event> batch, String error, int pastRetries) implements Outcome {}
  }

  private enum Phase {
    NONE,
    IN_FLIGHT,
    ANSWERED,
    BACKING_OFF,
    DUE_AGAIN
  }

  private final PipelineEmitterConfig config;
  private final Records form;
  private final Pipeline pipeline;
  private final Timers timers;
  private final Clock clock;
  private final SendWindow window;

  private final ArrayDeque<Event> queue = new ArrayDeque<>();
  private double queuedBytes;
  private boolean intervalUp;
  private Timers.Timer intervalTimer = Timers.NONE;

  private Phase phase = Phase.NONE;
  private List<Event> batch = List.of();

  /** What is sent of the batch. */
  private List<? extends PipelineRecord> records = List.of();

  private int attempts;
  private double firstFailedMs;
  private Optional<Attempt> attempt = Optional.empty();
  private Timers.Timer batchTimer = Timers.NONE;

  /** Of the oldest event of each send. */
  private final Histogram waits = new Histogram();

  private EmitterStats.Status status = EmitterStats.Status.OK;
  private double sent;
  private double sentBytes;
  private double retries;
  private double deadLettered;
  private Optional<String> lastError = Optional.empty();

  /**
   * @param form what a batch is sent as
   * @param window in which events gather behind a send
   */
  Sender(
      Pipeline pipeline,
      PipelineEmitterConfig config,
      Records form,
      SendWindow window,
      Timers timers,
      Clock clock) {
    this.pipeline = pipeline;
    this.config = config;
    this.form = form;
    this.window = window;
    this.timers = timers;
    this.clock = clock;
  }

  /** Whether the queue has room for that much more. */
  boolean hasRoom(int events, double bytes) {
    return queued() + events <= config.maxQueuedEvents()
        && (queue.isEmpty() || queuedBytes + bytes <= config.maxQueuedBytes());
  }

  /** Whether less than half of the queue's bound is taken. */
  boolean isHalfEmpty() {
    return queue.size() < config.maxQueuedEvents() / 2;
  }

  /** Queues an event; the caller has seen that there is room. */
  void offer(Event event) {
    queue.add(event);
    queuedBytes += event.bytes();
    window.came();
    if (event.verb().isFence()) {
      // Who deletes a store waits for it alone.
      window.close();
    }
    if (config.flushIntervalMs() > 0 && intervalTimer == Timers.NONE) {
      intervalTimer =
          timers.after(
              config.flushIntervalMs(),
              () -> {
                intervalTimer = Timers.NONE;
                intervalUp = true;
              });
    }
  }

  /** Whether it has nothing to do, and no timer armed. */
  boolean isIdle() {
    return queued() == 0 && !window.isOpen();
  }

  /** Events offered that the Pipeline has not accepted. */
  int queued() {
    return queue.size() + batch.size();
  }

  /** How the Pipeline is doing. */
  EmitterStats.Status status() {
    return status;
  }

  /** How long the oldest event of each send had waited when the Pipeline had it. */
  Histogram waits() {
    return waits;
  }

  /** Visits the events that the Pipeline may not have, in order. */
  void forEachUnaccepted(Consumer<Event> visitor) {
    batch.forEach(visitor);
    queue.forEach(visitor);
  }

  // ---- sending

  /**
   * Sends what is due, if nothing is in flight.
   *
   * @param urgent whether a batch leaves before it is full and its time is up
   */
  void sendDue(boolean urgent) {
    if (phase == Phase.NONE && isDue(urgent)) {
      takeBatch();
      send();
    } else if (phase == Phase.DUE_AGAIN) {
      retries++;
      send();
    }
  }

  private boolean isDue(boolean urgent) {
    if (queue.isEmpty()) {
      return false;
    }
    boolean timeIsUp = config.flushIntervalMs() == 0 || intervalUp;
    return urgent
        || timeIsUp && !window.holds(queue.size())
        || queue.size() >= config.batchSize()
        || queuedBytes >= config.batchBytes();
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
    for (Event event : next) {
      queuedBytes -= event.bytes();
    }
    batch = next;
    records = form == Records.PACKED ? PackedEvents.pack(next) : next;
    attempts = 0;
    window.sent(!queue.isEmpty());
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

  private void send() {
    attempts++;
    phase = Phase.IN_FLIGHT;
    Attempt next = new Attempt();
    attempt = Optional.of(next);
    batchTimer =
        timers.after(
            config.sendTimeoutMs(),
            () -> next.failed("no answer within " + (long) config.sendTimeoutMs() + " ms"));
    try {
      pipeline.send(records, next);
    } catch (RuntimeException e) {
      next.failed("the send threw: " + e.getMessage());
    }
  }

  /** One send: the first answer counts, and none once the batch is not its any more. */
  private final class Attempt implements Completion {
    private Optional<String> error = Optional.empty();

    @Override
    public void succeeded() {
      answered(Optional.empty());
    }

    @Override
    public void failed(String why) {
      answered(Optional.of(why));
    }

    private void answered(Optional<String> why) {
      if (phase == Phase.IN_FLIGHT && attempt.isPresent() && attempt.get() == this) {
        error = why;
        phase = Phase.ANSWERED;
      }
    }
  }

  /** Whether there is an outcome to take. */
  boolean hasOutcome() {
    return phase == Phase.ANSWERED;
  }

  /** What became of the send that was in flight; after a failure the next attempt is armed. */
  Optional<Outcome> takeOutcome() {
    if (phase != Phase.ANSWERED) {
      return Optional.empty();
    }
    Optional<String> error = attempt.isPresent() ? attempt.get().error : Optional.empty();
    cancelBatchTimer();
    return Optional.of(error.isEmpty() ? accepted() : failed(error.get()));
  }

  private Outcome accepted() {
    sent += batch.size();
    waits.add(clock.nowMs() - batch.get(0).tsMs());
    for (PipelineRecord record : records) {
      sentBytes += PackedEvents.bytesOf(record);
    }
    List<Event> done = batch;
    forgetBatch();
    window.answered();
    return new Outcome.Accepted(done);
  }

  private Outcome failed(String error) {
    firstFailedMs = attempts == 1 ? clock.nowMs() : firstFailedMs;
    lastError = Optional.of(error);
    int pastRetries = Math.max(0, attempts - config.maxRetries());
    status = pastRetries > 0 ? EmitterStats.Status.DEGRADED : EmitterStats.Status.RETRYING;
    phase = Phase.BACKING_OFF;
    attempt = Optional.empty();
    batchTimer = timers.after(retryDelayMs(), () -> phase = Phase.DUE_AGAIN);
    return new Outcome.Failed(batch, error, pastRetries);
  }

  private double retryDelayMs() {
    double delay = config.retryDelayMs();
    for (int i = 1; config.exponentialBackoff() && i < attempts && i < 32; i++) {
      delay *= 2;
    }
    return Math.min(delay, PipelineEmitterConfig.MAX_RETRY_DELAY_MS);
  }

  /**
   * Sends the batch that failed to the dead-letter queue, beside the Pipeline.
   *
   * @param ended receives what became of that: the queue's error, or nothing when it has them
   */
  void sendDeadLetters(Consumer<Optional<String>> ended) {
    List<DeadLetter> letters = new ArrayList<>();
    for (Event event : batch) {
      letters.add(
          new DeadLetter(event, lastError.orElse(""), attempts, firstFailedMs, clock.nowMs()));
    }
    Completion completion =
        new Completion() {
          @Override
          public void succeeded() {
            deadLettered += letters.size();
            ended.accept(Optional.empty());
          }

          @Override
          public void failed(String error) {
            lastError = Optional.of("the dead-letter queue failed too: " + error);
            ended.accept(lastError);
          }
        };
    try {
      Objects.requireNonNull(config.deadLetterQueue()).send(letters, completion);
    } catch (RuntimeException e) {
      completion.failed("the send threw: " + e.getMessage());
    }
  }

  /** Forgets the batch that failed: it is somewhere else, or lost. */
  void giveUp() {
    cancelBatchTimer();
    forgetBatch();
  }

  /**
   * Forgets every event past a seq. A send in flight that has some of them may still arrive: its
   * answer no longer counts, and what remains of its batch is sent again.
   *
   * <p>Fences stay: a later life may name theirs as its parent.
   *
   * @param unclaimed a life that no record has claimed, whose fence goes too; 0 for none
   */
  void abandonAfter(double seq, double unclaimed) {
    List<Event> kept = new ArrayList<>();
    forEachUnaccepted(
        event -> {
          if (event.seq() <= seq && !event.isFenceOf(unclaimed)) {
            kept.add(event);
          }
        });
    if (kept.size() == queued()) {
      return;
    }
    cancelBatchTimer();
    forgetBatch();
    queue.clear();
    queuedBytes = 0;
    for (Event event : kept) {
      queue.add(event);
      queuedBytes += event.bytes();
    }
    // Their time was up when their batch was taken.
    intervalUp = true;
    disarmIntervalIfEmpty();
  }

  private void forgetBatch() {
    phase = Phase.NONE;
    attempt = Optional.empty();
    batch = List.of();
    records = List.of();
    status = EmitterStats.Status.OK;
  }

  private void disarmIntervalIfEmpty() {
    if (queue.isEmpty()) {
      intervalUp = false;
      intervalTimer.cancel();
      intervalTimer = Timers.NONE;
    }
  }

  private void cancelBatchTimer() {
    batchTimer.cancel();
    batchTimer = Timers.NONE;
  }

  EmitterStats stats(int waitingElsewhere) {
    return new EmitterStats(
        status,
        queued() + waitingElsewhere,
        sent,
        sentBytes,
        retries,
        deadLettered,
        0,
        lastError.orElse(null));
  }
}
