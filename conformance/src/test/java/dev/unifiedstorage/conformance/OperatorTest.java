package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.HandshakeException;
import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator can get wrong: each is said in one clear line, and no data is lost over it. */
class OperatorTest {
  private static final Duration EXIT_DEADLINE = Duration.ofSeconds(20);
  private static final byte[] SQLITE_HEADER =
      "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private static final String CORRUPTED = "corrupted-one";
  private static final byte[] GARBAGE =
      "this is no database ".repeat(1_000).getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  private static void onlyWhereThereIsACommandLine() {
    assumeTrue(Target.current().hasEmulatorRoutes(), "the command line is the emulator's");
  }

  private record Ended(int code, String output) {
    void assertOneClearLine(String mentioned) {
      assertNotEquals(0, code, output);
      assertTrue(output.contains(mentioned), output);
      assertFalse(output.contains("\tat "), () -> "a stack trace: " + output);
    }
  }

  private Ended run(int port, Path data, String... more) throws IOException {
    List<String> command = new ArrayList<>(Target.current().command(port, data, Setup.plain()));
    command.addAll(List.of(more));
    return end(command);
  }

  private Ended end(List<String> command) throws IOException {
    Path log = Files.createTempFile(directory, "run", ".log");
    try (ServerProcess process = ServerProcess.launch(command, 1, log)) {
      int code = process.awaitExit(EXIT_DEADLINE);
      return new Ended(code, process.output());
    }
  }

  @Test
  void helpReadsWell() throws IOException {
    onlyWhereThereIsACommandLine();
    Ended ended = run(1, directory, "--help");
    assertEquals(0, ended.code(), ended.output());
    for (String option :
        List.of("--port", "--data", "--pipeline-url", "--roll-interval", "--faults", "--set")) {
      assertTrue(ended.output().contains(option), ended.output());
    }
    assertTrue(ended.output().contains("8787"), ended.output());
    ended.output().lines().forEach(l -> assertTrue(l.length() <= 120, l));
  }

