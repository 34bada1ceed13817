package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The embedded archive: its sink, its readers and its table, with the threads they run on.
 *
 * <p>The sink rolls when the roll interval has passed, and earlier when much has gathered. Nothing
 * of Iceberg is loaded before the first thread asks for the table, and a process without events
 * never asks. Safe for use from every thread.
 */
public final class Archive implements EventArchive {
  private static final long LOOK_EVERY_MS = 1_000;
  private static final long CLOSE_TIMEOUT_MS = 500;
  private static final int READERS = 2;
  private static final long READ_BUFFER_BYTES = 64L << 20;
  private static final int WAITING_READS = 10_000;

  /**
   * How an archive is set up.
   *
   * @param database the catalog's file
   * @param warehouse the folder of the buckets
   * @param scratch the folder for what readers cannot hold in memory
   * @param rollIntervalMs how often the sink rolls
   * @param readBufferBytes how much of a namespace one reader holds in memory
   */
  public record Settings(
      Path database, Path warehouse, Path scratch, long rollIntervalMs, long readBufferBytes) {
    /** The layout of a data folder. */
    public static Settings in(Path data, long rollIntervalMs) {
      return new Settings(
          data.resolve("catalog.sqlite"),
          data.resolve("warehouse"),
          data.resolve("scratch"),
          rollIntervalMs,
          READ_BUFFER_BYTES);
    }
  }

  /** What a request of the catalog is answered, as JSON. */
  public record Answer(int status, String body) {}

  /** How the sink does. */
  public record Status(long nextOffset, long logEnd, long droppedRecords, String lastError) {}

