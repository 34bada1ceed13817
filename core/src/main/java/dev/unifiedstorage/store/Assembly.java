package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointWriter;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.LazyCheckpointerOptions;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.feed.Feed;
import dev.unifiedstorage.past.ArchiveHistory;
import dev.unifiedstorage.past.ArchiveWatch;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.past.PastReader;
import dev.unifiedstorage.past.UnpackedArchive;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.query.QueryEngine;
import dev.unifiedstorage.recovery.ArchiveStart;
import dev.unifiedstorage.recovery.FileFork;
import dev.unifiedstorage.recovery.RecoveryOptions;
import dev.unifiedstorage.recovery.SqliteStart;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Upcasts;
import dev.unifiedstorage.wal.Durability;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Turns;
import dev.unifiedstorage.wal.WalOptions;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.Optional;

/**
 * The parts of one store, wired: what each is made of, and nothing else.
 *
 * @param turns makes the host's calls come one turn each
 */
record Assembly(
    Turns turns,
    ErrorContext about,
    Lifecycle lifecycle,
    Things state,
    WriteAheadLog wal,
    ReplyGate gate,
    Committer committer,
    Starts starts,
    PastReader pastReader,
    RequestHandler handler,
    Operations operations,
    Exports exports,
    CheckpointWriter record,
    Expirer expirer,
    SessionHandler sessions,
    QueryEngine queryEngine,
    QueryHandler queries,
    Feed feed,
    FeedHandler follows,
    CostMeter cost,
    Traffic traffic,
    Points points,
    Spans spans,
    ReplyWriter replies,
    Judge judge,
    Upcasts upcasts,
    StoreDeletion deletion,
    StoreRestore restore,
    StoreFork fork,
    ForkReceiver forks,
    Snapshots snapshots,
    ArchiveWatch watch) {

  /** Of what a store may have, what it takes at most while an index is built. */
  private static final double BUILDING_SHARE = 1.75;

  /** How long after the first write the alarm rings that checkpoints when timers were lost. */
  private static final double ALARM_DELAY_MS = 60_000;

  static Assembly of(UnifiedStoreConfig config, StorePorts ports) {
    Turns turns = new Turns();
    Timers timers = turns.timers(ports.timers());
    Origin origin = new Origin(config.namespace(), ports.writer(), ports.clock(), ports.json());
    Optional<IcebergReader> archive =
        Optional.ofNullable(ports.archive())
            .map(reader -> new UnpackedArchive(turns.archive(reader), origin));
    StateOptions limits =
        new StateOptions(config.maxEntries(), config.maxBytes(), false, things -> {});
    Things state = new Things(limits, ports.json(), config.deletionsKept());
    CostMeter cost = new CostMeter();
    Traffic traffic = new Traffic();
    ReplyWriter replies = new ReplyWriter(ports.json(), traffic::refused);
    Points points = new Points(config, ports);
    Spans spans = new Spans(config.namespace(), ports, traffic.slow());
    Pipeline pipeline = turns.pipeline(spans.pipeline(ports.pipeline()));
    LazyCheckpointerOptions checkpoints =
        checkpointOptions(config, ports, cost, traffic, points, spans);
    Persistence persistence =
        new Persistence(
            ports.sql(),
            state,
            origin,
            ports.ids().number(),
            checkpoints,
            config.evicts(),
            config.maxStoreBytes());
    WriteAheadLog wal = log(config, ports, turns, pipeline, timers, origin, persistence);
    ErrorContext about = new ErrorContext(config.namespace(), wal.seqs());
    Upcasts upcasts =
        Upcasts.parse(config.upcasters(), ports.json(), Limits.NESTING, ports.observer(), about);
    ReplyGate gate =
        new ReplyGate(id -> undone(id, about, replies), ports.clock(), traffic.replyWait());
    Committer committer = new Committer(checkpoints, persistence, wal, gate, timers, ports.clock());
    Lifecycle lifecycle = new Lifecycle(ports.clock(), spans, traffic.recoveries());
    Feed feed =
        new Feed(
            state,
            persistence.finder(),
            persistence.deletionRows(),
            wal.seqs(),
            new Moments(wal.seqs(), ports.json(), about),
            gate,
            timers,
            ports.clock(),
            upcasts,
            ports.observer(),
            config.pushMs());
    Starts starts =
        starts(
            config,
            ports,
            archive,
            timers,
            origin,
            checkpoints,
            persistence,
            wal,
            committer,
            gate,
            lifecycle,
            feed,
            replies,
            about);
    ArchiveHistory history =
        archive
            .map(
                reader ->
                    new ArchiveHistory(
                        reader,
                        origin,
                        timers,
                        config.recoveryTimeout(),
                        config.archiveSettleMs(),
                        config.archiveSlackMs(),
                        wal.seqs()))
            .orElse(null);
    PastReader pastReader =
        new PastReader(
            history,
            state,
            persistence.finder(),
            wal.seqs(),
            gate,
            ports.clock(),
            upcasts,
            replies,
            about);
    QueryEngine queryEngine =
        new QueryEngine(
            state,
            persistence.finder(),
            config.indexes(ports.json()),
            config.maxScan(),
            config.maxStoreBytes() * BUILDING_SHARE,
            timers,
            upcasts);
    QueryHandler queries =
        new QueryHandler(
            queryEngine,
            new PastQueries(history, pastReader, queryEngine, state, wal.seqs(), ports),
            state,
            wal.seqs(),
            gate,
            ports,
            replies,
            about);
    Operations operations =
        new Operations(
            state,
            persistence.finder(),
            origin,
            ports.ids(),
            config.schemas(ports.json()),
            upcasts,
            new Quotas(config, state, queryEngine, ports.json(), ports.observer(), about));
    Expirer expirer =
        new Expirer(
            state,
            persistence.finder(),
            operations,
            wal,
            committer,
            lifecycle,
            timers,
            ports,
            about);
    feed.expiresBy(expirer::expire);
    Exports exports =
        new Exports(
            config.namespace(),
            state,
            persistence.finder(),
            wal,
            history,
            pastReader,
            upcasts,
            ports,
            about);
    StoreDeletion deletion =
        new StoreDeletion(
            state, persistence.finder(), wal, committer, lifecycle, feed, timers, ports, about);
    StoreRestore restore =
        new StoreRestore(
            state,
            persistence.finder(),
            history,
            pastReader,
            wal,
            committer,
            lifecycle,
            origin,
            timers,
            about);
    Judge judge = new Judge(ports.json());
    RequestHandler handler =
        new RequestHandler(
            operations,
            wal,
            committer,
            gate,
            judge,
            state,
            cost,
            ports,
            replies,
            config.dirtyCountThreshold(),
            about);
    persistence.sessions().keepAtMost(config.sessionsKept());
    SessionHandler sessions =
        new SessionHandler(
            persistence.sessions(),
            handler,
            new Moments(wal.seqs(), ports.json(), about),
            wal.seqs(),
            gate,
            ports.json(),
            replies,
            ports.clock());
    Snapshots snapshots =
        new Snapshots(
            persistence,
            wal,
            committer,
            lifecycle,
            pipeline,
            timers,
            ports.ids(),
            origin,
            ports.observer(),
            archive.isPresent(),
            ports.sendEvents(),
            config.snapshotEvery(),
            about);
    return new Assembly(
        turns,
        about,
        lifecycle,
        state,
        wal,
        gate,
        committer,
        starts,
        pastReader,
        handler,
        operations,
        exports,
        persistence.writer(),
        expirer,
        sessions,
        queryEngine,
        queries,
        feed,
        new FeedHandler(feed, gate, ports.json(), replies, about),
        cost,
        traffic,
        points,
        spans,
        replies,
        judge,
        upcasts,
        deletion,
        restore,
        new StoreFork(
            config.namespace(), exports, turns.siblings(ports.siblings()), timers, ports, about),
        new ForkReceiver(state, wal, committer, origin, about),
        snapshots,
        new ArchiveWatch(
            wal,
            committer,
            archive,
            snapshots::heal,
            config.namespace(),
            config.archiveLagLimit(),
            config.archiveSettleMs(),
            config.archiveSlackMs(),
            ports.clock(),
            ports.observer(),
            about));
  }

  private static LazyCheckpointerOptions checkpointOptions(
      UnifiedStoreConfig config,
      StorePorts ports,
      CostMeter cost,
      Traffic traffic,
      Points points,
      Spans spans) {
    Thrift thrift = new Thrift(config, ports, cost);
    String failed = "namespace " + config.namespace() + ": a checkpoint failed: ";
    return new LazyCheckpointerOptions(
        config.checkpointInterval(),
        config.dirtyCountThreshold(),
        config.memoryThresholdBytes(),
        config.columnarThreshold(),
        config.largeCollections(),
        Math.max(ALARM_DELAY_MS, 2 * config.checkpointInterval()),
        stats -> {
          traffic.checkpoints().add(stats.durationMs());
          thrift.look();
          points.write(stats.trigger(), "");
          spans.checkpoint(stats);
        },
        error -> {
          ports.observer().error(failed + error.getMessage());
          points.write(null, String.valueOf(error.getMessage()));
          spans.checkpointFailed(String.valueOf(error.getMessage()));
        });
  }

  private static WriteAheadLog log(
      UnifiedStoreConfig config,
      StorePorts ports,
      Turns turns,
      Pipeline pipeline,
      Timers timers,
      Origin origin,
      Persistence persistence) {
    Durability durability = config.durability(ports.archive() != null);
    Pipeline deadLetters = ports.deadLetters() == null ? null : turns.pipeline(ports.deadLetters());
    return new WriteAheadLog(
        new WalOptions(
            durability,
            config.gathering(),
            config.checkpointInterval() / 2,
            config.records(),
            ports.sendEvents()),
        origin,
        pipeline,
        deadLetters,
        timers,
        ports.observer(),
        persistence.log(),
        ports.ids());
  }

  private static Starts starts(
      UnifiedStoreConfig config,
      StorePorts ports,
      Optional<IcebergReader> archive,
      Timers timers,
      Origin origin,
      LazyCheckpointerOptions checkpoints,
      Persistence persistence,
      WriteAheadLog wal,
      Committer committer,
      ReplyGate gate,
      Lifecycle lifecycle,
      Feed feed,
      ReplyWriter replies,
      ErrorContext about) {
    RecoveryOptions options =
        new RecoveryOptions(
            config.namespace(), config.recoveryTimeout(), config.archiveSlackMs(), progress -> {});
    return new Starts(
        lifecycle,
        new SqliteStart(persistence, archive.isPresent(), origin, ports.observer()),
        archive.map(
            reader ->
                new ArchiveStart(
                    options,
                    persistence,
                    reader,
                    timers,
                    origin,
                    ports.observer(),
                    config.adoptLog())),
        record ->
            new FileFork(
                record,
                ports.sql(),
                checkpoints,
                config.evicts(),
                archive,
                options,
                timers,
                origin,
                ports.ids(),
                ports.observer()),
        config.archiveSettleMs(),
        wal,
        committer,
        feed,
        gate,
        replies,
        timers,
        ports.observer(),
        origin,
        ports.sql().name(),
        about);
  }

  private static JsonWriter undone(String id, ErrorContext about, ReplyWriter replies) {
    String message =
        about.apply("the write could not be made durable and was undone; nothing has changed");
    return replies.reply(id, new Outcome.Refused(Refusal.of(ErrorCode.UNAVAILABLE, message), 0));
  }
}
