package dev.unifiedstorage.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One server for all tests that neither stop nor configure it, and a sink its events go to.
 *
 * <p>Every {@link Session} parameter is a socket to a namespace of its own, closed after the test.
 */
final class SharedServer implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(SharedServer.class);

  /** The server, its sink and its directory, which go when the last test has run. */
  record Running(StoreServer server, PipelineSink sink, Path directory) implements AutoCloseable {
    static Running start() {
      try {
        Path directory = Files.createTempDirectory("conformance");
        PipelineSink sink = new PipelineSink();
        Setup setup = Setup.plain().sendingTo(sink);
        StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        return new Running(server, sink, directory);
      } catch (IOException e) {
        throw new IllegalStateException("the shared server does not start", e);
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      sink.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Session.class || type == StoreServer.class || type == PipelineSink.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Running running =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent("running", key -> Running.start(), Running.class);
    Class<?> type = parameter.getParameter().getType();
    if (type == StoreServer.class) {
      return running.server();
    }
    if (type == PipelineSink.class) {
      return running.sink();
    }
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent("session", key -> open(running.server()), Session.class);
  }

  private static Session open(StoreServer server) {
    try {
      return server.open("test-" + UUID.randomUUID());
    } catch (IOException e) {
      throw new IllegalStateException("the shared server takes no socket", e);
    }
  }
}
