package dev.unifiedstorage.emulator;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.emulator.archive.Archive;
import dev.unifiedstorage.emulator.archive.EventArchive;
import dev.unifiedstorage.emulator.archive.MemoryArchive;
import dev.unifiedstorage.emulator.http.AccessGuard;
import dev.unifiedstorage.emulator.http.HttpServer;
import dev.unifiedstorage.emulator.http.JwtVerifier;
import dev.unifiedstorage.emulator.object.DirectSocket;
import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.EmulatorAlarms;
import dev.unifiedstorage.emulator.object.EmulatorDirectory;
import dev.unifiedstorage.emulator.object.ObjectHost;
import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.HttpPipeline;
import dev.unifiedstorage.emulator.pipeline.MemoryPipeline;
import dev.unifiedstorage.emulator.pipeline.Streams;
import dev.unifiedstorage.emulator.virtual.VirtualTime;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.jvm.time.SystemScheduler;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.TokenVerifier;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.UnifiedStore;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A running emulator: Durable Objects with their SQLite, a Pipeline and an archive in this process.
 *
 * <p>Any number of them run beside one another; they share nothing but the class path. All objects
 * of one share a small pool of threads, and each runs on one of them at a time. With a virtual
 * clock there is one such thread, so that the same calls give the same run every time. Safe for use
 * from every thread.
 */
public final class Emulator implements AutoCloseable {
  /**
   * Leaves time to write and to close before the five seconds that the contract allows are over.
   */
  private static final long CHECKPOINT_TIMEOUT_MS = 3_000;

  private static final String HOW_TO_OPEN =
      "this server listens beyond the loopback interface: set ACCESS_TOKEN, which requests then"
          + " bring, or PUBLIC=true";

  private static final long ANSWER_TIMEOUT_S = 60;
  private static final int MIN_OBJECT_THREADS = 4;

  /** One step of the end; the last that was begun is ended first. */
  private interface Ending {
    void run() throws InterruptedException, IOException;
  }

  private final EmulatorOptions options;
  private final Deque<Ending> endings = new ArrayDeque<>();
  private final DataFolder data;
  private final VirtualTime virtual;
  private final Scheduler scheduler;
  private final Faults faults;
  private final Streams pipeline;
  private final EventArchive archive;
  private final DurableObjects objects;
  private final JwtVerifier verifier;
  private final HttpServer server;
  private boolean listening;
  private boolean closed;

  private Emulator(EmulatorOptions options) throws CannotStartException {
    this.options = options;
    data = DataFolder.open(options.data());
    endings.push(data::close);
    virtual =
        options.virtualStart() == null
            ? null
            : new VirtualTime(options.virtualStart().toEpochMilli());
    scheduler = scheduler();
    faults = new Faults(scheduler);
    pipeline =
        options.inMemory()
            ? new MemoryPipeline(scheduler)
            : new EmbeddedPipeline(data.pipeline(), log("pipeline"));
    endings.push(pipeline::close);
    archive = options.pipelineUrl() == null ? archive() : null;
    if (archive != null) {
      endings.push(archive::close);
    }
    verifier = JwtVerifier.of(options.accessSettings());
    EmulatorAlarms alarms = new EmulatorAlarms(data.platform());
    endings.push(alarms::close);
    EmulatorDirectory directory = new EmulatorDirectory(data.directory());
    endings.push(directory::close);
    objects =
        new DurableObjects(
            new ObjectHost(
                data.writer(),
                withDefaults(options.vars()),
                data.stores(),
                alarms,
                pipelines(),
                scheduler,
                objectThreads(),
                this::log,
                archive == null ? null : archive::reader,
                virtual == null ? more -> {} : virtual::waiting,
                this::accessPolicy,
                directory));
    if (archive instanceof Archive iceberg) {
      iceberg.tells(objects::archiveLooked);
    }
    server =
        new HttpServer(
            options.host(),
            options.port(),
            objects,
            directory,
            pipeline,
            archive instanceof Archive iceberg ? iceberg : null,
            faults,
            options.faults(),
            new AccessGuard(accessPolicy(verifier), options.isKeptByLoopback()),
            virtual == null ? scheduler : machineTime());
  }

  /**
   * Starts an emulator, or nothing: what was begun is ended when the rest cannot start.
   *
   * @throws CannotStartException with the reason in a sentence: the folder or the port is in use or
   *     cannot be had
   */
  public static Emulator start(EmulatorOptions options) throws CannotStartException {
    return start(options, null);
  }

