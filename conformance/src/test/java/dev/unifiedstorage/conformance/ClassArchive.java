package dev.unifiedstorage.conformance;

import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.SocketLoop;
import dev.unifiedstorage.driver.StoreHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The classes of the emulator as its JVM holds them in memory, in a file that later JVMs map.
 *
 * <p>A JVM that cannot use the file, because it is another one's, starts without it. The suite
 * starts the emulator some three hundred times, and half of what a start costs is loading classes.
 */
record ClassArchive(Path file) {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  /** Writes the file while a server writes, reads, archives and rebuilds a store, and ends. */
  void make(Path jar, List<String> jvmFlags) throws IOException {
    int port = ServerProcess.freePort();
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    Path data = Files.createTempDirectory(file.getParent(), "class-archive");
    List<String> flags = List.of("--roll-interval", "100");
    List<String> command = ServerProcess.emulatorCommand(jar, data.resolve("data"), port, flags);
    command.addAll(1, jvmFlags);
    command.add(1, "-XX:ArchiveClassesAtExit=" + file);
    try (ServerProcess server = ServerProcess.start(command, port, data.resolve("log"), DEADLINE)) {
      use(server.http());
      server.terminate(DEADLINE);
    }
  }

  /** The flags of a JVM that uses it. */
  List<String> flags() {
    return Files.exists(file) ? List.of("-XX:SharedArchiveFile=" + file) : List.of();
  }

  private static void use(StoreHttp http) throws IOException {
    try (SocketLoop loop = new SocketLoop()) {
      Session s = new Session(loop.connect(http.socket("warm"), 1_024), http, "warm");
      s.create("a", "{'n':1}");
      s.read("a");
    }
    http.checkpoint("warm");
    try {
      Until.within(DEADLINE)
          .sees(
              "a rebuild from the archive",
              () -> http.request("POST", "/stores/warm/rebuild", null).statusCode(),
              status -> status == 200);
    } catch (Exception e) {
      throw new IOException("the emulator does not rebuild a store of one thing", e);
    }
  }
}
