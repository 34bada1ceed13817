package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.LazyCheckpointer;
import dev.unifiedstorage.checkpoint.LazyCheckpointerOptions;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.recovery.ArchiveHistory;
import dev.unifiedstorage.recovery.ColdStartRecovery;
import dev.unifiedstorage.recovery.Recovered;
import dev.unifiedstorage.recovery.RecoveryOptions;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.wal.Durability;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.WalOptions;
import dev.unifiedstorage.wal.WriteAheadLog;

/**
 * One object's store: everything it acknowledged can be read back after a crash at any moment.
 *
 * <p>It lives on one event loop. Its host calls {@link #onStart} once, then passes in messages,
 * requests, closed sockets and alarms, and may drop it whenever {@link #isIdle} says so; a new
 * instance over the same SQLite goes on where this one ended. Every message has exactly one reply.
 *
 * <p>It is long because it is where the rooms are joined, and where every entrance asks for the
 * phase first; it decides nothing else.
 */
public final class UnifiedStore {
  /** How long after the first write the alarm rings that checkpoints when timers were lost. */
  private static final double ALARM_DELAY_MS = 60_000;

  private enum Phase {
    /** Nothing read yet; next is RECOVERING. */
    NEW("new"),
    /** Requests are told to come back; next is RUNNING or FAILED. */
    RECOVERING("recovering"),
    /** Everything works; next is RECOVERING when a rebuild is asked for. */
    RUNNING("running"),
    /** The state could not be had; final, a new instance may do better. */
    FAILED("failed");

    /** The name in statistics. */
    private final String label;

    Phase(String label) {
      this.label = label;
    }
  }

  private final UnifiedStoreConfig config;
  private final StorePorts ports;
  private final Durability durability;
  private final InMemoryStateManager state;
  private final WriteAheadLog wal;
  private final ReplyGate gate;
  private final LazyCheckpointer checkpointer;
  private final ColdStartRecovery recovery;
  private final RequestHandler handler;
  private final PastReader pastReader;
  private final RequestReader requests;
  private final ReplyWriter replies;
  private final StatsWriter statsWriter;
  private final CostMeter cost = new CostMeter();
  private final StartQueue startQueue = new StartQueue();
  private final String bootId;

  private Phase phase = Phase.NEW;
  private String failure;
  private RecoveryResult recovered;
  private boolean memoryPressure;

  public UnifiedStore(UnifiedStoreConfig config, StorePorts ports) {
    this.config = config;
    this.ports = ports;
    this.durability = config.durability(ports.archive() != null);
    this.bootId = ports.ids().uuid();
    this.requests = new RequestReader(ports.json());
    this.replies = new ReplyWriter(ports.json());
    this.statsWriter = new StatsWriter(ports.json());
    Origin origin = new Origin(config.namespace(), ports.clock(), ports.json());
    StateOptions limits =
        new StateOptions(
            config.maxEntries(),
            config.maxBytes(),
            false,
            things -> {},
            () -> memoryPressure = true);
    state = new InMemoryStateManager(limits, ports.json(), ports.clock(), ports.ids());
    LazyCheckpointerOptions options = checkpointerOptions();
    Persistence persistence = new Persistence(ports.sql(), state, origin, options, config.evicts());
    gate = new ReplyGate(this::undoneReply);
    WalOptions walOptions =
        new WalOptions(
            durability, config.groupCommitMs(durability), config.checkpointInterval() / 2);
    wal =
        new WriteAheadLog(
            walOptions,
            origin,
            ports.pipeline(),
            ports.deadLetters(),
            ports.timers(),
            ports.observer(),
            persistence.tables(),
            persistence.log(),
            gate,
            state);
    checkpointer = new LazyCheckpointer(options, persistence, wal, ports.timers(), ports.clock());
    wal.connect(
        persistence.writer()::writeRecord,
        () -> checkpointer.checkpoint(Trigger.OUTAGE),
        checkpointer::notifyDirty);
    RecoveryOptions recoveryOptions =
        new RecoveryOptions(config.namespace(), config.recoveryTimeout(), progress -> {});
    recovery =
        new ColdStartRecovery(
            recoveryOptions,
            persistence,
            ports.archive(),
            ports.timers(),
            origin,
            ports.observer());
    ArchiveHistory history =
        ports.archive() == null
            ? null
            : new ArchiveHistory(
                ports.archive(), origin, ports.timers(), recoveryOptions, wal::epochStarts);
    pastReader =
        new PastReader(history, state, persistence.finder(), wal, gate, ports.json(), this::about);
    handler =
        new RequestHandler(
            new Operations(state, persistence.finder(), origin, ports.ids()),
            wal,
            gate,
            state,
            cost,
            ports,
            config.dirtyCountThreshold(),
            this::about);
  }

