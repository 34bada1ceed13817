package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.archive.Archive;
import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.EmulatorDirectory;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.Streams;
import dev.unifiedstorage.jvm.time.Scheduler;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The listening socket and everything that is reached through it. */
public final class HttpServer {
  private static final int MAX_THREADS = 64;
  private static final int MIN_THREADS = 8;
  private static final int BACKLOG = 1_024;

  private final Javalin javalin;

  /**
   * @param directory where stores are listed
   * @param archive null when events go to a Pipeline elsewhere
   * @param settableFaults whether {@code PUT /faults} exists
   * @param guard what a request has to pass first
   * @param scheduler by which clients take too long: the machine's time, whatever stores go by
   */
  public HttpServer(
      String host,
      int port,
      DurableObjects objects,
      EmulatorDirectory directory,
      Streams pipeline,
      Archive archive,
      Faults faults,
      boolean settableFaults,
      AccessGuard guard,
      Scheduler scheduler) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("http");
    threads.setDaemon(true);
    HttpRoutes routes =
        new HttpRoutes(
            objects,
            directory,
            new PipelineRoutes(pipeline, faults, threads),
            archive == null ? null : new ArchiveRoutes(archive),
            settableFaults ? new FaultRoutes(faults, objects, threads) : null,
            threads);
    javalin =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.showOldJavalinVersionWarning = false;
              config.startup.startupWatcherEnabled = false;
              config.http.compressionStrategy = CompressionStrategy.NONE;
              config.jetty.threadPool = threads;
              config.jetty.modifyServer(
                  server -> {
                    server.insertHandler(new UnreadAnswers(scheduler));
                    if (archive != null) {
                      server.insertHandler(new ObjectRoutes(archive.warehouse()));
                    }
                    server.insertHandler(new WholeBodies(scheduler));
                    server.insertHandler(new SocketUpgrades(objects));
                    // Inserted last, it stands first.
                    server.insertHandler(guard);
                    server.setErrorHandler(new JsonErrors());
                    server.setStopTimeout(0);
                  });
              config.jetty.addConnector(
                  (server, http) -> {
                    ServerConnector connector =
                        new ServerConnector(server, 1, 1, new HttpConnectionFactory(http)) {
                          @Override
                          protected SocketChannelEndPoint newEndPoint(
                              SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                            PatientEndPoint endPoint =
                                new PatientEndPoint(channel, selector, key, getScheduler());
                            endPoint.setIdleTimeout(getIdleTimeout());
                            return endPoint;
                          }
                        };
                    connector.setHost(host);
                    connector.setPort(port);
                    connector.setAcceptQueueSize(BACKLOG);
                    return connector;
                  });
              routes.addTo(config.routes);
            });
  }

  /** Starts to listen; throws what Javalin throws when that cannot be done. */
  public void start() {
    javalin.start();
  }

  /** The port in use, which tells what 0 became. */
  public int port() {
    return javalin.port();
  }

  /** Takes no new connections; those that are open stay. */
  public void stopAccepting() {
    Server server = javalin.jettyServer().server();
    for (Connector connector : server.getConnectors()) {
      ((ServerConnector) connector).close();
    }
  }

  public void stop() {
    javalin.stop();
  }
}
