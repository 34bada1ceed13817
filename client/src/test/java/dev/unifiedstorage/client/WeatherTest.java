package dev.unifiedstorage.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against a real store, through a network with the weather that client-js has too. */
final class WeatherTest {
  private static final Path WEATHER = Path.of("../client-js/test/weather.json");

  private final Map<?, ?> weather;

  WeatherTest() throws Exception {
    weather = (Map<?, ?>) JsonText.parse(Files.readString(WEATHER));
  }

  private static int number(Map<?, ?> of, String name) {
    return ((Double) of.get(name)).intValue();
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void writesInBadWeatherAreEachCarriedOutOnceAndInOrder() throws Exception {
    int things = number(weather, "things");
    int burst = number(weather, "burst");
    try (Emulator emulator = Emulator.start(EmulatorOptions.builder().port(0).build());
        WeatherProxy proxy = new WeatherProxy(emulator.port(), 5)) {
      URI url = URI.create("ws://127.0.0.1:" + proxy.port() + "/stores/weather");
      ClientOptions options =
          ClientOptions.of(url).withHeartbeat(Duration.ofMillis(number(weather, "heartbeatMs")));
      try (StoreClient writer = hurried(options);
          StoreClient reader = hurried(options)) {
        LiveSet live = reader.live(Query.of("Card"));
        List<CompletableFuture<Written>> writes = new ArrayList<>();
        for (Object each : (List<?>) weather.get("phases")) {
          Map<?, ?> phase = (Map<?, ?>) each;
          if (phase.containsKey("kill")) {
            emulator.crash();
            continue;
          }
          proxy.set(
              new WeatherProxy.Phase(
                  number(phase, "delayMs"),
                  (Double) phase.get("cut"),
                  (Double) phase.get("halfOpen")));
          for (int i = 0; i < number(phase, "bursts") * burst; i++) {
            int n = writes.size();
            writes.add(writer.put("Card", "c" + n % things, Map.of("points", n)));
            if (n % burst == 0) {
              writes.get(Math.max(0, n - 3 * burst)).join();
            }
          }
        }
        CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();
        int written = number(weather, "writes");
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

  /**
   * A client whose time runs faster than the network's, so that its pauses do not make the test
   * long.
   */
  private StoreClient hurried(ClientOptions options) {
    int speed = number(weather, "clientSpeed");
    Platform jdk = new JdkPlatform(options);
    Platform hurried =
        new Platform() {
          @Override
          public void execute(Runnable task) {
            jdk.execute(task);
          }

          @Override
          public Runnable after(double ms, Runnable task) {
            return jdk.after(ms / speed, task);
          }

          @Override
          public double nowMs() {
            return jdk.nowMs() * speed;
          }

          @Override
          public double random() {
            return jdk.random();
          }

          @Override
          public String secret() {
            return jdk.secret();
          }

          @Override
          public Socket open(Listener listener) {
            return jdk.open(listener);
          }

          @Override
          public void close() {
            jdk.close();
          }
        };
    return new StoreClient(hurried, options.maxPending(), options.heartbeat().toMillis());
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