  private LazyCheckpointerOptions checkpointerOptions() {
    return new LazyCheckpointerOptions(
        config.checkpointInterval(),
        config.dirtyCountThreshold(),
        config.memoryThresholdBytes(),
        config.columnarThreshold(),
        config.largeLayout(),
        Math.max(ALARM_DELAY_MS, 2 * config.checkpointInterval()),
        stats -> {},
        error -> ports.observer().error(about("a checkpoint failed: " + error.getMessage())));
  }

  // ---- life cycle

  /**
   * Restores the state.
   *
   * <p>Until {@code done} requests are answered {@code RECOVERING}; when it fails, {@code
   * UNAVAILABLE} with the reason, and the host should drop this instance.
   */
  public void onStart(Completion done) {
    if (phase != Phase.NEW) {
      throw new IllegalStateException(about("onStart was called twice"));
    }
    if (!tailRecoverable()) {
      ports
          .observer()
          .warning(
              about(
                  "durability "
                      + durability.label()
                      + " acknowledges writes that this object cannot read back after a crash"));
    }
    phase = Phase.RECOVERING;
    try {
      recovery.recover(recoveryEnd(done));
    } catch (RuntimeException e) {
      fail(e, done);
    }
    startQueue.holdFor(ports.timers());
  }

  private ColdStartRecovery.End recoveryEnd(Completion done) {
    return new ColdStartRecovery.End() {
      @Override
      public void recovered(Recovered result) {
        try {
          wal.recovered(
              result.recorded(),
              result.epoch(),
              result.appliedSeq(),
              result.outbox(),
              result.loggedSeq());
        } catch (RuntimeException e) {
          fail(e, done);
          return;
        }
        if (result.missing() == Recovered.Missing.NOTHING) {
          wal.replayAbandoned();
          run(result.result());
          startQueue.release();
          done.succeeded();
        } else {
          startQueue.release();
          completeFromArchive(result, done);
        }
      }

      @Override
      public void failed(RuntimeException error) {
        fail(error, done);
      }
    };
  }

  /** Waits until the archive has everything, applies it, and persists that at once. */
  private void completeFromArchive(Recovered result, Completion done) {
    try {
      wal.fence();
    } catch (RuntimeException e) {
      fail(e, done);
      return;
    }
    ports.observer().info(about("the last life did not close; reading its end from the archive"));
    recovery.completeFromArchive(
        result,
        wal.epoch(),
        config.archiveSettleMs(),
        new ColdStartRecovery.ArchiveEnd() {
          @Override
          public void completed(double lastSeq, RecoveryResult total) {
            wal.replayed(lastSeq);
            run(total);
            checkpointer.tryCheckpoint(Trigger.RECOVERY);
            done.succeeded();
          }

          @Override
          public void failed(RuntimeException error) {
            fail(error, done);
          }
        });
  }

  private void run(RecoveryResult result) {
    recovered = result;
    phase = Phase.RUNNING;
    checkpointer.start();
  }

  private void fail(RuntimeException error, Completion done) {
    phase = Phase.FAILED;
    failure = about("in " + ports.sql().name() + ": " + error.getMessage());
    ports.observer().error(failure);
    startQueue.release();
    done.failed(failure);
  }

