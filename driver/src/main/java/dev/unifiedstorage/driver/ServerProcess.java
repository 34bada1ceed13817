package dev.unifiedstorage.driver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server that runs as a child process, listening on a port of 127.0.0.1.
 *
 * <p>Whatever happens to the program that started it, short of SIGKILL, the child is gone when the
 * program is: a shutdown hook stands in for a forgotten {@link #close}. The child may be a launcher
 * with the server as a child of its own: what is killed is always all of them.
 */
public final class ServerProcess implements AutoCloseable {
  private static final long POLL_MILLIS = 20;

  private static final Duration KILL_DEADLINE = Duration.ofSeconds(10);

  /** Claimed when the first port is asked for. */
  private static PortRange ports;

  private final Process process;
  private final int port;
  private final Path log;
  private final StoreHttp http;
  private final Thread hook;

  private ServerProcess(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
    this.http = new StoreHttp(URI.create("http://127.0.0.1:" + port));
    this.hook = new Thread(this::killAll, "kill-child");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * The command line that runs an emulator jar over a data directory, with further flags such as
   * {@code --set NAME=value}.
   */
  public static List<String> emulatorCommand(Path jar, Path data, int port, List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", jar.toString(), "--port", Integer.toString(port)));
    command.addAll(List.of("--data", data.toString()));
    command.addAll(flags);
    return command;
  }

  /** Starts a command whose server listens on {@code port}; its output is appended to a file. */
  public static ServerProcess launch(List<String> command, int port, Path log) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process.getOutputStream().close();
    return new ServerProcess(process, port, log);
  }

  /** Starts a command and waits until {@code /health} answers; a child that dies is an error. */
  public static ServerProcess start(List<String> command, int port, Path log, Duration deadline)
      throws IOException {
    ServerProcess server = launch(command, port, log);
    try {
      server.awaitHealthy(deadline);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * A port nothing listens on at the moment, and that no other test is given while its server is
   * down: neither another caller, here or in a program beside this one, nor, by the kernel, a
   * connection or a listener.
   */
  public static synchronized int freePort() throws IOException {
    if (ports == null) {
      ports = PortRange.claim();
    }
    return ports.nextFree();
  }

  private void awaitHealthy(Duration deadline) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    while (!http.healthy()) {
      if (exited(Duration.ofMillis(POLL_MILLIS))) {
        throw new IOException("the server ended with " + process.exitValue() + ":\n" + output());
      }
      if (System.nanoTime() > end) {
        throw new IOException("the server is not healthy after " + deadline + ":\n" + output());
      }
    }
  }

  private boolean exited(Duration within) throws IOException {
    try {
      return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the server", e);
    }
  }

  /** The routes of this server. */
  public StoreHttp http() {
    return http;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** Whether the process runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** What the server has printed, this and every earlier process that used the same file. */
  public String output() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** SIGKILL, and waits until the process is gone and its port is free. */
  public void kill() throws IOException {
    killAll();
    if (!exited(KILL_DEADLINE)) {
      throw new IOException("the server survived SIGKILL");
    }
    forgetHook();
    awaitDeaf();
  }

  private void killAll() {
    // Taken before the first of them dies: an orphan is no descendant of the process.
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  /**
   * Waits until nothing listens any more.
   *
   * <p>The exit of a child can be waited for, that of its children cannot: one that no process has
   * reaped yet still counts as alive. But the kernel closes a process's sockets only when its last
   * thread has ended.
   */
  private void awaitDeaf() throws IOException {
    long end = System.nanoTime() + KILL_DEADLINE.toNanos();
    while (listening()) {
      if (System.nanoTime() > end) {
        throw new IOException("port " + port + " is still served after SIGKILL");
      }
      LockSupport.parkNanos(POLL_MILLIS * 1_000_000);
    }
  }

  private boolean listening() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** SIGTERM, and waits as {@link #kill} does; the exit code, or an error when it takes longer. */
  public int terminate(Duration deadline) throws IOException {
    process.destroy();
    int code = awaitExit(deadline);
    awaitDeaf();
    return code;
  }

  /** The exit code of a process that ends by itself, or an error when it does not in time. */
  public int awaitExit(Duration deadline) throws IOException {
    if (!exited(deadline)) {
      throw new IOException("the server still runs after " + deadline + ":\n" + output());
    }
    forgetHook();
    return process.exitValue();
  }

  private void forgetHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the program is shutting down: the hook runs, and finds the process gone
    }
  }

  /** Kills the process if it still runs. */
  @Override
  public void close() throws IOException {
    if (process.isAlive()) {
      kill();
    } else {
      forgetHook();
    }
  }
}