  /**
   * The same for a process of its own.
   *
   * @param crash ends the process at once, when faults are allowed and one of them is a crash
   */
  static Emulator start(EmulatorOptions options, Runnable crash) throws CannotStartException {
    Emulator emulator = new Emulator(options);
    emulator.faults.crashesBy(crash);
    try {
      emulator.listen();
      return emulator;
    } catch (CannotStartException | RuntimeException e) {
      emulator.closeAfter(e);
      throw e;
    }
  }

  private void listen() throws CannotStartException {
    try {
      // Listening comes last: who is answered may rely on everything.
      objects.armAlarms();
      if (archive != null) {
        archive.start();
      }
      endings.push(server::stop);
      endings.push(this::stopObjects);
      server.start();
      listening = true;
    } catch (IOException e) {
      throw new CannotStartException("the Pipeline's log cannot be read: " + e);
    } catch (JavalinBindException e) {
      throw new CannotStartException(
          "--port "
              + options.port()
              + " on "
              + options.host()
              + " cannot be had: "
              + rootMessage(e)
              + "; stop what uses it or choose another port");
    } catch (JavalinException e) {
      throw new CannotStartException(
          "cannot listen on " + options.host() + ":" + options.port() + ": " + rootMessage(e));
    } catch (SqlException e) {
      throw new CannotStartException(e.getMessage());
    }
  }

  private LogObserver log(String about) {
    return new LogObserver(options.log(), options.logForm(), about);
  }

  private Scheduler scheduler() {
    if (virtual != null) {
      endings.push(virtual::close);
      return virtual;
    }
    return machineTime();
  }

  private Scheduler machineTime() {
    SystemScheduler scheduler = new SystemScheduler();
    endings.push(scheduler::close);
    return scheduler;
  }

  private EventArchive archive() {
    if (pipeline instanceof MemoryPipeline memory) {
      return new MemoryArchive(memory, faults, options.rollIntervalMs());
    }
    UnaryOperator<Runnable> counted = virtual == null ? UnaryOperator.identity() : virtual::counted;
    return new Archive(
        Archive.Settings.in(data.path(), options.rollIntervalMs()),
        (EmbeddedPipeline) pipeline,
        faults,
        scheduler,
        log("archive"),
        counted);
  }

  /** The embedded sink keeps order, so that nothing lands behind a fence. */
  private static Map<String, String> withDefaults(Map<String, String> vars) {
    Map<String, String> all = new HashMap<>(vars);
    all.putIfAbsent("ARCHIVE_SETTLE_MS", "0");
    return all;
  }

  private Function<Json, Pipeline> pipelines() {
    Function<Json, Pipeline> sends =
        options.pipelineUrl() == null
            ? json -> pipeline.stream(EmbeddedPipeline.EVENTS, json)
            : new HttpPipeline(options.pipelineUrl())::with;
    if (virtual == null) {
      return json -> faults.before(sends.apply(json));
    }
    return json -> {
      Pipeline to = sends.apply(json);
      return faults.before((records, done) -> to.send(records, virtual.counted(done)));
    };
  }

  private Executor objectThreads() {
    int threads =
        virtual == null
            ? Math.max(MIN_OBJECT_THREADS, Runtime.getRuntime().availableProcessors() * 2)
            : 1;
    AtomicInteger number = new AtomicInteger();
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "objects-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    endings.push(pool::shutdownNow);
    return virtual == null ? pool : virtual.counted(pool);
  }

  private AccessPolicy accessPolicy(TokenVerifier checks) {
    return new AccessPolicy(
        options.accessSettings(), HOW_TO_OPEN, checks, scheduler, new JsoniterJson());
  }

  /** The policy as one object asks it, whose event loop must not wait for another server. */
  private AccessPolicy accessPolicy(Executor loop) {
    if (verifier == null || !verifier.mayWait()) {
      return accessPolicy(verifier);
    }
    return accessPolicy(
        (token, then) ->
            CompletableFuture.runAsync(() -> verifier.verify(token, onLoop(then, loop))));
  }

  private static TokenVerifier.Verified onLoop(TokenVerifier.Verified then, Executor loop) {
    return new TokenVerifier.Verified() {
      @Override
      public void claims(String text) {
        loop.execute(() -> then.claims(text));
      }

      @Override
      public void refused() {
        loop.execute(then::refused);
      }

      @Override
      public void unavailable(String error) {
        loop.execute(() -> then.unavailable(error));
      }
    };
  }