  /** Persists what is dirty, because the object may be about to leave the memory. */
  public void beforeHibernation(Completion done) {
    if (phase != Phase.RUNNING) {
      done.succeeded();
      return;
    }
    checkpointer.beforeHibernation(done);
  }

  /** Whether dropping this instance now loses nothing and interrupts nothing. */
  public boolean isIdle() {
    return switch (phase) {
      case NEW, FAILED -> true;
      case RECOVERING -> false;
      case RUNNING -> wal.isIdle() && !checkpointer.isDirty() && pastReader.isIdle();
    };
  }

  /** Whether the state could not be had: every request is refused, a new instance may do better. */
  public boolean isFailed() {
    return phase == Phase.FAILED;
  }

  /** A socket has closed; after the last one nobody may come back for a long time. */
  public void onConnectionClosed(int openConnections) {
    if (openConnections == 0 && phase == Phase.RUNNING) {
      checkpointer.tryCheckpoint(Trigger.HIBERNATION);
    }
  }

  /** The platform's alarm rang. */
  public void onAlarm() {
    checkpointer.onAlarm();
  }

  // ---- messages

  /** Answers one message. */
  public void onMessage(Connection connection, String text) {
    answer(connection, requests.read(text));
  }

  /** Answers a message that the transport refused to take in because it is over the limit. */
  public void onOversizeMessage(Connection connection) {
    answer(connection, requests.tooLarge());
  }

  /** Answers a message of bytes that are no UTF-8. */
  public void onUndecodableMessage(Connection connection) {
    answer(connection, requests.undecodable());
  }

  private void answer(Connection connection, Request request) {
    Operation operation = request.operation();
    if (operation instanceof Operation.Malformed malformed) {
      refuse(connection, request.id(), malformed.refusal());
    } else if (operation instanceof Operation.Ping) {
      connection.send(replies.reply(request.id(), new Outcome.Done(0)));
    } else if (phase != Phase.RUNNING) {
      if (!startQueue.offer(() -> answer(connection, request), request.chars())) {
        refuse(connection, request.id(), notRunning());
      }
    } else if (operation instanceof Operation.ReadPast past) {
      pastReader.read(connection, request.id(), past);
      // It may have brought back what was evicted.
      state.evictOverLimit();
    } else {
      handler.handle(connection, request);
      afterMessage();
    }
  }

  private void afterMessage() {
    state.evictOverLimit();
    if (memoryPressure) {
      memoryPressure = false;
      checkpointer.notifyMemoryPressure();
    }
    checkpointer.notifyDirty();
  }

  private void refuse(Connection connection, String id, Refusal refusal) {
    connection.send(replies.reply(id, new Outcome.Refused(refusal, 0)));
  }

  private Refusal notRunning() {
    if (phase == Phase.FAILED) {
      return Refusal.of(ErrorCode.UNAVAILABLE, failure);
    }
    return Refusal.retryLater(
        ErrorCode.RECOVERING,
        about("the state is being recovered, waiting for " + recovery.waitingFor()),
        RequestHandler.RETRY_AFTER_MS,
        ports.json());
  }

  private String unavailable(String id) {
    return replies.reply(id, new Outcome.Refused(Refusal.of(ErrorCode.UNAVAILABLE, failure), 0));
  }

  private String undoneReply(String id) {
    Refusal refusal =
        Refusal.of(
            ErrorCode.UNAVAILABLE,
            about("the write could not be made durable and was undone; nothing has changed"));
    return replies.reply(id, new Outcome.Refused(refusal, 0));
  }

  // ---- requests over HTTP

  /** Answers a request to one of this store's routes. */
  public void onRequest(Route route, HttpReply reply) {
    if (phase == Phase.RECOVERING && startQueue.offer(() -> onRequest(route, reply), 0)) {
      return;
    }
    switch (route.kind()) {
      case STATS -> reply.send(200, "application/json", statsWriter.stats(stats()));
      case METRICS ->
          reply.send(200, "text/plain; version=0.0.4; charset=utf-8", statsWriter.metrics(stats()));
      case CHECKPOINT -> checkpoint(reply);
      case REBUILD -> rebuild(reply);
      case HISTORY -> history(route, reply);
      default -> throw new IllegalArgumentException("not a store's route: " + route.kind());
    }
  }

