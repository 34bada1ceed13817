package dev.unifiedstorage.emulator;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** The command: reads the command line, runs the emulator until it is told to stop. */
public final class Main {
  private static final int STOPPED = 0;
  private static final int CANNOT_START = 1;
  private static final int WRONG_USAGE = 2;
  private static final long STOP_AT_LATEST_MS = 4_500;

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    try {
      Options options = Options.parse(args);
      if (options.help()) {
        System.out.print(Options.helpText());
        return;
      }
      run(options);
    } catch (Options.UsageException e) {
      fail(e.getMessage() + " (--help lists the options)", WRONG_USAGE);
    } catch (CannotStartException e) {
      fail(e.getMessage(), CANNOT_START);
    }
  }

  private static void run(Options options) throws CannotStartException, InterruptedException {
    AtomicReference<Emulator> running = new AtomicReference<>();
    // Before anybody can be answered: a signal that comes right after must find it.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running.get()), "stop"));
    Emulator emulator = Emulator.start(options, System.err);
    running.set(emulator);
    boolean ipv6 = options.host().indexOf(':') >= 0;
    String authority = (ipv6 ? "[" + options.host() + "]" : options.host()) + ":" + emulator.port();
    System.out.printf(
        """
        Unified Storage emulator, data in %s
          socket  ws://%s/stores/{namespace}
          stats   http://%s/stores/{namespace}/stats
          events  %s
          iceberg %s
          health  http://%s/health
        Ctrl-C writes everything and stops.
        """,
        emulator.data().path(),
        authority,
        authority,
        options.pipelineUrl() == null
            ? "http://" + authority + "/pipelines/events"
            : options.pipelineUrl(),
        options.pipelineUrl() == null
            ? "http://" + authority + "/iceberg (table unified_storage.events)"
            : "none, the events go elsewhere",
        authority);
    System.out.flush();
    new CountDownLatch(1).await();
  }

  /**
   * Runs as the shutdown hook, with null while nothing has been acknowledged yet; a plain end of it
   * would leave the signal's own exit code.
   */
  private static void stop(Emulator emulator) {
    Thread watchdog =
        new Thread(
            () -> {
              try {
                Thread.sleep(STOP_AT_LATEST_MS);
              } catch (InterruptedException e) {
                return;
              }
              Runtime.getRuntime().halt(STOPPED);
            },
            "stop-at-latest");
    watchdog.setDaemon(true);
    watchdog.start();
    try {
      if (emulator != null) {
        emulator.stop();
      }
    } catch (InterruptedException | IOException | RuntimeException e) {
      System.err.println("error while stopping: " + e);
    }
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(STOPPED);
  }

  private static void fail(String message, int exitCode) {
    System.err.println("unified-storage-emulator: " + message);
    System.err.flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
