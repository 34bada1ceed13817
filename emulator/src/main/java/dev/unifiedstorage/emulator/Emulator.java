package dev.unifiedstorage.emulator;

import dev.unifiedstorage.emulator.archive.Archive;
import dev.unifiedstorage.emulator.http.AccessGuard;
import dev.unifiedstorage.emulator.http.HttpServer;
import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.EmulatorAlarms;
import dev.unifiedstorage.emulator.object.ObjectHost;
import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.HttpPipeline;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.jvm.time.SystemScheduler;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.SqlException;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A running emulator: the parts, put together in one place.
 *
 * <p>All objects share a small pool of threads; each runs on one of them at a time.
 */
final class Emulator {
  /**
   * Leaves time to write and to close before the five seconds that the contract allows are over.
   */
  private static final long CHECKPOINT_TIMEOUT_MS = 3_000;

  private static final int MIN_OBJECT_THREADS = 4;

  private final DataFolder data;
  private final EmulatorAlarms alarms;
  private final EmbeddedPipeline pipeline;
  private final Archive archive;
  private final DurableObjects objects;
  private final HttpServer server;
  private final PrintStream log;

  private Emulator(
      DataFolder data,
      EmulatorAlarms alarms,
      EmbeddedPipeline pipeline,
      Archive archive,
      DurableObjects objects,
      HttpServer server,
      PrintStream log) {
    this.data = data;
    this.alarms = alarms;
    this.pipeline = pipeline;
    this.archive = archive;
    this.objects = objects;
    this.server = server;
    this.log = log;
  }

  /** Starts everything, or nothing. */
  static Emulator start(Options options, PrintStream log) throws CannotStartException {
    DataFolder data = DataFolder.open(options.data());
    Scheduler scheduler = new SystemScheduler();
    Faults faults = new Faults(scheduler);
    EmbeddedPipeline embedded =
        new EmbeddedPipeline(data.pipeline(), new LogObserver(log, "pipeline"));
    Archive archive =
        options.pipelineUrl() == null
            ? new Archive(
                Archive.Settings.in(data.path(), options.rollIntervalMs()),
                embedded,
                faults,
                scheduler,
                new LogObserver(log, "archive"))
            : null;
    EmulatorAlarms alarms = new EmulatorAlarms(data.platform());
    ObjectHost host =
        new ObjectHost(
            withDefaults(options.vars()),
            data.stores(),
            alarms,
            pipelines(options, embedded, faults),
            scheduler,
            objectThreads(),
            namespace -> new LogObserver(log, namespace),
            archive == null ? null : archive::reader);
    DurableObjects objects = new DurableObjects(host);
    HttpServer server =
        new HttpServer(
            options.host(),
            options.port(),
            objects,
            embedded,
            archive,
            faults,
            options.faults(),
            new AccessGuard(options.accessToken(), options.letsEverybodyIn()));
    try {
      // Listening comes last: who is answered may rely on everything.
      objects.armAlarms();
      if (archive != null) {
        archive.start();
      }
      server.start();
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
    return new Emulator(data, alarms, embedded, archive, objects, server, log);
  }

  /** The embedded sink keeps order, so that nothing lands behind a fence. */
  private static Map<String, String> withDefaults(Map<String, String> vars) {
    Map<String, String> all = new HashMap<>(vars);
    all.putIfAbsent("ARCHIVE_SETTLE_MS", "0");
    return all;
  }

  int port() {
    return server.port();
  }

  DataFolder data() {
    return data;
  }

  /** Takes no more, writes what is not written, and ends; within five seconds, come what may. */
  void stop() throws InterruptedException, IOException {
    server.stopAccepting();
    if (!objects.stopAll(CHECKPOINT_TIMEOUT_MS)) {
      log.println(
          "stopped after "
              + CHECKPOINT_TIMEOUT_MS
              + " ms with stores still waiting; what they acknowledged is recovered at the next"
              + " start");
    }
    pipeline.close();
    if (archive != null) {
      archive.close();
    }
    server.stop();
    alarms.close();
    data.close();
  }

  private static Function<Json, Pipeline> pipelines(
      Options options, EmbeddedPipeline embedded, Faults faults) {
    if (options.pipelineUrl() == null) {
      return json -> faults.before(embedded.stream(EmbeddedPipeline.EVENTS, json));
    }
    HttpPipeline http = new HttpPipeline(options.pipelineUrl());
    return json -> faults.before(http.with(json));
  }

  private static ExecutorService objectThreads() {
    int threads = Math.max(MIN_OBJECT_THREADS, Runtime.getRuntime().availableProcessors() * 2);
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        threads,
        task -> {
          Thread thread = new Thread(task, "objects-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  private static String rootMessage(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
