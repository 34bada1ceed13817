package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.client.ClientOptions;
import dev.unifiedstorage.client.HurriedClient;
import dev.unifiedstorage.client.LiveChange;
import dev.unifiedstorage.client.LiveSet;
import dev.unifiedstorage.client.Query;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.client.Thing;
import dev.unifiedstorage.client.Written;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The client for Java and a store, with the weather between them that client-js has too: delays,
 * cuts, connections that end without a word, SIGKILL, and objects that leave the memory.
 */
@Order(4)
class ClientWeatherTest {
  private static final Path WEATHER = Path.of("..", "client-js", "test", "weather.json");
  private static final String NAMESPACE = "weather";
  @TempDir private Path directory;

  private final JsonNode weather;

  ClientWeatherTest() throws IOException {
    weather = StoreSocket.JSON.readTree(WEATHER.toFile());
  }

  @Test
  @Timeout(600)
  void writesInBadWeatherAreEachCarriedOutOnceAndInOrder() throws Exception {
    int things = weather.path("things").asInt();
    int burst = weather.path("burst").asInt();
    Setup setup = setup();
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        WeatherProxy proxy = new WeatherProxy(server.process().port(), 5)) {
      URI url = URI.create("ws://127.0.0.1:" + proxy.port() + "/stores/" + NAMESPACE);
      try (StoreClient writer = connect(url);
          StoreClient reader = connect(url)) {
        LiveSet live = reader.live(Query.of("Card"));
        List<CompletableFuture<Written>> writes = new ArrayList<>();
        for (JsonNode phase : weather.path("phases")) {
          if (phase.has("kill")) {
            server.process().kill();
            server.startAgain(setup);
            continue;
          }
          if (phase.has("evict")) {
            Target.current().evict(server.http(), NAMESPACE);
            continue;
          }
          proxy.set(
              new WeatherProxy.Phase(
                  phase.path("delayMs").asInt(),
                  phase.path("cut").asDouble(),
                  phase.path("halfOpen").asDouble()));
          for (int i = 0; i < phase.path("bursts").asInt() * burst; i++) {
            int n = writes.size();
            writes.add(writer.put("Card", "c" + n % things, Map.of("points", n)));
            if (n % burst == 0) {
              writes.get(Math.max(0, n - 3 * burst)).join();
            }
          }
        }
        CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();
        int written = weather.path("writes").asInt();
        assertEquals(written, writes.size());
        List<String> ids = IntStream.range(0, things).mapToObj(i -> "c" + i).toList();
        Map<String, Thing> cards = new HashMap<>(writer.read(ids).join());
        for (int i = 0; i < things; i++) {
          Thing card = cards.get("c" + i);
          assertEquals(written / things, card.version(), card.id() + ": a version a write");
          assertEquals((double) (written - things + i), card.get("points"), card.id());
        }
        writer.put("Card", "last", Map.of()).join();
        cards.put("last", writer.get("last").join().orElseThrow());
        shows(live, "last").join();
        assertEquals(cards, live.things());
      }
    }
  }

  private Setup setup() {
    Setup setup = Setup.plain().withFaults().withEndableObjects();
    for (Map.Entry<String, JsonNode> each : weather.path("vars").properties()) {
      setup = setup.with(each.getKey(), each.getValue().asText());
    }
    return setup;
  }

  private StoreClient connect(URI url) {
    Duration heartbeat = Duration.ofMillis(weather.path("heartbeatMs").asInt());
    return HurriedClient.connect(
        ClientOptions.of(url).withHeartbeat(heartbeat), weather.path("clientSpeed").asInt());
  }

  /** Completes when a live set that follows shows a thing. */
  private static CompletableFuture<Void> shows(LiveSet live, String id) {
    CompletableFuture<Void> shown = new CompletableFuture<>();
    live.subscribe(
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
            onNext(null);
          }

          @Override
          public void onNext(LiveChange change) {
            if (live.state() == LiveSet.State.CHANGES && live.things().containsKey(id)) {
              shown.complete(null);
            }
          }

          @Override
          public void onError(Throwable error) {
            shown.completeExceptionally(error);
          }

          @Override
          public void onComplete() {
            shown.completeExceptionally(new IllegalStateException("the live set has ended"));
          }
        });
    return shown;
  }
}
