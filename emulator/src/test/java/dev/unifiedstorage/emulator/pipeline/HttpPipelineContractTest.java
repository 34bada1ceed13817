package dev.unifiedstorage.emulator.pipeline;

import com.sun.net.httpserver.HttpServer;
import dev.unifiedstorage.contract.PipelineContract;
import dev.unifiedstorage.jvm.json.JsonRecords;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Pipeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class HttpPipelineContractTest extends PipelineContract {
  private final List<String> stored = new ArrayList<>();
  private HttpServer server;
  private Pipeline pipeline;
  private volatile int status = 200;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            synchronized (stored) {
              stored.addAll(JsonRecords.of(body));
            }
            exchange.sendResponseHeaders(status, -1);
          }
        });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    pipeline = new HttpPipeline(url).with(new JsoniterJson());
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  @Override
  protected Pipeline pipeline() {
    return pipeline;
  }

  @Override
  protected void breakIt() {
    status = 503;
  }

  @Override
  protected List<String> stored() {
    synchronized (stored) {
      return List.copyOf(stored);
    }
  }
}
