package dev.unifiedstorage.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.StoreHttp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A server whose stores read an archive, and that archive.
 *
 * <p>The emulator has its own, which dies and comes back with it. For a Worker an emulator stands
 * beside it as its Pipeline and its catalog, as Cloudflare would, and kills spare that.
 */
final class ArchivedServer implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofMinutes(2);
  private static final Until ARCHIVED = Until.within(Duration.ofSeconds(60));

  private final StoreServer server;

  /** Null when the server has its own. */
  private final ServerProcess archive;

  private ArchivedServer(StoreServer server, ServerProcess archive) {
    this.server = server;
    this.archive = archive;
  }

  static ArchivedServer start(Setup setup, Path directory, Duration rollInterval)
      throws IOException {
    if (Target.current().hasEmulatorRoutes()) {
      Setup own = setup.withFaults().rollingEvery(rollInterval);
      return new ArchivedServer(StoreServer.start(own, directory.resolve("data")), null);
    }
    StoreServer.build();
    int port = ServerProcess.freePort();
    List<String> flags = List.of("--faults", "--roll-interval", "" + rollInterval.toMillis());
    List<String> command =
        ServerProcess.emulatorCommand(Target.jar(), directory.resolve("archive"), port, flags);
    if (!setup.measured()) {
      command.addAll(1, Target.shortLived());
    }
    ServerProcess archive =
        ServerProcess.start(command, port, directory.resolve("archive.log"), START_DEADLINE);
    try {
      Setup reading = archivedAt(setup, URI.create("http://127.0.0.1:" + port));
      StoreServer server = StoreServer.start(reading, directory.resolve("data"));
      return new ArchivedServer(server, archive);
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  private static Setup archivedAt(Setup setup, URI emulator) {
    return setup
        .sendingTo(emulator.resolve("/pipelines/events"))
        .with("ICEBERG_CATALOG_URL", emulator.resolve("/iceberg").toString())
        .with("ICEBERG_OBJECTS_URL", emulator.resolve("/objects").toString())
        // The emulator's sink keeps order, so nothing lands behind a fence.
        .with("ARCHIVE_SETTLE_MS", "0");
  }

  StoreServer server() {
    return server;
  }

  /** Starts the killed server again with other vars, over the same data and archive. */
  void startAgain(Setup setup, Duration rollInterval) throws IOException {
    server.startAgain(
        archive == null
            ? setup.withFaults().rollingEvery(rollInterval)
            : archivedAt(setup, URI.create("http://127.0.0.1:" + archive.port())));
  }

  /** Sets what the Pipeline does to sends, in the words of {@code PUT /faults}. */
  void faultPipeline(String mode, int delayMs) throws IOException {
    archive().faults("{\"pipeline\":{\"mode\":\"%s\",\"delayMs\":%d}}".formatted(mode, delayMs));
  }

  void stallSink() throws IOException {
    archive().faults("{\"sink\":{\"mode\":\"stall\"}}");
  }

  /** Has the sink drop what it would bring to the table. */
  void dropInSink() throws IOException {
    archive().faults("{\"sink\":{\"mode\":\"drop\"}}");
  }

  /** Sends records of the test's own to the Pipeline; its answer. */
  JsonNode send(String records) throws IOException {
    return archive().json("POST", "/pipelines/events", records);
  }

  /** How many records the sink has dropped. */
  int droppedRecords() throws IOException {
    return archive().json("GET", "/archive", null).path("droppedRecords").asInt();
  }

  void resumeSink() throws IOException {
    archive().faults("{\"sink\":{\"mode\":\"ok\"}}");
  }

  /** Erases rows of the table: those {@code before} a moment, or of a {@code namespace}. */
  HttpResponse<String> erase(String query) throws IOException {
    return archive().request("POST", "/archive/erase?" + query, null);
  }

  /** Waits until everything that the Pipeline accepted is in the table. */
  void awaitArchived() throws Exception {
    ARCHIVED.sees(
        "a table that has the whole log",
        () -> archive().json("GET", "/archive", null),
        ArchivedServer::isWhole);
  }

  /** What the Pipeline has accepted, in its order. */
  List<JsonNode> records() throws IOException {
    List<JsonNode> records = new ArrayList<>();
    archive().json("GET", "/pipelines/events?from=0&limit=1000", null).forEach(records::add);
    return records;
  }

  private static boolean isWhole(JsonNode archive) {
    return archive.path("nextOffset").asLong(-1) >= archive.path("logEnd").asLong();
  }

  private StoreHttp archive() {
    return archive == null ? server.http() : archive.http();
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (archive != null) {
      archive.close();
    }
  }
}
