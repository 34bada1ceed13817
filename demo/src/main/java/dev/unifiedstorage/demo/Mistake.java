package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.SocketLoop;
import dev.unifiedstorage.driver.StoreHttp;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * A mistake that is acknowledged, and the two ways back: a copy of the moment before, and the store
 * itself made what it was then.
 *
 * <p>The copy has the versions of then. In the restored store they have gone on, for a restore is
 * written as ordinary changes.
 */
record Mistake(StoreHttp http, String namespace, Expected expected) {
  private static final int OPERATIONS_A_BATCH = 1_000;
  private static final Duration ARCHIVE_DEADLINE = Duration.ofMinutes(2);

  /** Where the copy of the moment before begins. */
  String copy() {
    return namespace + "-before";
  }

  /** Makes the mistake and goes both ways back; returns what is wrong afterwards. */
  List<String> makeAndUndo(PrintStream out) throws IOException {
    try (SocketLoop loop = new SocketLoop()) {
      StoreSocket socket = loop.connect(http.socket(namespace), 1);
      String before = moment(socket);
      out.printf("mistake: all %,d airports are deleted%n", deleteAirports(socket));

      long start = System.nanoTime();
      JsonNode fork = atBefore("fork", before, copy());
      out.printf(
          "fork: %s is a copy of the moment before, %,d things, in %,d ms%n",
          copy(), fork.path("things").asLong(), millisSince(start));
      StoreSocket copied = loop.connect(http.socket(copy()), 1);
      List<String> mismatches = new Verifier(copied, expected).mismatches();

      start = System.nanoTime();
      JsonNode restored = atBefore("restore", before, null);
      out.printf(
          "restore: %s is what it was before, %,d things, in %,d ms%n",
          namespace, restored.path("things").asLong(), millisSince(start));
      mismatches.addAll(new Verifier(socket, expected, false).mismatches());
      return mismatches;
    }
  }

  private String moment(StoreSocket socket) {
    ObjectNode count = StoreSocket.JSON.createObjectNode();
    return socket.call(count.put("type", "count").put("$type", "Airport")).path("at").asText();
  }

  private int deleteAirports(StoreSocket socket) throws IOException {
    List<Airport> airports = expected.airports();
    for (int from = 0; from < airports.size(); from += OPERATIONS_A_BATCH) {
      ObjectNode batch = StoreSocket.JSON.createObjectNode().put("type", "batch");
      var operations = batch.putArray("operations");
      airports
          .subList(from, Math.min(airports.size(), from + OPERATIONS_A_BATCH))
          .forEach(a -> operations.addObject().put("type", "delete").put("$id", a.id()));
      JsonNode reply = socket.call(batch);
      if (!"ack".equals(reply.path("status").asText())) {
        throw new IOException("the deletions were answered " + reply);
      }
    }
    return airports.size();
  }

  /** Asks until the archive has come as far as the moment. */
  private JsonNode atBefore(String route, String before, String to) throws IOException {
    ObjectNode body = StoreSocket.JSON.createObjectNode().put("at", before);
    if (to != null) {
      body.put("to", to);
    }
    String path = "/stores/" + namespace + "/" + route;
    long deadline = System.nanoTime() + ARCHIVE_DEADLINE.toNanos();
    while (true) {
      HttpResponse<String> answer = http.request("POST", path, body.toString());
      JsonNode json = StoreSocket.JSON.readTree(answer.body());
      if (answer.statusCode() == 200) {
        return json;
      }
      if (answer.statusCode() != 503 || System.nanoTime() > deadline) {
        throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
      }
      sleep(json.path("error").path("details").path("retryAfterMs").asLong(500));
    }
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the archive catches up", e);
    }
  }

  private static long millisSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }
}
