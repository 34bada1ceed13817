package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as its own process: exit codes, signals, and what it says when it cannot start. */
class MainTest {
  private static final int DEADLINE_S = 30;

  @TempDir Path folder;
  private final List<Process> running = new ArrayList<>();

  @AfterEach
  void end() {
    running.forEach(Process::destroyForcibly);
  }

  @Test
  void whatCannotStartSaysWhyInOneLine() throws Exception {
    fails(2, "unknown option --prot", "--prot");
    fails(2, "--set: unknown variable NOPE", "--set", "NOPE=1");
    fails(2, "--set: ", "--set", "DURABILITY=perhaps");
    Path file = Files.writeString(folder.resolve("file"), "x");
    fails(1, "cannot be written to", "--data", file.toString(), "--port", "0");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fails(1, "--port " + taken.getLocalPort(), "--port", "" + taken.getLocalPort());
    }
    start("--data", folder.resolve("shared").toString());
    fails(
        1,
        "in use by another emulator",
        "--data",
        folder.resolve("shared").toString(),
        "--port",
        "0");
  }

  @Test
  void helpIsAnAnswer() throws Exception {
    Process process = process("--help");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, exit(process));
    assertTrue(out.contains("--pipeline-url"), out);
  }

  @Test
  void theVersionIsTheOneOfThePom() throws Exception {
    Process process = process("--version");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, exit(process));
    String pom = Files.readString(Path.of("../pom.xml"));
    int from = pom.indexOf("<revision>") + "<revision>".length();
    String version = pom.substring(from, pom.indexOf("</revision>"));
    assertEquals("unified-storage-emulator " + version + "\n", out);
  }

  @Test
  void sigtermWritesEverythingAndExitsWithZeroAlsoWhenThePipelineHangs() throws Exception {
    Path data = folder.resolve("term");
    Started first = start("--data", data.toString(), "--faults");
    assertEquals(200, put(first, "{\"pipeline\":{\"mode\":\"hang\"}}"));
    assertTrue(ask(first, create("c1")).contains("\"ack\""));
    long from = System.nanoTime();
    first.process.destroy();
    assertEquals(0, exit(first.process));
    assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from) < 5_000);

    Started second = start("--data", data.toString());
    String reply = ask(second, read("c1"));
    assertTrue(reply.contains("\"name\":\"Alice\""), reply);
  }

  @Test
  void eachStepOfALifeIsALineThatAProgramReads() throws Exception {
    Path data = folder.resolve("lines");
    Started started =
        start(
            "--data",
            data.toString(),
            "--log=json",
            "--set=DURABILITY=local",
            "--set=CHECKPOINT_INTERVAL=3600000");
    assertTrue(post(started, create("c1")).contains("\"ack\""));
    started.process.toHandle().destroy();
    String err =
        new String(started.process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, exit(started.process));
    List<String> steps = new ArrayList<>();
    for (String line : err.lines().toList()) {
      JsonObject step = new JsoniterJson().parse(line);
      assertEquals("info", step.string("level"), line);
      Instant.parse(step.string("time"));
      steps.add(step.string("step"));
    }
    assertEquals(List.of("started", "stopped", "stopped"), steps, err);
    assertTrue(err.contains("\"namespace\":\"demo\",\"epoch\":1,\"seq\":1,\"things\":1,"), err);
    assertTrue(err.contains("\"stores\":1,\"things\":1,"), err);

    Started second = start("--data", data.toString(), "--set", "DURABILITY=local");
    assertTrue(post(second, read("c1")).contains("Alice"));
    second.process.toHandle().destroy();
    err = new String(second.process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(
        err.contains("[demo] info: namespace demo, epoch 1, seq 1: started from sqlite, "), err);
    assertTrue(err.contains("[emulator] info: saved 0 things of 0 stores in 0 rows"), err);
  }

  @Test
  void sigkillAndCrashLoseNothingThatWasAcknowledged() throws Exception {
    Path data = folder.resolve("kill");
    Started first = start("--data", data.toString(), "--faults");
    assertTrue(ask(first, create("c1")).contains("\"ack\""));
    first.process.destroyForcibly();
    exit(first.process);
    Started second = start("--data", data.toString(), "--faults");
    assertAlice(second, "c1");
    assertTrue(ask(second, create("c2")).contains("\"ack\""));
    try {
      put(second, "{\"crash\":\"now\"}");
    } catch (IOException e) {
      // It died before it answered, as asked.
    }
    assertEquals(137, exit(second.process));
    Started third = start("--data", data.toString());
    assertAlice(third, "c2");
  }

  @Test
  void aProcessThatRunsItInAThreadKeepsTheExitCodeItChose() throws Exception {
    Path data = folder.resolve("thread");
    Process process = process(InAThread.class, "--port", "0", "--data", data.toString());
    Started started = started(process);
    assertTrue(ask(started, create("c1")).contains("\"ack\""));
    process.getOutputStream().close();
    assertEquals(3, exit(process));
    assertAlice(start("--data", data.toString()), "c1");
  }

  @Test
  void aStartFromAThreadThatFailsIsNoSuccess() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "" + taken.getLocalPort();
      Process process =
          process(InAThread.class, "--port", port, "--data", folder.resolve("in").toString());
      assertEquals(1, exit(process));
    }
  }

  /** A program with another purpose, which ends with 3 when its input ends. */
  static final class InAThread {
    public static void main(String[] args) throws IOException {
      Thread thread =
          new Thread(
              () -> {
                try {
                  Main.main(args);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      thread.start();
      System.in.transferTo(OutputStream.nullOutputStream());
      System.exit(3);
    }
  }

  /** A running emulator, its port, and a client that has no connection to another one. */
  private record Started(Process process, int port, HttpClient http) {}

  private Started start(String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of("--port", "0"));
    all.addAll(List.of(args));
    return started(process(all.toArray(String[]::new)));
  }

  private static Started started(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains("health")) {
        int port = URI.create(line.substring(line.indexOf("http"))).getPort();
        return new Started(process, port, HttpClient.newHttpClient());
      }
    }
    throw new AssertionError(
        new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  private void fails(int code, String says, String... args) throws Exception {
    Process process = process(args);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(code, exit(process), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains(says), err);
  }

  private Process process(String... args) throws IOException {
    return process(Main.class, args);
  }

  private Process process(Class<?> program, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).directory(folder.toFile()).start();
    running.add(process);
    return process;
  }

  private static int exit(Process process) throws InterruptedException {
    assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), "still running");
    return process.exitValue();
  }

  private int put(Started on, String faults) throws IOException, InterruptedException {
    return on.http
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + on.port + "/faults"))
                .PUT(HttpRequest.BodyPublishers.ofString(faults))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  /** A request without a socket, behind which the store writes nothing by itself. */
  private String post(Started on, String request) throws IOException, InterruptedException {
    URI requests = URI.create("http://127.0.0.1:" + on.port + "/stores/demo/requests");
    HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(request);
    return on.http
        .send(
            HttpRequest.newBuilder(requests).POST(body).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private String ask(Started on, String message) throws Exception {
    CompletableFuture<String> reply = new CompletableFuture<>();
    WebSocket socket =
        on.http
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + on.port + "/stores/demo"),
                new WebSocket.Listener() {
                  private final StringBuilder text = new StringBuilder();

                  @Override
                  public CompletionStage<?> onText(
                      WebSocket webSocket, CharSequence data, boolean last) {
                    text.append(data);
                    if (last) {
                      reply.complete(text.toString());
                    }
                    webSocket.request(1);
                    return null;
                  }
                })
            .get(DEADLINE_S, TimeUnit.SECONDS);
    socket.sendText(message, true).get(DEADLINE_S, TimeUnit.SECONDS);
    try {
      return reply.get(DEADLINE_S, TimeUnit.SECONDS);
    } finally {
      socket.abort();
    }
  }

  /** The write is in the Pipeline, and comes back once the sink has brought it to the archive. */
  private void assertAlice(Started on, String id) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
    String reply = ask(on, read(id));
    while (reply.contains("RECOVERING") && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(50);
      reply = ask(on, read(id));
    }
    assertTrue(reply.contains("\"name\":\"Alice\""), reply);
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