  @Test
  void aPortInUseIsOneClearLine() throws IOException {
    onlyWhereThereIsACommandLine();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended ended = run(taken.getLocalPort(), directory.resolve("data"));
      ended.assertOneClearLine(Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void aDataDirectoryThatCannotBeWrittenIsOneClearLine() throws IOException {
    onlyWhereThereIsACommandLine();
    // A file in the way stops every user, root as well, whom permissions do not.
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    run(ServerProcess.freePort(), file.resolve("data")).assertOneClearLine(file.toString());
    run(ServerProcess.freePort(), file).assertOneClearLine(file.toString());
    assertEquals("in the way", Files.readString(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--frobnicate",
        "--port=x --port x",
        "--port 99999999",
        "--port",
        "--set DURABILITY=sometimes",
        "--set NO_SUCH_VAR=1",
        "--set CHECKPOINT_INTERVAL=soon",
        "--set CHECKPOINT_INTERVAL=-1",
        "--set COLUMNAR_THRESHOLD",
        "--set LARGE_COLLECTIONS=heaps",
        "--pipeline-url notaurl",
        "--roll-interval x"
      })
  void aWrongOptionIsOneClearLine(String options) throws IOException {
    onlyWhereThereIsACommandLine();
    String[] words = options.split(" ");
    Ended ended = run(ServerProcess.freePort(), directory.resolve("data"), words);
    ended.assertOneClearLine(words.length > 1 ? words[1].split("=")[0] : words[0]);
  }

  @Test
  void anUnknownVarIsRefusedWithTheNameThatWasMeant() throws IOException {
    StoreServer.build();
    for (List<String> names :
        List.of(
            List.of("CHECKPOINT_INTERVALL", "CHECKPOINT_INTERVAL"),
            List.of("durability", "DURABILITY"),
            List.of("ACCES_TOKEN", "ACCESS_TOKEN"))) {
      Setup wrong =
          Setup.plain().with(names.get(0), "1").sendingTo(URI.create("http://127.0.0.1:1/"));
      Path data = directory.resolve("data");
      Ended ended = end(Target.current().command(ServerProcess.freePort(), data, wrong));
      assertEquals(2, ended.code(), ended.output());
      ended.assertOneClearLine(names.get(0) + ", the nearest is " + names.get(1));
    }
  }

  @Test
  void makeRunListensAndWritesWhereItIsTold() throws IOException {
    onlyWhereThereIsACommandLine();
    Ended ended = end(List.of("make", "-n", "-C", Target.root(), "run", "PORT=20555", "DATA=d"));
    assertEquals(0, ended.code(), ended.output());
    assertTrue(ended.output().contains(".jar --port 20555 --data d"), ended.output());
    ended = end(List.of("make", "-n", "-C", Target.root(), "run"));
    assertFalse(ended.output().contains("--port"), ended.output());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DURABILITY=sometimes",
        "CHECKPOINT_INTERVAL=soon",
        "CHECKPOINT_INTERVAL=-1",
        "COLUMNAR_THRESHOLD=many",
        "LARGE_COLLECTIONS=heaps"
      })
  void aWrongVarThatIsNotSeenAtTheStartIsInEveryAnswer(String var) throws IOException {
    assumeFalse(Target.current().hasEmulatorRoutes(), "the command line has been refused");
    String[] words = var.split("=");
    Setup wrong = Setup.plain().with(words[0], words[1]);
    try (StoreServer server = StoreServer.start(wrong, directory.resolve("data"));
        Session s = server.open("store")) {
      Reply refused = s.create("a", "{}").error("UNAVAILABLE");
      assertTrue(refused.json().path("error").asText().contains(words[0]), refused::toString);
      var stats = server.http().request("GET", "/stores/store/stats", null);
      assertEquals(503, stats.statusCode(), stats::body);
      String message = StoreSocket.JSON.readTree(stats.body()).at("/error/message").asText();
      assertTrue(message.contains(words[0]) && message.contains(words[1]), stats::body);
    }
  }

  @Test
  void aCorruptStoreIsNamedAndNeverStartedEmptyOver() throws Exception {
    // Where events go elsewhere there is no archive to rebuild it from.
    try (PipelineSink sink = new PipelineSink()) {
      corruptAndStart(Setup.plain().sendingTo(sink));
    }
  }

  private void corruptAndStart(Setup setup) throws Exception {
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      try (Session s = server.open(CORRUPTED)) {
        s.create("a", "{'n':1}").ack();
      }
      server.process().terminate(Duration.ofSeconds(5));
      Path file = corrupt(server.data(), Target.current()::isStoreFile);
      server.startAgain(setup);
      assertNeverEmpty(server);
      String output = server.process().output();
      assertTrue(output.contains(Target.current().complaintAbout(file)), output);
      server.process().kill();
      assertArrayEquals(GARBAGE, Files.readAllBytes(file), "the corrupt file was written over");
    }
  }

  @Test
  void aServerWhoseOwnFileIsCorruptNamesItAndDoesNotStart() throws Exception {
    onlyWhereThereIsACommandLine();
    Path data = directory.resolve("data");
    Setup setup = Setup.plain();
    try (StoreServer server = StoreServer.start(setup, data)) {
      // It answers before it has opened all of its own.
      Until.within(Duration.ofSeconds(20))
          .sees("a file of the server's", () -> sqliteFiles(data), files -> !files.isEmpty());
      server.process().terminate(Duration.ofSeconds(5));
    }
    Path file = corrupt(data, path -> !Target.current().isStoreFile(path));
    run(ServerProcess.freePort(), data).assertOneClearLine(file.toString());
    assertArrayEquals(GARBAGE, Files.readAllBytes(file), "the corrupt file was written over");
  }

  /** Overwrites the one SQLite file whose path is meant, and its log, which could heal it. */
  private static Path corrupt(Path data, Predicate<Path> meant) throws IOException {
    List<Path> files = sqliteFiles(data).stream().filter(meant).toList();
    assertEquals(1, files.size(), files::toString);
    Files.deleteIfExists(Path.of(files.get(0) + "-wal"));
    Files.deleteIfExists(Path.of(files.get(0) + "-shm"));
    return Files.write(files.get(0), GARBAGE);
  }

  private static void assertNeverEmpty(StoreServer server) throws IOException {
    try (Session s = server.open(CORRUPTED)) {
      JsonNode read = s.socket().call(Session.json("{'type':'read','$ids':['a']}"));
      new Reply(read).error(read.path("code").asText());
      JsonNode create = s.socket().call(Session.createRequest("b", "{}"));
      new Reply(create).error(create.path("code").asText());
    } catch (HandshakeException e) {
      assertTrue(e.status() >= 500, e::toString);
    }
    var stats = server.http().request("GET", "/stores/" + CORRUPTED + "/stats", null);
    assertTrue(stats.statusCode() >= 500, stats::body);
    assertTrue(
        StoreSocket.JSON.readTree(stats.body()).at("/error/message").isTextual(), stats::body);
    try (Session other = server.open("another")) {
      other.create("a", "{}").ack();
    }
  }

  private static List<Path> sqliteFiles(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<Path> found = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        int length = Math.min(bytes.length, SQLITE_HEADER.length);
        if (Arrays.equals(Arrays.copyOf(bytes, length), SQLITE_HEADER)) {
          found.add(file);
        }
      }
      return found;
    }
  }
}
