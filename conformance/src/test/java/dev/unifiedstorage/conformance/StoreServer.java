package dev.unifiedstorage.conformance;

import dev.unifiedstorage.client.ServerProcess;
import dev.unifiedstorage.client.SocketLoop;
import dev.unifiedstorage.client.StoreHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A server of the current target over one data directory, which can be killed and started again.
 *
 * <p>It keeps its port over restarts, so that addresses stay valid.
 */
final class StoreServer implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofSeconds(120);

  private final Path data;
  private final Path log;
  private final int port;
  private final SocketLoop loop;
  private ServerProcess process;

  private StoreServer(Path data, int port, SocketLoop loop) {
    this.data = data;
    this.log = data.resolveSibling(data.getFileName() + ".log");
    this.port = port;
    this.loop = loop;
  }

  /** Starts a server; its log lies beside {@code data}. */
  static StoreServer start(Setup setup, Path data) throws IOException {
    SocketLoop loop = new SocketLoop();
    try {
      StoreServer server = new StoreServer(data, ServerProcess.freePort(), loop);
      server.startAgain(setup);
      return server;
    } catch (IOException | RuntimeException e) {
      loop.close();
      throw e;
    }
  }

  /** Starts over the same data, perhaps with another setup; the process must be gone. */
  void startAgain(Setup setup) throws IOException {
    process =
        ServerProcess.start(Target.current().command(port, data, setup), port, log, START_DEADLINE);
  }

  ServerProcess process() {
    return process;
  }

  StoreHttp http() {
    return process.http();
  }

  Path data() {
    return data;
  }

  /** Opens a socket to a namespace. */
  Session open(String namespace) throws IOException {
    return new Session(loop.connect(http().socket(namespace), 1_024), http(), namespace);
  }

  @Override
  public void close() throws IOException {
    loop.close();
    process.close();
  }
}
