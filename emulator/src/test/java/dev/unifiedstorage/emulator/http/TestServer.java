package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.archive.Archive;
import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.EmulatorAlarms;
import dev.unifiedstorage.emulator.object.EmulatorDirectory;
import dev.unifiedstorage.emulator.object.ObjectHost;
import dev.unifiedstorage.emulator.object.StoreFiles;
import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A whole emulator in this process, whose time moves when a test says so. */
final class TestServer {
  static final long DEADLINE_MS = 20_000;

  final ManualScheduler scheduler = new ManualScheduler();
  final List<String> log = new CopyOnWriteArrayList<>();
  final Path folder;
  final DurableObjects objects;

  private final Faults faults = new Faults(scheduler);
  private final ExecutorService executor = Executors.newFixedThreadPool(2);
  private final EmbeddedPipeline pipeline;
  private final EmulatorAlarms alarms;
  private final EmulatorDirectory directory;
  private final Archive archive;
  private final HttpServer server;
  private final HttpClient http = HttpClient.newHttpClient();

  TestServer(Path folder, boolean settableFaults) throws IOException {
    this(folder, settableFaults, false);
  }

  /**
   * @param archived whether stores read the archive
   */
  TestServer(Path folder, boolean settableFaults, boolean archived) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("stores"));
    pipeline = new EmbeddedPipeline(folder.resolve("pipeline"), observer("pipeline"));
    alarms = new EmulatorAlarms(folder.resolve("platform.sqlite"));
    StoreFiles files = new StoreFiles(folder.resolve("stores"));
    archive =
        new Archive(
            Archive.Settings.in(folder, 1_000), pipeline, faults, scheduler, observer("archive"));
    objects =
        new DurableObjects(
            new ObjectHost(
                "test",
                archived ? Map.of("ARCHIVE_SETTLE_MS", "0") : Map.of(),
                files,
                alarms,
                json -> faults.before(pipeline.stream(EmbeddedPipeline.EVENTS, json)),
                scheduler,
                executor,
                this::observer,
                archived ? archive::reader : null,
                more -> {}));
    objects.armAlarms();
    archive.start();
    directory = new EmulatorDirectory(folder.resolve("directory.sqlite"));
    server =
        new HttpServer(
            "127.0.0.1",
            0,
            objects,
            directory,
            pipeline,
            archive,
            faults,
            settableFaults,
            AccessGuardTest.guard(Map.of("PUBLIC", "true"), false),
            scheduler);
    server.start();
  }

  int port() {
    return server.port();
  }

  Path file(String namespace) {
    return new StoreFiles(folder.resolve("stores")).file(namespace);
  }

  /** Whether the namespace's object has its file open: SQLite keeps this one beside it then. */
  boolean isAwake(String namespace) {
    return Files.exists(Path.of(file(namespace) + "-wal"));
  }

  /** Moves time on, second by second, until the object sleeps. */
  void hibernate(String namespace) throws InterruptedException {
    await(
        () -> {
          scheduler.advance(1_000);
          return !isAwake(namespace);
        });
  }

  HttpResponse<String> request(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofMillis(DEADLINE_MS))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  JsonObject json(String method, String path) throws IOException, InterruptedException {
    return new JsoniterJson().parse(request(method, path, "").body());
  }

  TestSocket connect(String namespace) {
    return new TestSocket(http, port(), namespace);
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not so within " + DEADLINE_MS + " ms");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  void close() throws InterruptedException {
    server.stop();
    archive.close();
    pipeline.close();
    executor.shutdownNow();
    executor.awaitTermination(5, TimeUnit.SECONDS);
    alarms.close();
    directory.close();
  }

  private StoreObserver observer(String about) {
    return new StoreObserver() {
      @Override
      public void info(String message) {
        log.add(about + " info " + message);
      }

      @Override
      public void warning(String message) {
        log.add(about + " warning " + message);
      }

      @Override
      public void error(String message) {
        log.add(about + " error " + message);
      }
    };
  }
}
