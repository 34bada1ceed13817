package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.client.ClientOptions;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.StoreHttp;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The demo from the start of a server to the verdict.
 *
 * <p>The server it starts runs with the defaults; the kill comes right after the last
 * acknowledgement, when no checkpoint has seen the latest writes. What the restarted server writes
 * to bring its checkpoint up to date is counted with the rest.
 */
final class Demo {
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final int SHOWN_MISMATCHES = 20;
  private static final Pattern PIPELINE_BYTES =
      Pattern.compile("(?m)^unified_storage_pipeline_bytes_total\\{.*\\} (.+)$");

  private final Options options;
  private final PrintStream out;
  private final List<Airport> airports;
  private final List<Flight> flights;
  private final Feed feed;
  private final Expected expected;

  private Demo(Options options, PrintStream out) throws IOException {
    this.options = options;
    this.out = out;
    InputFiles input = new InputFiles(options.datasets());
    this.airports = input.airports();
    this.flights = input.flights(options.size());
    this.feed = Feed.of(flights);
    this.expected = new Expected(airports, flights, feed.end());
  }

  public static void main(String[] args) {
    // Dots and commas of the table are the same everywhere.
    Locale.setDefault(Locale.ROOT);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (List.of(args).contains("--help")) {
      out.print(Options.HELP);
      return;
    }
    try {
      Options options = Options.parse(args);
      System.exit(new Demo(options, out).run() ? 0 : 1);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + " (--help lists the options)");
      System.exit(2);
    } catch (IOException | IllegalStateException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private boolean run() throws IOException {
    out.printf(
        "%,d airports, %,d flights from %s, as a feed of %,d writes%n",
        airports.size(),
        flights.size(),
        "flights-" + options.size() + ".json",
        Replay.operations(airports, feed));
    return options.url().isPresent() ? runAgainst(options.url().get()) : runOwn();
  }

  /** A server of somebody else's is not killed; all the rest is the same. */
  private boolean runAgainst(URI url) throws IOException {
    StoreHttp http = new StoreHttp(url);
    long before = rowsWritten(http);
    double bytesBefore = pipelineBytes(http);
    Replay.Result replay;
    try (Clients clients = clients(http)) {
      replay = replay(http, clients);
    }
    http.checkpoint(options.namespace());
    JsonNode stats = http.stats(options.namespace());
    boolean right = verify(http);
    long rows = stats.path("rowsWritten").asLong() - before;
    double bytes = pipelineBytes(http) - bytesBefore;
    new Report(replay, stats, expected.things(), rows, bytes).print(out);
    out.println("The server is not the demo's own, so it was not killed.");
    return verdict(right);
  }

  private boolean runOwn() throws IOException {
    if (!Files.isRegularFile(options.jar())) {
      throw new IOException(
          "no "
              + options.jar()
              + ": build it with `mvn -q -DskipTests package`, or say --jar FILE");
    }
    Path temporary = Files.createTempDirectory("unified-storage-demo");
    try {
      Path data = options.data().orElse(temporary.resolve("data"));
      return runOwn(data, temporary.resolve("server.log"));
    } finally {
      delete(temporary);
    }
  }

  private boolean runOwn(Path data, Path log) throws IOException {
    int port = ServerProcess.freePort();
    List<String> command = ServerProcess.emulatorCommand(options.jar(), data, port, options.vars());
    Replay.Result replay;
    JsonNode stats;
    double bytesBeforeKill;
    out.println("settings: the server's defaults " + String.join(" ", options.vars()));
    // The sockets stay open until the kill: when the last one closes, a store checkpoints.
    try (ServerProcess server = ServerProcess.start(command, port, log, START_DEADLINE);
        Clients clients = clients(server.http())) {
      replay = replay(server.http(), clients);
      stats = server.http().stats(options.namespace());
      bytesBeforeKill = pipelineBytes(server.http());
      out.println("SIGKILL");
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(command, port, log, START_DEADLINE)) {
      boolean right = verify(server.http());
      JsonNode recovery = server.http().stats(options.namespace()).path("recovery");
      out.printf(
          "restarted: %,d things loaded, %,d events replayed, in %,d ms%n",
          recovery.path("thingsLoaded").asLong(),
          recovery.path("eventsReplayed").asLong(),
          recovery.path("durationMs").asLong());
      server.http().checkpoint(options.namespace());
      long rows = stats.path("rowsWritten").asLong() + rowsWritten(server.http());
      double pipelineBytes = bytesBeforeKill + pipelineBytes(server.http());
      right &= mistake(server.http());
      new Report(replay, stats, expected.things(), rows, pipelineBytes).print(out);
      return verdict(right);
    }
  }

  private long rowsWritten(StoreHttp http) throws IOException {
    return http.stats(options.namespace()).path("rowsWritten").asLong();
  }

  /** What the Pipeline was sent; 0 where nothing was yet. */
  private double pipelineBytes(StoreHttp http) throws IOException {
    Matcher matcher = PIPELINE_BYTES.matcher(http.metrics(options.namespace()));
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
  }

  private boolean mistake(StoreHttp http) throws IOException {
    List<String> wrong = new Mistake(http, options.namespace(), expected).makeAndUndo(out);
    print(wrong);
    return wrong.isEmpty();
  }

  private ClientOptions address(StoreHttp http) {
    return ClientOptions.of(http.socket(options.namespace()));
  }

  private Clients clients(StoreHttp http) {
    return new Clients(
        IntStream.range(0, options.sockets())
            .mapToObj(i -> StoreClient.connect(address(http)))
            .toList());
  }

  /** The clients of a replay. */
  private record Clients(List<StoreClient> stores) implements AutoCloseable {
    @Override
    public void close() {
      stores.forEach(StoreClient::close);
    }
  }

  private Replay.Result replay(StoreHttp http, Clients clients) throws IOException {
    long entries = http.stats(options.namespace()).path("entries").asLong();
    if (entries > 0) {
      throw new IOException(
          "the store %s already holds %,d things: say --namespace NAME or another --data DIR"
              .formatted(options.namespace(), entries));
    }
    // From 22 on, a JDK may have a console where there is no terminal; its plain one is as before.
    System.setProperty("jdk.console", "java.base");
    @SuppressWarnings("SystemConsoleNull")
    boolean terminal = System.console() != null;
    Progress progress = new Progress(out, terminal, Replay.operations(airports, feed));
    return new Replay(clients.stores(), options.outstanding()).run(airports, feed, progress);
  }

  private boolean verify(StoreHttp http) throws IOException {
    List<String> mismatches;
    try (StoreClient store = StoreClient.connect(address(http))) {
      mismatches = new Verifier(store, expected).mismatches();
    }
    long entries = http.stats(options.namespace()).path("entries").asLong();
    if (entries != expected.things()) {
      mismatches.add("the store says %,d things".formatted(entries));
    }
    print(mismatches);
    return mismatches.isEmpty();
  }

  private void print(List<String> mismatches) {
    mismatches.stream().limit(SHOWN_MISMATCHES).forEach(m -> out.println("WRONG: " + m));
    if (mismatches.size() > SHOWN_MISMATCHES) {
      out.println("WRONG: and " + (mismatches.size() - SHOWN_MISMATCHES) + " more");
    }
  }

  private boolean verdict(boolean right) {
    out.println();
    if (right) {
      out.printf(
          "verified: %,d flights in the air, %,d landed, %,d deleted ones gone,"
              + " %,d airports' counters%n",
          expected.count(Expected.Fate.IN_THE_AIR),
          expected.count(Expected.Fate.LANDED),
          expected.count(Expected.Fate.REMOVED),
          airports.size());
    } else {
      out.println("NOT VERIFIED: the store differs from the input, see above");
    }
    return right;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
