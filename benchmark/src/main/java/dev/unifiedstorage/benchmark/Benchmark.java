package dev.unifiedstorage.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.benchmark.cost.CostCommand;
import dev.unifiedstorage.driver.StoreHttp;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The command line of the measurements. */
final class Benchmark {
  private static final String HELP =
      """
      Measures a store from outside.

      java -jar unified-storage-benchmark.jar load [options]
        Sends requests in a closed loop, or at a rate, and reports what was acknowledged.
        --url URL          the server (http://127.0.0.1:8787)
        --namespace NAME   the store (benchmark)
        --workload KIND    create, mix, batch, hot or fan-in (create)
        --sockets N        WebSockets (8; 200 for fan-in)
        --outstanding N    requests in flight on each (64; 4 for batch, 3 for fan-in; 1024 at a rate)
        --rate N           requests a second, each at its time and its latency from that time
        --seconds N        how long (10)
        --requests N       how many requests at most (no limit)
        --bytes N          size of a create message (200)
        --things N         how many things a mix changes and reads (10000)
        --prepared         an earlier load has made the things that this one changes
        --json             one line of JSON instead of text

      java -jar unified-storage-benchmark.jar cost [options]
        Simulates a day of five workloads and prints what it costs.
        --minutes N        of a steady day, how much is simulated (20)
        --results FILE     where the figures go (benchmark/results/cost.jsonl)

      java -jar unified-storage-benchmark.jar serve
        Takes one measure a line, as above, and answers each with one line of JSON: a generator
        that stays is warm.

      java -jar unified-storage-benchmark.jar cold-start [options]
        Fills a store, stops its server, starts it again, and reports how soon it answers.
        --jar FILE         the server (emulator/target/unified-storage-emulator.jar)
        --data DIR         where its data goes (a temporary directory)
        --things N         how many things (100000)
        --bytes N          size of a create message (200)
        --kill             stop by SIGKILL in place of SIGTERM
        --json             one line of JSON instead of text
      """;

  /** In flight on a socket of an open loop: half a second of 15,000 a second. */
  private static final int RATE_OUTSTANDING = 1_024;

  private Benchmark() {}

  public static void main(String[] args) throws InterruptedException {
    List<String> rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
    String measure = args.length == 0 ? "" : args[0];
    try {
      switch (measure) {
        case "load" -> load(rest);
        case "cold-start" -> coldStart(rest);
        case "serve" -> serve();
        case "cost" -> cost(rest);
        case "--help", "-h", "help" -> System.out.print(HELP);
        default ->
            throw new IllegalArgumentException("which measure: load, cold-start, serve or cost?");
      }
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + " (--help lists the options)");
      System.exit(2);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void load(List<String> args) throws IOException, InterruptedException {
    Options options = loadOptions(args);
    ObjectNode json = measureLoad(options);
    report(json, options.flag("json"));
    if (json.get("operations").asLong() == 0) {
      throw new IOException("nothing was acknowledged");
    }
  }

  private static Options loadOptions(List<String> args) {
    return Options.parse(
        args,
        Set.of(
            "url",
            "namespace",
            "sockets",
            "outstanding",
            "seconds",
            "requests",
            "bytes",
            "things",
            "rate",
            "workload"),
        Set.of("json", "prepared"));
  }

  private static ObjectNode measureLoad(Options options) throws IOException, InterruptedException {
    Workload.Kind kind = Workload.Kind.named(options.text("workload", "create"));
    int sockets = options.number("sockets", kind.sockets());
    int rate = options.values().containsKey("rate") ? options.number("rate", 1) : 0;
    int outstanding =
        options.number("outstanding", rate > 0 ? RATE_OUTSTANDING : kind.outstanding());
    int things = options.number("things", Workload.MIX_THINGS);
    int bytes = options.number("bytes", 200);
    StoreHttp http = new StoreHttp(URI.create(options.text("url", "http://127.0.0.1:8787")));
    URI socket = http.socket(options.text("namespace", "benchmark"));
    long requests = options.number("requests", Integer.MAX_VALUE);
    boolean prepared = options.flag("prepared");
    Load.Settings settings =
        new Load.Settings(kind, sockets, outstanding, bytes, requests, prepared, things, rate);
    Load.Result result = new Load(settings).run(socket, options.number("seconds", 10));
    ObjectNode json = StoreSocket.JSON.createObjectNode();
    json.put("measure", "load").put("workload", kind.label());
    json.put("sockets", sockets).put("outstanding", outstanding).put("bytes", bytes);
    json.put("seconds", round(result.seconds())).put("operations", result.operations());
    json.put("opsPerSecond", Math.round(result.perSecond()));
    json.put("p50Ms", round(result.latencies().percentileMillis(50)));
    json.put("p99Ms", round(result.latencies().percentileMillis(99)));
    json.put("maxMs", round(result.latencies().maxMillis()));
    if (rate > 0) {
      json.put("rate", rate).put("unsent", result.unsent());
      json.put("p999Ms", round(result.latencies().percentileMillis(99.9)));
      json.put("stallMs", round(result.longestGapMillis()));
      json.put("lateP99Ms", round(result.lateness().percentileMillis(99)));
      json.put("lateMaxMs", round(result.lateness().maxMillis()));
    }
    json.put("clientCpuShare", round(result.cpuShare()));
    ObjectNode errors = json.putObject("errors");
    result.errors().forEach(errors::put);
    return json;
  }

  /** Answers until its input ends; what goes wrong is one line too. */
  private static void serve() throws IOException, InterruptedException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer;
      try {
        answer = measureLoad(loadOptions(List.of(line.trim().split(" +"))));
      } catch (IllegalArgumentException | IllegalStateException | IOException e) {
        answer = StoreSocket.JSON.createObjectNode().put("error", e.getMessage());
      }
      System.out.println(answer);
    }
  }

  private static void coldStart(List<String> args) throws IOException, InterruptedException {
    Options options =
        Options.parse(args, Set.of("jar", "data", "things", "bytes"), Set.of("kill", "json"));
    if (options.values().containsKey("data")) {
      coldStart(options, options.path("data", ""));
      return;
    }
    Path temporary = Files.createTempDirectory("unified-storage-cold-start");
    try {
      coldStart(options, temporary);
    } finally {
      try (Stream<Path> files = Files.walk(temporary)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static void coldStart(Options options, Path data)
      throws IOException, InterruptedException {
    ColdStart coldStart =
        new ColdStart(
            options.path("jar", "emulator/target/unified-storage-emulator.jar"),
            data,
            options.number("things", 100_000),
            options.number("bytes", 200),
            options.flag("kill"));
    ColdStart.Result result = coldStart.run();
    ObjectNode json = StoreSocket.JSON.createObjectNode();
    json.put("measure", "cold-start").put("stoppedBy", coldStart.kill() ? "SIGKILL" : "SIGTERM");
    json.put("things", result.things());
    json.set("recovery", result.recovery());
    json.put("connectMs", round(result.connectMillis()));
    json.put("firstReadMs", round(result.firstReadMillis()));
    report(json, options.flag("json"));
  }

  private static void cost(List<String> args) throws IOException, InterruptedException {
    Options options = Options.parse(args, Set.of("minutes", "results"), Set.of());
    CostCommand cost = new CostCommand(options.number("minutes", 20));
    cost.run(options.path("results", "benchmark/results/cost.jsonl"));
  }

  private static void report(ObjectNode result, boolean asJson) {
    if (asJson) {
      System.out.println(result);
      return;
    }
    result
        .properties()
        .forEach(field -> System.out.printf("%-16s %s%n", field.getKey(), field.getValue()));
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
