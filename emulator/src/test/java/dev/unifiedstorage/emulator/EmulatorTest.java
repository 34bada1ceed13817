package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.object.DirectSocket;
import dev.unifiedstorage.emulator.pipeline.Faults.PipelineMode;
import dev.unifiedstorage.emulator.pipeline.Faults.SinkMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulator inside a program, and time that moves when the program says so. */
class EmulatorTest {
  private static final int DEADLINE_S = 20;
  private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());

  @TempDir Path folder;
  private final List<Emulator> running = new ArrayList<>();

  @AfterEach
  void close() {
    running.forEach(Emulator::close);
  }

  @Test
  void twoInOneProcessShareNothing() throws Exception {
    Emulator first = start(options());
    Emulator second = start(options());
    assertTrue(first.port() != second.port());
    assertTrue(ask(first, create("a")).contains("\"ack\""));
    assertTrue(ask(second, read("a")).contains("\"things\":{}"));
    assertEquals(2, first.events(0).size(), "the fence and the event");
    assertEquals(0, second.events(0).size());
  }

  @Test
  void theEndLeavesNothingBehind() throws Exception {
    Emulator emulator = start(options());
    int port = emulator.port();
    Path data = emulator.data();
    assertTrue(ask(emulator, create("a")).contains("\"ack\""));
    emulator.close();
    emulator.close();
    assertFalse(Files.exists(data));
    try (ServerSocket free = new ServerSocket(port)) {
      assertEquals(port, free.getLocalPort());
    }
  }

  @Test
  void aCopiedFileBeginsAsAForkOfTheStoreThatWroteIt() throws Exception {
    Path data = folder.resolve("data");
    EmulatorOptions kept = options().data(data).var("DURABILITY", "local").build();
    Emulator first = Emulator.start(kept);
    first.await(first.store("tenant").create("T", Map.of("$id", "a", "n", 1)));
    first.close();
    Files.copy(data.resolve("stores/tenant.sqlite"), data.resolve("stores/copy.sqlite"));
    Emulator second = Emulator.start(kept);
    running.add(second);
    Store copy = second.store("copy");
    assertEquals(1.0, second.await(copy.read(List.of("a"))).get("a").get("n"));
    second.await(copy.update("a", Map.of("increment", Map.of("n", 1))));
    assertEquals(1.0, second.await(second.store("tenant").read(List.of("a"))).get("a").get("n"));
  }

  @Test
  void whatCannotStartLeavesNothingBehindEither() throws Exception {
    Path data = folder.resolve("data");
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      EmulatorOptions options = options().data(data).port(taken.getLocalPort()).build();
      CannotStartException e =
          assertThrows(CannotStartException.class, () -> Emulator.start(options));
      assertTrue(e.getMessage().contains("--port " + taken.getLocalPort()), e.getMessage());
    }
    start(options().data(data));
  }

  @Test
  void aFolderInUseIsRefusedByThatReason() throws Exception {
    Path data = folder.resolve("data");
    start(options().data(data));
    CannotStartException e =
        assertThrows(CannotStartException.class, () -> start(options().data(data)));
    assertEquals(
        "--data "
            + data
            + " is in use by another emulator (process "
            + ProcessHandle.current().pid()
            + "); stop it or choose another folder",
        e.getMessage());
  }

  @Test
  void aFolderIsGoneOnWith() throws Exception {
    Path data = folder.resolve("data");
    Emulator first = start(options().data(data).onDisk());
    assertTrue(ask(first, create("a")).contains("\"ack\""));
    first.close();
    assertTrue(ask(start(options().data(data).onDisk()), read("a")).contains("\"name\""));
  }

  /** The shortest of several, for another program may have the processor meanwhile. */
  @Test
  void startingAndStoppingTakesLessThan300Ms() throws Exception {
    double shortestMs = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 20; i++) {
      long from = System.nanoTime();
      Emulator.start(options().virtualClock().build()).close();
      shortestMs = Math.min(shortestMs, (System.nanoTime() - from) / 1e6);
    }
    assertTrue(shortestMs <= 300, shortestMs + " ms");
  }

  @Test
  void anHourOfAnIdleStoreTakesLessThan300Ms() throws Exception {
    Emulator emulator = start(options().virtualClock());
    assertTrue(ask(emulator, create("a")).contains("\"ack\""));
    double shortestMs = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 10; i++) {
      long from = System.nanoTime();
      emulator.advance(Duration.ofHours(1));
      shortestMs = Math.min(shortestMs, (System.nanoTime() - from) / 1e6);
    }
    assertTrue(shortestMs <= 300, shortestMs + " ms");
  }

  @Test
  void optionsThatAreWrongAreRefusedByTheirName() {
    wrong("port: expected 0 to 65535, found 70000", () -> options().port(70_000).build());
    wrong("rollIntervalMs", () -> options().rollInterval(Duration.ofMillis(1)).build());
    wrong("unknown variable NOPE", () -> options().var("NOPE", "1").build());
    wrong("DURABILITY", () -> options().var("DURABILITY", "perhaps").build());
  }

  @Test
  void aStoreThatCrashesInsideTheArchivesLagFindsItsDataAnHourLater() throws Exception {
    Emulator emulator = start(options().virtualClock().rollInterval(Duration.ofMinutes(5)));
    assertTrue(ask(emulator, create("a")).contains("\"ack\""));
    emulator.crash();
    assertTrue(ask(emulator, read("a")).contains("RECOVERING"), "the archive does not have it");
    emulator.advance(Duration.ofHours(1));
    assertEquals(Instant.parse("2026-01-01T01:00:00Z"), emulator.now());
    assertTrue(ask(emulator, read("a")).contains("RECOVERING"), "it has only begun to look");
    emulator.advance(Duration.ofSeconds(1));
    assertTrue(ask(emulator, read("a")).contains("\"name\":\"Alice\""));
  }

  @Test
  void theIcebergArchiveFollowsTheSameClock() throws Exception {
    Emulator emulator =
        start(options().onDisk().virtualClock().rollInterval(Duration.ofSeconds(10)));
    assertTrue(ask(emulator, create("a")).contains("\"ack\""));
    emulator.crash();
    assertTrue(ask(emulator, read("a")).contains("RECOVERING"));
    emulator.advance(Duration.ofSeconds(9));
    assertFalse(emulator.isArchived());
    emulator.advance(Duration.ofSeconds(1));
    assertTrue(emulator.isArchived());
    emulator.advance(Duration.ofSeconds(5));
    assertTrue(ask(emulator, read("a")).contains("\"name\":\"Alice\""));
  }

  @Test
  void aSinkThatStandsStillKeepsAStoreFromStarting() throws Exception {
    Emulator emulator = start(options().virtualClock());
    emulator.faults().sink(SinkMode.STALL);
    assertTrue(ask(emulator, create("a")).contains("\"ack\""));
    emulator.crash();
    emulator.advance(Duration.ofSeconds(20));
    assertTrue(ask(emulator, read("a")).contains("RECOVERING"));
    emulator.faults().sink(SinkMode.OK);
    emulator.advance(Duration.ofSeconds(20));
    assertTrue(ask(emulator, read("a")).contains("\"name\":\"Alice\""));
  }

  @Test
  void retriesFollowTheVirtualClock() throws Exception {
    Emulator emulator = start(options().virtualClock());
    emulator.faults().pipeline(PipelineMode.REJECT, 0);
    BlockingQueue<String> replies = new LinkedBlockingQueue<>();
    DirectSocket socket = emulator.connect("demo", queue(replies));
    socket.message(create("a"));
    emulator.advance(Duration.ofMillis(1_500));
    assertEquals(0, replies.size(), "nothing is acknowledged that was not accepted");
    emulator.faults().pipeline(PipelineMode.OK, 0);
    emulator.advance(Duration.ofSeconds(2));
    assertEquals(1, replies.size());
    assertEquals(2, emulator.events(0).size());
  }

  @Test
  void anObjectLeavesTheMemoryAfterItsIdleTimeAndTheAlarmRings() throws Exception {
    Emulator emulator = start(options().virtualClock());
    assertTrue(ask(emulator, create("a")).contains("\"ack\""));
    emulator.crash();
    String before = bootId(emulator.stats("demo"));
    emulator.advance(Duration.ofMinutes(2));
    String stats = emulator.stats("demo");
    assertTrue(!bootId(stats).equals(before), "it slept and woke");
    assertTrue(stats.contains("\"dirty\":0"), stats);
  }

  @Test
  void evictionKeepsTheSocketAndTheData() throws Exception {
    Emulator emulator = start(options().virtualClock());
    BlockingQueue<String> replies = new LinkedBlockingQueue<>();
    DirectSocket socket = emulator.connect("demo", queue(replies));
    socket.message(create("a"));
    assertTrue(next(replies).contains("\"ack\""));
    String before = bootId(emulator.stats("demo"));
    emulator.evict("demo");
    socket.message(read("a"));
    assertTrue(next(replies).contains("\"name\":\"Alice\""));
    String stats = emulator.stats("demo");
    assertTrue(!bootId(stats).equals(before));
    assertTrue(stats.contains("\"clean\":true"), stats);
  }

  @Test
  void aCrashBreaksSocketsOffAndAnswersNothing() throws Exception {
    Emulator emulator = start(options().virtualClock());
    emulator.faults().pipeline(PipelineMode.HANG, 0);
    BlockingQueue<String> replies = new LinkedBlockingQueue<>();
    DirectSocket socket = emulator.connect("demo", queue(replies));
    socket.message(create("a"));
    emulator.advance(Duration.ZERO);
    emulator.crash();
    assertEquals("closed 1006", next(replies));
    socket.message(create("b"));
    emulator.faults().pipeline(PipelineMode.OK, 0);
    assertTrue(ask(emulator, read("a")).contains("RECOVERING"));
    emulator.advance(Duration.ofSeconds(10));
    assertTrue(ask(emulator, read("a")).contains("\"things\":{}"));
  }

  @Test
  void aClientOnTheNetworkWaitsForWhatTimeBringsAndTimeGoesOn() throws Exception {
    Emulator emulator =
        start(options().virtualClock().var("DURABILITY", "local").var("GROUP_COMMIT_MS", "1000"));
    BlockingQueue<String> replies = new LinkedBlockingQueue<>();
    WebSocket socket = webSocket(emulator, replies);
    for (String id : List.of("a", "b", "c")) {
      socket.sendText(create(id), true).get(DEADLINE_S, TimeUnit.SECONDS);
      assertTrue(next(replies).contains("\"ack\""));
    }
    socket.abort();
    assertTrue(emulator.now().isAfter(Instant.parse("2026-01-01T00:00:00.500Z")));
    HttpResponse<String> rebuilt =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(emulator.url() + "/stores/demo/rebuild"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, rebuilt.statusCode(), rebuilt.body());
  }

  @Test
  void theSameCallsGiveTheSameEventsEveryTime() throws Exception {
    assertEquals(run(), run());
  }

  private List<String> run() throws Exception {
    Emulator emulator = start(options().virtualClock());
    for (int i = 0; i < 20; i++) {
      assertTrue(ask(emulator, create("t" + i)).contains("\"ack\""));
      emulator.advance(Duration.ofMillis(700));
      if (i % 7 == 6) {
        emulator.crash();
        emulator.advance(Duration.ofMinutes(1));
      }
    }
    // Which life and which writer it is, is drawn.
    return emulator.events(0).stream()
        .map(event -> event.replaceAll("\"(writer|parent|life)\":[^,}]*|\\.\\d{8,}\"", "-"))
        .toList();
  }

  @Test
  void theDatabaseIsAFileThatCanBePutBack() throws Exception {
    Emulator emulator = start(options().virtualClock());
    ask(emulator, create("a"));
    emulator.evict("demo");
    Path copy = folder.resolve("copy.sqlite");
    emulator.withDatabase("demo", true, file -> copy(file, copy));
    assertTrue(Files.size(copy) > 0);
    assertThrows(
        IllegalArgumentException.class, () -> emulator.withDatabase("a/b", true, file -> {}));
  }

  private static void copy(Path from, Path to) {
    try (InputStream in = Files.newInputStream(from)) {
      Files.copy(in, to);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static EmulatorOptions.Builder options() {
    return EmulatorOptions.builder().log(SILENT);
  }

  private Emulator start(EmulatorOptions.Builder options) throws CannotStartException {
    Emulator emulator = Emulator.start(options.build());
    running.add(emulator);
    return emulator;
  }

  private static void wrong(String says, org.junit.jupiter.api.function.Executable body) {
    String message = assertThrows(IllegalArgumentException.class, body).getMessage();
    assertTrue(message.contains(says), message);
  }

  /**
   * Asks over a socket of its own, with time going on as far as the answer takes. It stays open:
   * the end of the last one would write a checkpoint.
   */
  private static String ask(Emulator emulator, String message) {
    CompletableFuture<String> reply = new CompletableFuture<>();
    DirectSocket socket =
        emulator.connect(
            "demo",
            new DirectSocket.Listener() {
              @Override
              public void message(String text) {
                reply.complete(text);
              }

              @Override
              public void closed(int code, String reason) {
                reply.complete("closed " + code);
              }
            });
    socket.message(message);
    return emulator.await(reply);
  }

  private static String next(BlockingQueue<String> replies) throws InterruptedException {
    String reply = replies.poll(DEADLINE_S, TimeUnit.SECONDS);
    assertTrue(reply != null, "no reply");
    return reply;
  }

  private static DirectSocket.Listener queue(BlockingQueue<String> replies) {
    return new DirectSocket.Listener() {
      @Override
      public void message(String text) {
        replies.add(text);
      }

      @Override
      public void closed(int code, String reason) {
        replies.add("closed " + code);
      }
    };
  }

  private static WebSocket webSocket(Emulator emulator, BlockingQueue<String> replies)
      throws Exception {
    CompletableFuture<WebSocket> socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                emulator.socketUrl("demo"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(
                      WebSocket webSocket, CharSequence text, boolean last) {
                    replies.add(text.toString());
                    webSocket.request(1);
                    return null;
                  }
                });
    return socket.get(DEADLINE_S, TimeUnit.SECONDS);
  }

  private static String bootId(String stats) {
    int at = stats.indexOf("\"bootId\":\"");
    return stats.substring(at, stats.indexOf('"', at + 10));
  }

  private static String create(String id) {
    return "{\"type\":\"create\",\"id\":1,\"$type\":\"Customer\",\"data\":{\"$id\":\""
        + id
        + "\",\"name\":\"Alice\"}}";
  }

  private static String read(String id) {
    return "{\"type\":\"read\",\"id\":2,\"$ids\":[\"" + id + "\"]}";
  }
}
