package dev.unifiedstorage.demo;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the demo was asked for. */
record Options(
    String size,
    Optional<URI> url,
    Path jar,
    Optional<Path> data,
    Path datasets,
    String namespace,
    int sockets,
    int outstanding,
    List<String> vars) {

  static final String HELP =
      """
      Replays real flights through a store, prints what they cost, kills the server and checks
      that nothing is missing.

      java -jar unified-storage-demo.jar [options]
        --size 2k|20k|200k how many flights (20k)
        --url URL          a running server, which is then not killed (starts its own)
        --jar FILE         the server to start (emulator/target/unified-storage-emulator.jar)
        --data DIR         where its data goes and stays (a temporary directory)
        --set NAME=value   a var of the server it starts; may be repeated
        --datasets DIR     the data of the npm package vega-datasets
                           (demo/node_modules/vega-datasets/data)
        --namespace NAME   the store, which must be empty (flights)
        --sockets N        clients, each with a WebSocket and a session (8)
        --outstanding N    requests in flight on each (64)
        --help             this text

      Exit code 0: every flight and every airport is as the input file says.
      """;

  static Options parse(String[] args) {
    String size = "20k";
    Optional<URI> url = Optional.empty();
    Path jar = Path.of("emulator/target/unified-storage-emulator.jar");
    Optional<Path> data = Optional.empty();
    Path datasets = Path.of("demo/node_modules/vega-datasets/data");
    String namespace = "flights";
    int sockets = 8;
    int outstanding = 64;
    List<String> vars = new ArrayList<>();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException("unknown or incomplete option: " + args[i]);
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--size" -> size = checkedSize(value);
        case "--url" -> url = Optional.of(URI.create(value));
        case "--jar" -> jar = Path.of(value);
        case "--data" -> data = Optional.of(Path.of(value));
        case "--datasets" -> datasets = Path.of(value);
        case "--namespace" -> namespace = value;
        case "--sockets" -> sockets = positive(args[i], value);
        case "--outstanding" -> outstanding = positive(args[i], value);
        case "--set" -> vars.addAll(List.of("--set", value));
        default -> throw new IllegalArgumentException("unknown option: " + args[i]);
      }
    }
    return new Options(size, url, jar, data, datasets, namespace, sockets, outstanding, vars);
  }

  private static String checkedSize(String size) {
    if (!List.of("2k", "20k", "200k").contains(size)) {
      throw new IllegalArgumentException("--size is 2k, 20k or 200k, not " + size);
    }
    return size;
  }

  private static int positive(String name, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number > 0 && number <= 10_000) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below, like a number out of range
    }
    throw new IllegalArgumentException(name + " must be a number from 1 to 10000, got " + value);
  }
}
