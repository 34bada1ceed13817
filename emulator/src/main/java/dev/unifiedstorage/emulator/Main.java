package dev.unifiedstorage.emulator;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The command: a shell around {@link Emulator} that reads the command line and turns signals and
 * errors into exit codes.
 *
 * <p>A program that wants an emulator inside itself uses {@link Emulator}; this class ends the
 * process it runs in. It says 0 only for a signal that asked it to stop: a process that ends for
 * another reason keeps the exit code it chose.
 */
public final class Main {
  private static final int STOPPED = 0;
  private static final int CANNOT_START = 1;

  /** What the shell reports of a process that SIGKILL ended. */
  private static final int KILLED = 137;

  private static final int WRONG_USAGE = 2;
  private static final long STOP_AT_LATEST_MS = 4_500;
  private static final List<String> STOP_SIGNALS = List.of("TERM", "INT", "HUP");

  /** Libraries speak up only when something is wrong; the emulator says the rest itself. */
  private static final Map<String, String> LOG_OF_LIBRARIES =
      Map.of(
          "org.slf4j.simpleLogger.defaultLogLevel", "warn",
          "org.slf4j.simpleLogger.log.io.javalin", "off",
          "org.slf4j.simpleLogger.showThreadName", "false",
          "org.slf4j.simpleLogger.showShortLogName", "true");

  private Main() {}

  /** Runs the program; it ends the process, so another program calls {@link Emulator#start}. */
  public static void main(String[] args) throws InterruptedException {
    LOG_OF_LIBRARIES.forEach(System.getProperties()::putIfAbsent);
    try {
      CommandLine line = CommandLine.parse(System.getenv(), args);
      if (line.help()) {
        System.out.print(CommandLine.helpText());
        return;
      }
      if (line.version()) {
        System.out.print(CommandLine.versionText());
        return;
      }
      run(line.options());
    } catch (CommandLine.UsageException e) {
      fail(e.getMessage() + " (--help lists the options)", WRONG_USAGE);
    } catch (CannotStartException e) {
      fail(e.getMessage(), CANNOT_START);
    }
  }

  private static void run(EmulatorOptions options)
      throws CannotStartException, InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    // Before anybody can be answered: a signal that comes right after must be heeded.
    STOP_SIGNALS.forEach(signal -> onSignal(signal, asked::countDown));
    Emulator emulator = Emulator.start(options, () -> Runtime.getRuntime().halt(KILLED));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(emulator), "stop"));
    greet(options, emulator);
    asked.await();
    stop(emulator);
    end(STOPPED);
  }

  private static void greet(EmulatorOptions options, Emulator emulator) {
    URI http = emulator.url();
    boolean embedded = options.pipelineUrl() == null;
    System.out.printf(
        """
        Unified Storage emulator, data in %s
          page       %s/
          socket     ws://%s/stores/{namespace}
          stats      %s/stores/{namespace}/stats
          events     %s
          iceberg    %s
          health     %s/health
          durability %s
        Try: npx wscat -w 1 -c ws://%s/stores/hello \\
               -x '{"type":"create","id":1,"$type":"Customer","data":{"name":"Alice"}}'
        Ctrl-C writes everything and stops.
        """,
        emulator.data(),
        http,
        http.getAuthority(),
        http,
        embedded ? http + "/pipelines/events" : options.pipelineUrl(),
        embedded
            ? http + "/iceberg (table unified_storage.events)"
            : "none, the events go elsewhere",
        http,
        options.vars().getOrDefault("DURABILITY", embedded ? "pipeline" : "local"),
        http.getAuthority());
    System.out.flush();
  }

  /** Stops it, and waits no longer than the contract allows: what is left is recovered later. */
  private static void stop(Emulator emulator) {
    Thread stopping =
        new Thread(
            () -> {
              try {
                emulator.close();
              } catch (RuntimeException e) {
                System.err.println("error while stopping: " + e);
              }
            },
            "stopping");
    stopping.setDaemon(true);
    stopping.start();
    try {
      TimeUnit.MILLISECONDS.timedJoin(stopping, STOP_AT_LATEST_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs {@code body} in place of the JVM's own way to take a signal, which would give the process
   * an exit code that tells of an error. The class that can do that is in every JDK but in no
   * standard, so it is called by its name; where it is missing, or has no such signal, the JVM's
   * way and the shutdown hook remain.
   */
  private static void onSignal(String name, Runnable body) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object heeds =
          Proxy.newProxyInstance(
              Main.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  body.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), heeds);
    } catch (ReflectiveOperationException e) {
      // As said above.
    }
  }

  private static void fail(String message, int exitCode) {
    System.err.println("unified-storage-emulator: " + message);
    end(exitCode);
  }

  private static void end(int exitCode) {
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
