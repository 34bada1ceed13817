package dev.unifiedstorage.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.client.StoreHttp;
import dev.unifiedstorage.client.StoreSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The command line of the measurements. */
final class Benchmark {
  private static final String HELP =
      """
      Measures a store from outside.

      java -jar unified-storage-benchmark.jar load [options]
        Sends requests in a closed loop and reports what was acknowledged.
        --url URL          the server (http://127.0.0.1:8787)
        --namespace NAME   the store (benchmark)
        --sockets N        WebSockets (8)
        --outstanding N    requests in flight on each (64)
        --seconds N        how long (10)
        --bytes N          size of a create message (200)
        --workload KIND    create, mix or batch (create)
        --json             one line of JSON instead of text

      java -jar unified-storage-benchmark.jar cold-start [options]
        Fills a store, stops its server, starts it again, and reports how soon it answers.
        --jar FILE         the server (emulator/target/unified-storage-emulator.jar)
        --data DIR         where its data goes (a temporary directory)
        --things N         how many things (100000)
        --bytes N          size of a create message (200)
        --kill             stop by SIGKILL in place of SIGTERM
        --json             one line of JSON instead of text
      """;

  private Benchmark() {}

  public static void main(String[] args) throws InterruptedException {
    List<String> rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
    String measure = args.length == 0 ? "" : args[0];
    try {
      switch (measure) {
        case "load" -> load(rest);
        case "cold-start" -> coldStart(rest);
        case "--help", "-h", "help" -> System.out.print(HELP);
        default -> throw new IllegalArgumentException("which measure: load or cold-start?");
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
    Options options =
        Options.parse(
            args,
            Set.of("url", "namespace", "sockets", "outstanding", "seconds", "bytes", "workload"),
            Set.of("json"));
    Workload.Kind kind = Workload.Kind.named(options.text("workload", "create"));
    int sockets = options.number("sockets", 8);
    int outstanding = options.number("outstanding", 64);
    int bytes = options.number("bytes", 200);
    StoreHttp http = new StoreHttp(URI.create(options.text("url", "http://127.0.0.1:8787")));
    URI socket = http.socket(options.text("namespace", "benchmark"));
    Load load = new Load(kind, sockets, outstanding, bytes, Long.MAX_VALUE);
    Load.Result result = load.run(socket, options.number("seconds", 10));
    ObjectNode json = StoreSocket.JSON.createObjectNode();
    json.put("measure", "load").put("workload", kind.name().toLowerCase(Locale.ROOT));
    json.put("sockets", sockets).put("outstanding", outstanding).put("bytes", bytes);
    json.put("seconds", round(result.seconds())).put("operations", result.operations());
    json.put("opsPerSecond", Math.round(result.perSecond()));
    json.put("p50Ms", round(result.latencies().percentileMillis(50)));
    json.put("p99Ms", round(result.latencies().percentileMillis(99)));
    json.put("maxMs", round(result.latencies().maxMillis()));
    json.put("clientCpuShare", round(result.cpuShare()));
    ObjectNode errors = json.putObject("errors");
    result.errors().forEach(errors::put);
    report(json, options.flag("json"));
    if (result.operations() == 0) {
      throw new IOException("nothing was acknowledged");
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