  private final Settings settings;
  private final EmbeddedPipeline pipeline;
  private final Faults faults;
  private final Scheduler scheduler;
  private final StoreObserver observer;
  private final UnaryOperator<Runnable> counted;
  private final ExecutorService sinkThread =
      Executors.newSingleThreadExecutor(task -> daemon(task, "archive-sink"));
  private final ThreadPoolExecutor readers =
      new ThreadPoolExecutor(
          READERS,
          READERS,
          1,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING_READS),
          task -> daemon(task, "archive-read"));

  private EventsTable table;
  private long lastRollMs;

  /** Where the log ended when this process began. */
  private volatile long inheritedEnd;

  private final Sightings sightings;

  /** Told after each look of the sink, with what it has found of a namespace lately. */
  private volatile Consumer<Function<String, ArchiveReport>> listener = reports -> {};

  private volatile Sink sink;
  private volatile String lastError;
  private volatile boolean closed;

  public Archive(
      Settings settings,
      EmbeddedPipeline pipeline,
      Faults faults,
      Scheduler scheduler,
      StoreObserver observer) {
    this(settings, pipeline, faults, scheduler, observer, UnaryOperator.identity());
  }

  /**
   * @param counted takes note of a task that another thread will run, and of its end
   */
  public Archive(
      Settings settings,
      EmbeddedPipeline pipeline,
      Faults faults,
      Scheduler scheduler,
      StoreObserver observer,
      UnaryOperator<Runnable> counted) {
    this.counted = counted;
    this.settings = settings;
    this.pipeline = pipeline;
    this.faults = faults;
    this.scheduler = scheduler;
    this.observer = observer;
    this.sightings = new Sightings(scheduler.nowMs());
    readers.allowCoreThreadTimeOut(true);
  }

  /** Lets the sink roll from now on, at once when a process before this one left something. */
  @Override
  public void start() throws IOException {
    inheritedEnd = pipeline.end(EmbeddedPipeline.EVENTS);
    lastRollMs = scheduler.monotonicMs() - (inheritedEnd > 0 ? settings.rollIntervalMs() : 0);
    if (inheritedEnd > 0) {
      look();
    } else {
      lookLater();
    }
  }

  /**
   * Has somebody told, on the sink's thread, how the table stands whenever the sink was to roll, be
   * it that it did or that it stands still.
   *
   * @param to receives what gives the report of a namespace, null when that cannot be told
   */
  public void tells(Consumer<Function<String, ArchiveReport>> to) {
    listener = to;
  }

  @Override
  public void objectsBeginAnew() throws IOException {
    inheritedEnd = pipeline.end(EmbeddedPipeline.EVENTS);
  }

  @Override
  public boolean hasEverything() throws IOException {
    Status status = status();
    return status.nextOffset == status.logEnd;
  }

  @Override
  public long dropped() {
    Sink now = sink;
    return now == null ? 0 : now.dropped();
  }

  @Override
  public ArchiveReader reader(Executor loop) {
    return new TableReader(this, loop);
  }

  /** Where the files of {@code s3://bucket/key} are. */
  public Path warehouse() {
    return settings.warehouse();
  }

  public Status status() throws IOException {
    Sink now = sink;
    long end = pipeline.end(EmbeddedPipeline.EVENTS);
    long next = end;
    if (end > 0) {
      next = now == null ? EventsTable.nextOffset(table().load()) : now.position();
    }
    return new Status(next, end, dropped(), lastError);
  }

  /**
   * Answers a request of Iceberg's REST protocol.
   *
   * @param path what follows {@code /iceberg/}, still encoded
   * @param objects the URL under which objects are served
   */
  public Answer catalog(
      String method, String path, Map<String, String> query, byte[] body, String objects)
      throws IOException {
    return new CatalogRest(table().catalog())
        .answer(new CatalogRest.Request(method, path, query, body, objects));
  }

  /**
   * Forgets the table's older snapshots, with the files that only they needed.
   *
   * @return how many are left
   */
  public int expire(int keep) throws IOException {
    EventsTable events = table();
    events.expire(events.load(), keep);
    return EventsTable.snapshots(events.load());
  }

  /** What was erased, or why nothing was: rows that no snapshot could replace. */
  public record Erasure(int files, long rows, Optional<String> refusal) {}

  /** Erases rows that came before a moment, if every store there could be rebuilt without them. */
  public Erasure eraseBefore(double beforeMs) throws IOException {
    try {
      Retention.Erased erased = retention().eraseBefore(beforeMs);
      return new Erasure(erased.files(), erased.rows(), Optional.empty());
    } catch (Retention.StillNeeded e) {
      return new Erasure(0, 0, Optional.of(e.getMessage()));
    }
  }

  /** Erases all rows of a namespace. */
  public Erasure erase(String namespace) throws IOException {
    Retention.Erased erased = retention().erase(namespace);
    return new Erasure(erased.files(), erased.rows(), Optional.empty());
  }

  private Retention retention() throws IOException {
    return new Retention(table().load(), settings.scratch(), settings.readBufferBytes());
  }

  /** Stops the sink where it is and the readers; what was not rolled is in the log. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    sinkThread.shutdown();
    readers.shutdownNow();
    if (sinkThread.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
      synchronized (this) {
        if (table != null) {
          table.close();
        }
      }
    }
  }

  /** The table, opened if it is not; the first call takes a second or so. */
  synchronized EventsTable table() throws IOException {
    if (table == null) {
      table =
          EventsTable.open(
              settings.database(),
              settings.warehouse(),
              pipeline.first(EmbeddedPipeline.EVENTS),
              observer);
    }
    return table;
  }

  void run(ArchiveRead read) {
    try {
      readers.execute(counted.apply(() -> scan(read)));
    } catch (RejectedExecutionException e) {
      read.failed(
          "namespace "
              + read.query().namespace()
              + ": "
              + WAITING_READS
              + " reads of the archive wait");
    }
  }

  private void scan(ArchiveRead read) {
    if (read.isCancelled() || closed) {
      return;
    }
    if (!Files.exists(settings.database())) {
      // Nothing was ever archived: a store that is new is not to wait until Iceberg is loaded.
      read.completed(inheritedEnd == 0);
      return;
    }
    try {
      new TableScan(table().load(), inheritedEnd, settings.scratch(), settings.readBufferBytes())
          .run(read);
    } catch (IOException | RuntimeException | LinkageError e) {
      read.failed(
          "namespace "
              + read.query().namespace()
              + ": table "
              + EventsTable.NAME
              + ": "
              + message(e));
    }
  }

  private void lookLater() {
    if (!closed) {
      scheduler.after(Math.min(settings.rollIntervalMs(), LOOK_EVERY_MS), this::look);
    }
  }

  private void look() {
    try {
      sinkThread.execute(counted.apply(this::rollIfDue));
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
    }
  }

  private void rollIfDue() {
    long nowMs = scheduler.monotonicMs();
    boolean due = nowMs - lastRollMs >= settings.rollIntervalMs();
    try {
      if (goesOn() && (due || sink != null && sink.bytesBehind() >= Sink.BATCH_BYTES)) {
        lastRollMs = nowMs;
        roll();
        lastError = null;
      }
    } catch (RejectedExecutionException e) {
      // Iceberg's own threads end as soon as the process is told to end: it is the last roll.
    } catch (IOException | RuntimeException | LinkageError e) {
      String error = "the sink cannot write table unified_storage.events: " + message(e);
      if (!error.equals(lastError)) {
        observer.error(error + "; the events stay in the log, and it tries again");
      }
      lastError = error;
    } finally {
      if (due && !closed) {
        listener.accept(namespace -> sightings.report(namespace, scheduler.nowMs()));
      }
      lookLater();
    }
  }

  private void roll() throws IOException {
    if (pipeline.end(EmbeddedPipeline.EVENTS) == 0) {
      return;
    }
    if (sink == null) {
      sink = new Sink(table(), pipeline, faults, sightings, scheduler, observer);
    }
    sink.roll(this::goesOn);
  }

  private boolean goesOn() {
    return !closed && faults.sinkMode() != Faults.SinkMode.STALL;
  }

  private static String message(Throwable failure) {
    return failure instanceof IOException && failure.getMessage() != null
        ? failure.getMessage()
        : failure.toString();
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
