package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.client.ClientOptions;
import dev.unifiedstorage.client.Query;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.driver.StoreHttp;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
    try (StoreClient store = connect(namespace);
        StoreClient copied = connect(copy())) {
      String before = store.query(Query.of("Airport").limit(1)).join().at();
      out.printf("mistake: all %,d airports are deleted%n", deleteAirports(store));

      long start = System.nanoTime();
      JsonNode fork = atBefore("fork", before, copy());
      out.printf(
          "fork: %s is a copy of the moment before, %,d things, in %,d ms%n",
          copy(), fork.path("things").asLong(), millisSince(start));
      List<String> mismatches = new Verifier(copied, expected).mismatches();

      start = System.nanoTime();
      JsonNode restored = atBefore("restore", before, null);
      out.printf(
          "restore: %s is what it was before, %,d things, in %,d ms%n",
          namespace, restored.path("things").asLong(), millisSince(start));
      mismatches.addAll(new Verifier(store, expected, false).mismatches());
      return mismatches;
    }
  }

  private StoreClient connect(String store) {
    return StoreClient.connect(ClientOptions.of(http.socket(store)));
  }

  private int deleteAirports(StoreClient store) {
    List<Airport> airports = expected.airports();
    for (int from = 0; from < airports.size(); from += OPERATIONS_A_BATCH) {
      List<Map<String, ?>> deletions = new ArrayList<>();
      airports
          .subList(from, Math.min(airports.size(), from + OPERATIONS_A_BATCH))
          .forEach(airport -> deletions.add(Map.of("type", "delete", "$id", airport.id())));
      store.batch(deletions, true).join();
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