  private void history(Route route, HttpReply reply) {
    if (phase != Phase.RUNNING) {
      refuse(reply, notRunning());
      return;
    }
    pastReader.history(route.thingId(), route.afterSeq(), reply);
  }

  private void checkpoint(HttpReply reply) {
    if (phase != Phase.RUNNING) {
      refuse(reply, notRunning());
      return;
    }
    try {
      CheckpointStats stats = checkpointer.checkpoint(Trigger.MANUAL);
      reply.send(200, "application/json", statsWriter.checkpoint(stats));
    } catch (RuntimeException e) {
      refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, about(e.getMessage())));
    }
  }

  private void rebuild(HttpReply reply) {
    if (phase != Phase.RUNNING) {
      refuse(reply, notRunning());
      return;
    }
    if (ports.archive() == null) {
      refuse(
          reply,
          Refusal.of(
              ErrorCode.UNAVAILABLE, about("no archive reader is configured to rebuild from")));
      return;
    }
    try {
      if (wal.appliedSeq() > wal.checkpointSeq()) {
        // The record that claims the epoch has no room for all that may wait for the Pipeline.
        checkpointer.tryCheckpoint(Trigger.MANUAL);
      }
      wal.fence();
    } catch (RuntimeException e) {
      refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, about(e.getMessage())));
      return;
    }
    phase = Phase.RECOVERING;
    // A checkpoint in the middle would persist half of a state.
    checkpointer.destroy();
    recovery.forceRebuildFromIceberg(
        wal.epoch(), config.archiveSettleMs(), wal.appliedSeq(), rebuildEnd(reply));
  }

  private ColdStartRecovery.ArchiveEnd rebuildEnd(HttpReply reply) {
    return new ColdStartRecovery.ArchiveEnd() {
      @Override
      public void completed(double lastSeq, RecoveryResult result) {
        wal.replayed(lastSeq);
        run(result);
        try {
          checkpointer.checkpoint(Trigger.RECOVERY);
        } catch (RuntimeException e) {
          refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, about(e.getMessage())));
          return;
        }
        reply.send(200, "application/json", statsWriter.recovery(recovered));
      }

      @Override
      public void failed(RuntimeException error) {
        // Half of a state may be in memory, all of it is in SQLite: a new instance reads that.
        phase = recovery.isStateIntact() ? Phase.RUNNING : Phase.FAILED;
        if (phase == Phase.RUNNING) {
          wal.replayAbandoned();
          checkpointer.start();
        }
        failure = about(error.getMessage());
        ports.observer().error(failure);
        if (phase == Phase.FAILED) {
          gate.refuseAll(UnifiedStore.this::unavailable);
        }
        refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, failure));
      }
    };
  }

  private void refuse(HttpReply reply, Refusal refusal) {
    reply.send(
        refusal.code().httpStatus(),
        "application/json",
        ReplyWriter.httpError(refusal.code().name(), refusal.message(), ports.json()));
  }

  private StoreStats stats() {
    return new StoreStats(
        config.namespace(),
        phase.label,
        state.size(),
        state.sizeInMemory(),
        state.dirtyCount(),
        state.estimatedBytes(),
        durability.label(),
        tailRecoverable(),
        wal.epoch(),
        wal.appliedSeq(),
        wal.durableSeq(),
        wal.checkpointSeq(),
        ports.sql().rowsWritten(),
        cost.naiveRowsWritten(),
        checkpointer.alarms(),
        checkpointer.getStats(),
        wal.emitterStats(),
        recovered,
        bootId);
  }

  private boolean tailRecoverable() {
    return switch (durability) {
      case LOCAL -> true;
      case PIPELINE -> ports.archive() != null;
      case MEMORY -> false;
    };
  }

  private String about(String message) {
    return "namespace "
        + config.namespace()
        + ", epoch "
        + (long) wal.epoch()
        + ", seq "
        + (long) wal.appliedSeq()
        + ": "
        + message;
  }
}
