package dev.unifiedstorage.conformance;

import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.SocketLoop;
import dev.unifiedstorage.driver.StoreHttp;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A server of the current target over one data directory, which can be killed and started again.
 *
 * <p>It keeps its port over restarts, so that addresses stay valid.
 */
final class StoreServer implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofMinutes(2);

  private final Path data;
  private final Path log;
  private final int port;
  private final SocketLoop loop;

  /** The end of events that no test looks at; null where the target keeps them itself. */
  private final PipelineSink ownSink;

  private ServerProcess process;

  private StoreServer(Path data, int port, SocketLoop loop, PipelineSink ownSink) {
    this.data = data;
    this.log = data.resolveSibling(data.getFileName() + ".log");
    this.port = port;
    this.loop = loop;
    this.ownSink = ownSink;
  }

  /** Builds the target, if no server was started yet. */
  static void build() throws IOException {
    Built.once();
  }

  /** Starts a server; its log lies beside {@code data}. */
  static StoreServer start(Setup setup, Path data) throws IOException {
    Built.once();
    PipelineSink ownSink = Target.current().hasEmulatorRoutes() ? null : new PipelineSink();
    StoreServer server = new StoreServer(data, ServerProcess.freePort(), new SocketLoop(), ownSink);
    try {
      server.startAgain(setup);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Starts over the same data, perhaps with another setup; the process must be gone. */
  void startAgain(Setup setup) throws IOException {
    boolean keptByTarget = ownSink == null || setup.pipeline().isPresent();
    Setup complete = keptByTarget ? setup : setup.sendingTo(ownSink);
    List<String> command = Target.current().command(port, data, complete);
    process = ServerProcess.start(command, port, log, START_DEADLINE);
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
    return open(namespace, "");
  }

  /** Opens a socket to a namespace, with a query behind its address. */
  Session open(String namespace, String query) throws IOException {
    URI socket = http().socket(namespace);
    URI address = query.isEmpty() ? socket : URI.create(socket + "?" + query);
    return new Session(loop.connect(address, 1_024), http(), namespace);
  }

  @Override
  public void close() throws IOException {
    loop.close();
    if (process != null) {
      process.close();
    }
    if (ownSink != null) {
      ownSink.close();
    }
  }

  /** The target, built when the first server is started; starts beside it wait. */
  private static final class Built {
    private static boolean done;

    static synchronized void once() throws IOException {
      if (!done) {
        Target.current().build();
        done = true;
      }
    }
  }
}
