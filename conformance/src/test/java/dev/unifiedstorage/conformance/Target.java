package dev.unifiedstorage.conformance;

import dev.unifiedstorage.client.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
      if (setup.faults()) {
        flags.add("--faults");
      }
      List<String> command = ServerProcess.emulatorCommand(jar(), data, port, flags);
      // Some hundred short lives: what the second compiler would win, it does not live to see.
      command.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      return command;
    }

    @Override
    boolean hasEmulatorRoutes() {
      return true;
    }
  };

  /** The target of this run. */
  static Target current() {
    return valueOf(System.getProperty("target", "emulator").toUpperCase(Locale.ROOT));
  }

  /** The command line that serves {@code data} on {@code port}. */
  abstract List<String> command(int port, Path data, Setup setup);

  /** Whether the command line and routes that the contract calls "emulator only" exist. */
  abstract boolean hasEmulatorRoutes();

  private static Path jar() {
    return Path.of(
        System.getProperty("emulator.jar", "../emulator/target/unified-storage-emulator.jar"));
  }
}