  /** The port in use, which tells what 0 became. */
  public int port() {
    return server.port();
  }

  /** Where HTTP is spoken, without a slash at the end: {@code http://127.0.0.1:8787}. */
  public URI url() {
    return URI.create("http://" + authority());
  }

  /** Where the WebSocket of a store is: {@code ws://127.0.0.1:8787/stores/{namespace}}. */
  public URI socketUrl(String namespace) {
    return URI.create("ws://" + authority() + "/stores/" + checked(namespace));
  }

  private String authority() {
    boolean ipv6 = options.host().indexOf(':') >= 0;
    return (ipv6 ? "[" + options.host() + "]" : options.host()) + ":" + port();
  }

  /** The folder that everything is kept in. */
  public Path data() {
    return data.path();
  }

  /**
   * A socket to a store without a network between.
   *
   * @param listener told of messages and of the end, on the object's event loop: it must not wait
   * @throws IllegalArgumentException when the namespace is not 1 to 128 characters of {@code A-Z
   *     a-z 0-9 . _ -}
   */
  DirectSocket connect(String namespace, DirectSocket.Listener listener) {
    return objects.connect(checked(namespace), listener);
  }

  /** Has one take part in every life of a store, from the present one on. */
  void join(String namespace, Consumer<UnifiedStore> one) {
    objects.join(namespace, one);
  }

  /** Asks a store on its event loop, woken if need be. */
  <T> CompletableFuture<T> ask(String namespace, Function<UnifiedStore, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    objects.ask(
        namespace, store -> answer.complete(question.apply(store)), answer::completeExceptionally);
    return answer;
  }

  /** A listener whose failures end in the log, and not in the store that tells it something. */
  <T> Consumer<T> guarded(String namespace, Consumer<T> listener) {
    return told -> {
      try {
        listener.accept(told);
      } catch (RuntimeException e) {
        log(namespace).error("a listener failed: " + e);
      }
    };
  }

  /**
   * A store, with the requests of the protocol as methods.
   *
   * @throws IllegalArgumentException when the namespace is not 1 to 128 characters of {@code A-Z
   *     a-z 0-9 . _ -}
   */
  public Store store(String namespace) {
    return new Store(this, checked(namespace));
  }

