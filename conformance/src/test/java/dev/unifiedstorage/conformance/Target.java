package dev.unifiedstorage.conformance;

import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.StoreHttp;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A server that the suite can start, chosen by the system property {@code target}.
 *
 * <p>Differences between targets are methods here, each with its reason; a test asks the target,
 * never for its name.
 */
enum Target {
  /** The JVM emulator, run from its jar. */
  EMULATOR {
    @Override
    List<String> command(int port, Path data, Setup setup) {
      List<String> flags = new ArrayList<>();
      setup.vars().forEach((name, value) -> flags.addAll(List.of("--set", name + "=" + value)));
      setup.pipeline().ifPresent(uri -> flags.addAll(List.of("--pipeline-url", uri.toString())));
      setup
          .rollInterval()
          .ifPresent(i -> flags.addAll(List.of("--roll-interval", "" + i.toMillis())));
      if (setup.faults()) {
        flags.add("--faults");
      }
      List<String> command = ServerProcess.emulatorCommand(jar(), data, port, flags);
      if (!setup.measured()) {
        command.addAll(1, shortLived());
      }
      return command;
    }

    @Override
    boolean hasEmulatorRoutes() {
      return true;
    }

    @Override
    boolean isStoreFile(Path file) {
      return file.getParent().endsWith("stores");
    }

    @Override
    String complaintAbout(Path file) {
      return file.toString();
    }

    @Override
    boolean asksForAToken() {
      return false;
    }

    @Override
    void evict(StoreHttp http, String namespace) throws IOException {
      http.faults("{\"evict\":\"%s\"}".formatted(namespace));
    }
  },

  /** The Worker's bundle with the core compiled to JavaScript, in workerd. */
  WORKERD_JS {
    @Override
    List<String> command(int port, Path data, Setup setup) {
      return workerdCommand("js", port, data, setup);
    }

    @Override
    void bundle() throws IOException {
      buildBundle("js");
    }
  },

  /** The Worker's bundle with the core compiled to WebAssembly, in workerd. */
  WORKERD_WASM {
    @Override
    int archiveKillRounds() {
      // The same glue and the same Java as above; each round waits for the archive's lag.
      return 5;
    }

    @Override
    List<String> command(int port, Path data, Setup setup) {
      return workerdCommand("wasm", port, data, setup);
    }

    @Override
    void bundle() throws IOException {
      buildBundle("wasm");
    }
  };

  /** Of some hundred emulators: what the second compiler would win, they do not live to see. */
  private static final List<String> SHORT_LIVED =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final ClassArchive CLASSES =
      new ClassArchive(
          Path.of("target", "emulator-" + current().name().toLowerCase(Locale.ROOT) + ".jsa")
              .toAbsolutePath());

  /** The flags of an emulator whose speed nothing measures. */
  static List<String> shortLived() {
    return Stream.concat(CLASSES.flags().stream(), SHORT_LIVED.stream()).toList();
  }

  /** The target of this run. */
  static Target current() {
    return valueOf(System.getProperty("target", "emulator").toUpperCase(Locale.ROOT));
  }

  /** The command line that serves {@code data} on {@code port}. */
  abstract List<String> command(int port, Path data, Setup setup);

  /** Makes what servers run, once, before they are started beside one another. */
  void build() throws IOException {
    bundle();
    CLASSES.make(jar(), SHORT_LIVED);
  }

  /** Makes the Worker's bundle; the emulator has none. */
  void bundle() throws IOException {}

  /**
   * Whether the command line and routes that the contract calls "emulator only" exist. Without them
   * there is no embedded Pipeline either: events always go to a sink of the test's.
   */
  boolean hasEmulatorRoutes() {
    return false;
  }

  /** How many rounds of kills wait for the archive. */
  int archiveKillRounds() {
    return 12;
  }

  /**
   * Whether a SQLite file is a store's, and not one in which the server keeps its own, or the
   * directory of the stores its list of them.
   */
  boolean isStoreFile(Path file) {
    return !file.endsWith("metadata.sqlite") && !file.getParent().endsWith("UnifiedStoreDirectory");
  }

