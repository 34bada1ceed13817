package dev.unifiedstorage.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client promises, in a world in memory. */
final class StoreClientTest {
  private static final long DEADLINE_S = 30;

  private FakeWorld world = new FakeWorld(1);

  private StoreClient client() {
    return new StoreClient(world, 10_000, 0);
  }

  private static List<CompletableFuture<Written>> creates(StoreClient store, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> store.create("Card", Map.of("$id", "c" + i)))
        .toList();
  }

  private void getAll(List<? extends CompletableFuture<?>> futures) {
    world.get(CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)));
  }

  private String refusal(CompletableFuture<?> future) {
    world.until(future::isDone);
    Throwable thrown = assertThrows(CompletionException.class, future::join).getCause();
    return ((StoreError) thrown).code();
  }

  @Test
  void whatIsAskedInOneTurnLeavesAsOneFrame() {
    StoreClient store = client();
    world.until(() -> store.status().online());
    world.messages.clear();
    getAll(creates(store, 50));
    assertEquals(1, world.messages.size());
    assertEquals(50, ((List<?>) world.messages.get(0)).size());
    assertEquals(Set.of("c7"), world.get(store.read(List.of("c7", "absent"))).keySet());
  }

  @Test
  void whatACallerChangesAfterwardsIsNotSent() {
    StoreClient store = client();
    Map<String, Object> data = new LinkedHashMap<>(Map.of("$id", "c", "points", 1));
    CompletableFuture<Written> created = store.create("Card", data);
    data.put("points", 2);
    world.get(created);
    assertEquals(1.0, ((Map<?, ?>) world.applied.get(0).get("data")).get("points"));
  }

  @Test
  void noMoreThan256WritesAreOnTheirWay() {
    StoreClient store = client();
    getAll(creates(store, 1_000));
    assertTrue(
        world.messages.stream()
            .allMatch(one -> !(one instanceof List<?> frame) || frame.size() <= 256));
    assertEquals(1_000, world.applied.size());
    assertEquals("c999", ((Map<?, ?>) world.applied.get(999).get("data")).get("$id"));
  }

  @Test
  void writesWaitWhileTheStoreCannotBeReached() {
    world.down = true;
    StoreClient store = client();
    CompletableFuture<Written> write = store.create("Card", Map.of("$id", "c"));
    world.pass(60_000);
    assertFalse(store.status().online());
    assertEquals(1, store.status().pending());
    world.down = false;
    assertEquals("c", world.get(write).id());
    assertEquals(0, store.status().pending());
  }

  @Test
  void anAnswerThatIsLostComesAgainAndTheWriteIsCarriedOutOnce() {
    StoreClient store = client();
    CompletableFuture<Written> write = store.create("Card", Map.of("$id", "c"));
    world.until(() -> world.applied.size() == 1);
    world.cutAll();
    assertTrue(world.get(write).replayed());
    assertEquals(1, world.applied.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[null]", "3", "{", "[{},[]]"})
  void whatIsNoReplyEndsTheSocketAndTheNextOneGoesOn(String text) {
    StoreClient store = client();
    world.until(() -> store.status().online());
    world.tellAll(text);
    world.until(() -> !store.status().online());
    assertEquals("c", world.get(store.create("Card", Map.of("$id", "c"))).id());
  }

  @Test
  void aRefusalThatLeavesTheNumberUnusedIsNoAnswer() {
    StoreClient store = client();
    int[] refusals = {2};
    world.refusal =
        request ->
            Double.valueOf(3).equals(request.get("n")) && refusals[0]-- > 0
                ? FakeWorld.error("OVERLOADED", Map.of("retryAfterMs", 500))
                : null;
    double before = world.nowMs();
    getAll(creates(store, 6));
    assertTrue(world.nowMs() - before >= 1_000);
    assertEquals(6, world.applied.size());
  }

  @Test
  void aWriteThatIsRefusedFailsAndThoseBehindItAreCarriedOut() {
    StoreClient store = client();
    CompletableFuture<Written> absent = store.update("nothing", Edits.none().set("points", 1));
    world.get(store.create("Card", Map.of("$id", "c")));
    assertEquals("NOT_FOUND", refusal(absent));
  }

  private static Map<String, Object> tooLarge(Map<String, Object> request) {
    return request.get("data") instanceof Map<?, ?> data && "large".equals(data.get("$id"))
        ? FakeWorld.error("PAYLOAD_TOO_LARGE", Map.of())
        : null;
  }

  @Test
  void aWriteThatIsTooLargeLeavesItsPlaceToTheNextInANewSession() {
    StoreClient store = client();
    world.refusal = StoreClientTest::tooLarge;
    CompletableFuture<Written> large;
    List<CompletableFuture<Written>> others = new ArrayList<>();
    others.add(store.create("Card", Map.of("$id", "one")));
    large = store.create("Card", Map.of("$id", "large"));
    others.add(store.create("Card", Map.of("$id", "two")));
    getAll(others);
    assertEquals("PAYLOAD_TOO_LARGE", refusal(large));
    assertEquals(Set.of("one", "two"), world.things.keySet());
    assertEquals(2, world.sessions());
    assertEquals("TOO_LARGE", refusal(store.create("Card", Map.of("text", "x".repeat(1_100_000)))));
  }

  @Test
  void ofAForgottenSessionWhatWasSentIsUnknownAndWhatWasNotGoesOn() {
    StoreClient store = client();
    world.get(store.create("Card", Map.of("$id", "first")));
    world.cut = 1;
    CompletableFuture<Written> sent = store.create("Card", Map.of("$id", "sent"));
    world.until(() -> !store.status().online());
    world.forgetSessions();
    CompletableFuture<Written> unsent = store.create("Card", Map.of("$id", "unsent"));
    world.fairWeather();
    world.get(unsent);
    assertEquals("SESSION_EXPIRED", refusal(sent));
    assertEquals(Set.of("first", "unsent"), world.things.keySet());
  }

  @Test
  void theQueueIsBounded() {
    world.down = true;
    StoreClient store = new StoreClient(world, 3, 0);
    List<CompletableFuture<Written>> writes = creates(store, 3);
    assertEquals("QUEUE_FULL", refusal(store.create("Card", Map.of("$id", "c4"))));
    world.down = false;
    getAll(writes);
  }

  @Test
  void aHalfOpenSocketIsFoundByAPing() {
    StoreClient store = new StoreClient(world, 100, 5_000);
    world.until(() -> store.status().online());
    world.halfOpen = 1;
    CompletableFuture<Written> write = store.create("Card", Map.of("$id", "c"));
    world.pass(10);
    world.fairWeather();
    world.get(write);
  }

  @Test
  void aHelloThatIsNotAnsweredIsGivenUpWithoutAHeartbeatToo() {
    StoreClient store = client();
    world.refusal = StoreClientTest::tooLarge;
    assertEquals("PAYLOAD_TOO_LARGE", refusal(store.create("Card", Map.of("$id", "large"))));
    world.halfOpen = 1;
    world.pass(10);
    world.fairWeather();
    world.get(store.put("Card", "c", Map.of()));
  }

  @Test
  void closeFailsWhatWaitsAndWhatComes() {
    StoreClient store = client();
    LiveSet live = store.live(Query.of("Card"));
    CompletableFuture<Written> write = store.create("Card", Map.of("$id", "c"));
    store.close();
    assertEquals("CLOSED", refusal(write));
    assertEquals("CLOSED", refusal(store.read(List.of("c"))));
    assertEquals("CLOSED", refusal(live.ready()));
    assertEquals(LiveSet.State.CLOSED, live.state());
  }

  @Test
  void whatComesBehindTheEndOfTheClientsThreadFailsToo() {
    StoreClient store = StoreClient.connect(ClientOptions.of(URI.create("ws://127.0.0.1:1/x")));
    store.close();
    // The first may be in the queue yet; the others come when the thread takes nothing any more.
    assertEquals("CLOSED", refusalInTime(store.read(List.of("c"))));
    assertEquals("CLOSED", refusalInTime(store.create("Card", Map.of())));
    assertEquals("CLOSED", refusalInTime(store.batch(List.of(), false)));
    LiveSet live = store.live(Query.of("Card"));
    assertEquals("CLOSED", refusalInTime(live.ready()));
    assertEquals(LiveSet.State.CLOSED, live.state());
    store.settled().orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
    live.close();
    store.close();
  }

  private static String refusalInTime(CompletableFuture<?> future) {
    CompletableFuture<?> inTime = future.orTimeout(DEADLINE_S, TimeUnit.SECONDS);
    Throwable thrown = assertThrows(CompletionException.class, inTime::join).getCause();
    return assertInstanceOf(StoreError.class, thrown).code();
  }

  @Test
  void aListenerThatThrowsIsHeardOfAndDisturbsNothing() {
    List<Throwable> uncaught = new ArrayList<>();
    Thread thread = Thread.currentThread();
    Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
    thread.setUncaughtExceptionHandler((of, thrown) -> uncaught.add(thrown));
    try {
      StoreClient store = client();
      RuntimeException mine = new IllegalStateException("a listener of the status");
      store.onStatus(
          now -> {
            throw mine;
          });
      List<SyncStatus> told = new ArrayList<>();
      store.onStatus(told::add);
      getAll(creates(store, 3));
      assertFalse(told.isEmpty());
      assertEquals(told.size(), uncaught.size());
      assertEquals(Set.of(mine), Set.copyOf(uncaught));
    } finally {
      thread.setUncaughtExceptionHandler(before);
    }
  }

  @Test
  void aLiveSetGoesOnAfterALoss() {
    StoreClient store = client();
    getAll(creates(store, 3));
    LiveSet live = store.live(Query.of("Card"));
    Heard heard = new Heard();
    live.subscribe(heard);
    world.get(live.ready());
    assertEquals(Set.of("c0", "c1", "c2"), live.things().keySet());
    world.cutAll();
    assertEquals(LiveSet.State.STALE, live.state());
    world.get(store.update("c0", Edits.none().set("points", 7)));
    world.get(store.delete("c1"));
    world.until(() -> live.state() == LiveSet.State.CHANGES && live.things().size() == 2);
    assertEquals(7.0, live.things().get("c0").get("points"));
    assertEquals(List.of(3, 0), List.of(heard.changes.get(0), heard.changes.get(1)));
    live.close();
    world.until(() -> live.state() == LiveSet.State.CLOSED);
  }

  @Test
  void aLiveSetThatBeginsBetweenTwoSessionsOfASocketFollows() {
    StoreClient store = client();
    getAll(creates(store, 1));
    world.refusal = StoreClientTest::tooLarge;
    CompletableFuture<LiveSet> live =
        store
            .create("Card", Map.of("$id", "large"))
            .handle((done, refused) -> store.live(Query.of("Card")));
    assertEquals(Set.of("c0"), world.get(world.get(live).ready()).things().keySet());
    assertTrue(store.status().online());
  }

  private static final class Heard implements Flow.Subscriber<LiveChange> {
    final List<Integer> changes = new ArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(LiveChange change) {
      changes.add(change.changes().size());
    }

    @Override
    public void onError(Throwable error) {
      throw new AssertionError(error);
    }

    @Override
    public void onComplete() {}
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void tenThousandWritesUnderWeatherAreEachCarriedOutOnceAndInOrder(long seed) {
    world = new FakeWorld(seed);
    StoreClient store = new StoreClient(world, 10_000, 2_000);
    LiveSet live = store.live(Query.of("Card"));
    Random random = new Random(seed);
    world.refusal =
        request ->
            random.nextDouble() < 0.001 && request.containsKey("n")
                ? FakeWorld.error("OVERLOADED", Map.of("retryAfterMs", 20))
                : null;
    List<CompletableFuture<Written>> writes = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      if (i % 100 == 0) {
        world.delayMs = 1 + random.nextInt(50);
        world.cut = random.nextDouble() * 0.05;
        world.halfOpen = random.nextDouble() * 0.005;
        world.pass(1 + random.nextInt(100));
      }
      writes.add(store.put("Card", "c" + i % 500, Map.of("points", i)));
    }
    getAll(writes);
    List<Object> points = new ArrayList<>();
    world.applied.forEach(write -> points.add(((Map<?, ?>) write.get("data")).get("points")));
    assertEquals(IntStream.range(0, 10_000).mapToObj(Double::valueOf).toList(), points);
    world.refusal = request -> null;
    world.fairWeather();
    world.get(store.put("Card", "last", Map.of()));
    world.until(() -> live.state() == LiveSet.State.CHANGES && live.things().containsKey("last"));
    Map<String, Thing> expected = new LinkedHashMap<>();
    world.things.forEach((id, thing) -> expected.put(id, Thing.of(thing)));
    assertEquals(expected, live.things());
  }
}