  /** What {@code GET /stores/{namespace}/stats} answers: a JSON object. Wakes the object. */
  public String stats(String namespace) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Route stats = Route.parse("GET", "/stores/" + checked(namespace) + "/stats", false);
    objects.request(HttpRequest.of(stats), (status, contentType, body) -> answer.complete(body));
    return await(answer);
  }

  /**
   * Records that the stream {@code events} accepted, as their JSON texts, in order.
   *
   * @param from the offset of the first, 0 for all that are kept
   * @throws UncheckedIOException when the log cannot be read
   */
  public List<String> events(long from) {
    try {
      return pipeline.read(EmbeddedPipeline.EVENTS, from, Integer.MAX_VALUE, Long.MAX_VALUE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether all events that the Pipeline accepted have landed in the archive.
   *
   * @throws IllegalStateException when there is no archive, because events go to a URL
   * @throws UncheckedIOException when the log or the table cannot be read
   */
  public boolean isArchived() {
    try {
      return ownArchive().hasEverything();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EventArchive ownArchive() {
    if (archive == null) {
      throw new IllegalStateException("there is no archive: events go to a Pipeline elsewhere");
    }
    return archive;
  }

  /**
   * How many records the archive has dropped since it began, because they did not fit the stream's
   * schema.
   *
   * @throws IllegalStateException when there is no archive, because events go to a URL
   */
  public long droppedRecords() {
    return ownArchive().dropped();
  }

  /** How the Pipeline and the sink misbehave; by default they do not. */
  public Faults faults() {
    return faults;
  }

  /** What the stores' clock says. */
  public Instant now() {
    return virtual == null ? Instant.now() : Instant.ofEpochMilli((long) virtual.nowMs());
  }

  /**
   * Moves time on: every timer, alarm, retry and roll that falls due meanwhile has happened, in its
   * order, when this returns.
   *
   * @param by not negative; the clock counts whole milliseconds
   * @throws IllegalArgumentException when {@code by} is negative
   * @throws IllegalStateException when the clock is the machine's
   */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("expected a duration of 0 or more, found " + by);
    }
    virtual().advance(by.toMillis());
  }

  /** What completes when the stores' clock has moved on by so much. */
  public CompletableFuture<Void> after(Duration delay) {
    CompletableFuture<Void> passed = new CompletableFuture<>();
    scheduler.after(delay.toMillis(), () -> passed.complete(null));
    return passed;
  }

  private VirtualTime virtual() {
    if (virtual == null) {
      throw new IllegalStateException("the clock is the machine's; start with virtualClock()");
    }
    return virtual;
  }

  /**
   * Makes every object lose its memory, as SIGKILL of their process would: sockets break off,
   * requests under way get no answer, timers are gone. What is in SQLite, the alarms, the Pipeline
   * and the archive stay. Returns when it has happened; the next request starts an object anew.
   *
   * @throws IllegalStateException when the thread is interrupted while it waits for that
   */
  public void crash() {
    settle();
    try {
      objects.crash();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the objects lost their memory", e);
    }
    beginAnew();
  }

  /** A store without a file of its own has to know how far an archive has to be to be trusted. */
  private void beginAnew() {
    if (archive != null) {
      try {
        archive.objectsBeginAnew();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Makes an object leave the memory as an idle one does: what is dirty is written, its sockets
   * stay.
   *
   * @throws IllegalStateException when it cannot: it is about to start, a request is not yet
   *     answered, or SQLite refuses
   */
  public void evict(String namespace) {
    settle();
    CompletableFuture<Void> evicted = new CompletableFuture<>();
    objects.evict(
        checked(namespace),
        new Completion() {
          @Override
          public void succeeded() {
            evicted.complete(null);
          }

          @Override
          public void failed(String error) {
            evicted.completeExceptionally(new IllegalStateException(error));
          }
        });
    await(evicted);
  }

  /**
   * Runs {@code body} with a namespace's SQLite file while nothing of its object happens. Beside
   * the file lies one of the same name and {@code -wal}, which belongs to it.
   *
   * @param closed whether the object loses its memory before, as in {@link #crash()}, so that the
   *     file can be replaced
   */
  public void withDatabase(String namespace, boolean closed, Consumer<Path> body) {
    settle();
    CompletableFuture<Void> done = new CompletableFuture<>();
    objects.withFile(
        checked(namespace),
        closed,
        file -> {
          try {
            body.accept(file);
            done.complete(null);
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    await(done);
    if (closed) {
      beginAnew();
    }
  }

  /** Lets what has been asked for come to rest, so that what follows does not depend on luck. */
  private void settle() {
    if (virtual != null) {
      virtual.moveUntil(() -> true);
    }
  }

  private static String checked(String namespace) {
    if (!Route.isNamespace(namespace)) {
      throw new IllegalArgumentException(
          "a namespace is 1 to 128 characters of A-Z a-z 0-9 . _ -, found " + namespace);
    }
    return namespace;
  }

  /**
   * Waits for what a store or its client will bring, 60 s at most. A virtual clock moves on as far
   * as it takes, an hour at most: from one timer to the next, and not at all when nothing has to
   * happen first.
   *
   * @throws IllegalStateException when it does not come, or when the calling thread is one of the
   *     emulator's, which the wait would stop
   */
  public <T> T await(CompletableFuture<T> answer) {
    if (virtual != null) {
      virtual.moveUntil(answer::isDone);
    }
    try {
      return answer.get(ANSWER_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for an answer", e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + ANSWER_TIMEOUT_S + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Takes no more, writes what is not written, and ends; within five seconds, come what may. Does
   * nothing the second time.
   *
   * @throws UncheckedIOException when a file cannot be closed or the temporary folder not be
   *     deleted; everything else has ended all the same
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    IOException failure = null;
    while (!endings.isEmpty()) {
      try {
        endings.pop().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw new UncheckedIOException(failure);
    }
  }

  private void closeAfter(Exception reason) {
    try {
      close();
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  private void stopObjects() throws InterruptedException {
    server.stopAccepting();
    DurableObjects.Stopped stopped = objects.stopAll(CHECKPOINT_TIMEOUT_MS);
    if (listening) {
      log("emulator").step(LifeStep.STOPPED, stopped.sentence(), stopped.line());
    }
    if (!stopped.inTime()) {
      log("emulator")
          .warning(
              "stopped after "
                  + CHECKPOINT_TIMEOUT_MS
                  + " ms with stores still waiting; what they acknowledged is recovered at the"
                  + " next start");
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
