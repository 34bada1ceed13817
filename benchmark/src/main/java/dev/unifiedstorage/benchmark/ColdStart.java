package dev.unifiedstorage.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.SocketLoop;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How long a store of so many things takes to answer after its server was stopped and started.
 *
 * <p>The server is stopped by SIGTERM (a clean start follows) or SIGKILL (recovery replays what no
 * checkpoint holds).
 */
record ColdStart(Path jar, Path data, int things, int bytes, boolean kill) {
  private static final String NAMESPACE = "cold-start";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** What the restart cost. */
  record Result(int things, JsonNode recovery, double connectMillis, double firstReadMillis) {}

  Result run() throws IOException, InterruptedException {
    Path log = data.resolve("server.log");
    int port = ServerProcess.freePort();
    List<String> command = ServerProcess.emulatorCommand(jar, data, port, List.of());
    // One socket stays open until the stop: when the last one closes, a store checkpoints.
    try (ServerProcess server = ServerProcess.start(command, port, log, DEADLINE);
        SocketLoop loop = new SocketLoop()) {
      loop.connect(server.http().socket(NAMESPACE), 1);
      populate(server.http().socket(NAMESPACE));
      if (kill) {
        server.kill();
      } else {
        server.terminate(DEADLINE);
      }
    }
    try (ServerProcess server = ServerProcess.start(command, port, log, DEADLINE)) {
      return firstRead(server);
    }
  }

  private void populate(URI socket) throws IOException, InterruptedException {
    int batches = Math.max(1, things / Workload.BATCH_SIZE);
    Load load =
        new Load(
            new Load.Settings(
                Workload.Kind.BATCH, 1, 4, bytes, batches, false, Workload.MIX_THINGS, 0));
    Load.Result result = load.run(socket, 600);
    if (!result.errors().isEmpty()) {
      throw new IOException("could not populate the store: " + result.errors());
    }
  }

  private Result firstRead(ServerProcess server) throws IOException {
    try (SocketLoop loop = new SocketLoop()) {
      long start = System.nanoTime();
      StoreSocket socket = loop.connect(server.http().socket(NAMESPACE), 1);
      long connected = System.nanoTime();
      ObjectNode read = StoreSocket.JSON.createObjectNode().put("type", "read");
      read.putArray("$ids").add("absent");
      JsonNode reply = socket.call(read);
      long answered = System.nanoTime();
      JsonNode stats = server.http().stats(NAMESPACE);
      if (!"ok".equals(reply.path("status").asText())) {
        throw new IOException("the first read answered " + reply);
      }
      return new Result(
          stats.path("entries").asInt(),
          stats.path("recovery"),
          (connected - start) / 1e6,
          (answered - connected) / 1e6);
    }
  }
}