  /** The databases of all stores, by their main file. */
  List<Path> storeFiles(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files
          .filter(file -> file.toString().endsWith(".sqlite"))
          .filter(this::isStoreFile)
          .toList();
    }
  }

  /**
   * Whether an object has a database file before it has written anything. workerd makes one for
   * every object that it builds; what the store controls is that nothing is in it.
   */
  boolean makesFilesOfItsOwn() {
    return !hasEmulatorRoutes();
  }

  /**
   * What the log says of a file that is no database. In the Worker it is what SQLite says: an
   * object does not know where its file lies.
   */
  String complaintAbout(Path file) {
    return "SQLITE_NOTADB";
  }

  /**
   * Whether stores can be closed to those without {@code ACCESS_TOKEN}. The emulator listens on the
   * loopback interface alone, where the contract leaves it the choice.
   */
  boolean asksForAToken() {
    return true;
  }

  /**
   * Whether there is a build of the target in which a test can end one object and spare the others.
   * The emulator's objects end with their process, or by falling asleep.
   */
  boolean hasEndableObjects() {
    return !hasEmulatorRoutes();
  }

  /**
   * Has an object leave the memory as in hibernation, and its sockets stay; the server was started
   * with faults and with endable objects.
   */
  void evict(StoreHttp http, String namespace) throws IOException {
    HttpResponse<String> ended = http.request("POST", "/chaos/" + namespace + "/evict", "");
    if (!"ended".equals(ended.body())) {
      throw new IOException("the object is not evicted: " + ended.body());
    }
  }

  /**
   * Whether a close frame with the code 1005, or with half of one, is told from a close frame
   * without a code. workerd's runtime hands all three to an object as the same event.
   */
  boolean tellsNoCodeFromABadOne() {
    return hasEmulatorRoutes();
  }

  /**
   * How many files the server has open for each socket. workerd has a second one, and ends with an
   * error when it cannot open another.
   */
  int filesASocket() {
    return hasEmulatorRoutes() ? 1 : 2;
  }

  /**
   * Whether an answer comes from the project, and not from the runtime in front of it: workerd
   * answers some requests that are no HTTP by itself, with 500 and a line of text.
   */
  boolean isOwnAnswer(String answer) {
    return hasEmulatorRoutes() || answer.contains("application/json");
  }

  static Path jar() {
    return Path.of(
        System.getProperty("emulator.jar", "../emulator/target/unified-storage-emulator.jar"));
  }

  static String root() {
    return workerRoot().toString();
  }

  /** The directory that {@code worker}, {@code js-glue} and {@code node_modules} lie in. */
  private static Path workerRoot() {
    return Path.of(System.getProperty("worker.root", ".."));
  }

  private static List<String> node(String script, String... arguments) {
    Path node = workerRoot().resolve("node_modules/.bin/node");
    List<String> command = new ArrayList<>();
    command.add(node.toString());
    command.add(workerRoot().resolve("worker/scripts").resolve(script).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> workerdCommand(String core, int port, Path data, Setup setup) {
    List<String> command = node("workerd.mjs", "--core", core, "--port", Integer.toString(port));
    command.addAll(List.of("--data", data.toString()));
    String pipeline = setup.pipeline().orElseThrow().toString();
    command.addAll(List.of("--pipeline-url", pipeline));
    if (setup.endable()) {
      command.addAll(List.of("--config", "js-glue/test/chaos.toml", "--heap-mb", "128"));
    }
    setup.vars().forEach((name, value) -> command.add(name + "=" + value));
    return command;
  }

  private static void buildBundle(String core) throws IOException {
    if (!Files.exists(workerRoot().resolve("node_modules/.bin/node"))) {
      throw new IOException(
          "there is no Node: run npm ci first, or leave workerd out with -DskipWorkerd");
    }
    run(node("build.mjs"));
    run(node("bundle.mjs", core));
  }

  private static void run(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Maven has compiled the core before it comes here, and must not be started inside itself.
    builder.environment().put("CORE_BUILT", "1");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed:\n" + output);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + command, e);
    }
  }
}
