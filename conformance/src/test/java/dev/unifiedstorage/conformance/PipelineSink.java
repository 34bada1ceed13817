package dev.unifiedstorage.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A Pipeline at the end of an HTTP address: it keeps every record it accepted, in order.
 *
 * <p>It outlives the servers that send to it. Its mode decides what becomes of a delivery; a
 * delivery that hangs is decided when the mode changes.
 */
final class PipelineSink implements AutoCloseable {
  /** What the sink does with a delivery. */
  enum Mode {
    /** Keeps it and answers 200. */
    OK,
    /** Drops it and answers 200, as a Pipeline does that is not asked what it has. */
    FORGET,
    /** Drops it and answers 503. */
    REJECT,
    /** Keeps it and answers 503, as after a lost answer. */
    DUPLICATE,
    /** Answers nothing until the mode changes. */
    HANG
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<JsonNode> records = new ArrayList<>();
  private Mode mode = Mode.OK;
  private long delayMillis;
  private int deliveries;
  private boolean closed;

  PipelineSink() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  synchronized void mode(Mode next) {
    mode = next;
    notifyAll();
  }

  /** Answers so much later from now on. */
  synchronized void delay(Duration delay) {
    delayMillis = delay.toMillis();
  }

  private synchronized long delayMillis() {
    return delayMillis;
  }

  /** How many deliveries have arrived, whatever became of them. */
  synchronized int deliveries() {
    return deliveries;
  }

  /** Every record kept of a namespace, repeats included, in order of arrival. */
  synchronized List<JsonNode> records(String namespace) {
    return records.stream().filter(r -> namespace.equals(r.path("ns").asText())).toList();
  }

  /** The events of a namespace, and the fences among them, as the contract says to read them. */
  EventLog log(String namespace) {
    return EventLog.of(records(namespace));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      int status = forgets() ? 200 : decide(StoreSocket.JSON.readTree(body));
      LockSupport.parkNanos(delayMillis() * 1_000_000);
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private synchronized boolean forgets() {
    deliveries += mode == Mode.FORGET ? 1 : 0;
    return mode == Mode.FORGET;
  }

  private synchronized int decide(JsonNode batch) {
    deliveries++;
    while (mode == Mode.HANG && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 503;
      }
    }
    if (!batch.isArray()) {
      return 400;
    }
    if (mode == Mode.OK || mode == Mode.DUPLICATE) {
      batch.forEach(records::add);
    }
    return mode == Mode.OK ? 200 : 503;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
