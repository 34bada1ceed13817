package dev.unifiedstorage.driver;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * The HTTP routes of one server, and the addresses of its sockets.
 *
 * <p>Every request has a connection of its own. What uses this class kills servers and starts them
 * again at the same port, and servers close connections that have been idle: a request that goes
 * out on a kept connection can find that it is no longer read.
 *
 * <p>The named routes throw when the answer is not 200; {@link #request} hands back any answer.
 */
public final class StoreHttp {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  static {
    // The JDK's client lets no program say "Connection: close" unless this names it, and reads it
    // once: a program that uses that client elsewhere has to set it on its command line.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection");
  }

  private final URI base;
  private final HttpClient client;

  /** A client of the server at {@code base}, such as {@code http://127.0.0.1:8787}. */
  public StoreHttp(URI base) {
    this.base = base;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(DEADLINE)
            .build();
  }

  /** The address of a namespace's socket. */
  public URI socket(String namespace) {
    String scheme = "https".equals(base.getScheme()) ? "wss" : "ws";
    return URI.create(scheme + "://" + base.getRawAuthority() + "/stores/" + namespace);
  }

  /** A namespace's statistics. */
  public JsonNode stats(String namespace) throws IOException {
    return json("GET", "/stores/" + namespace + "/stats", null);
  }

  /** A namespace's metrics, as Prometheus reads them. */
  public String metrics(String namespace) throws IOException {
    return ok("GET", "/stores/" + namespace + "/metrics", null).body();
  }

  /** Checkpoints a namespace now. */
  public JsonNode checkpoint(String namespace) throws IOException {
    return json("POST", "/stores/" + namespace + "/checkpoint", "");
  }

  /** Sets the emulator's faults. */
  public void faults(String faults) throws IOException {
    ok("PUT", "/faults", faults);
  }

  /** Whether the server says it is well. */
  public boolean healthy() {
    try {
      return request("GET", "/health", null).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** The answer of any route as JSON; throws when it is not 200. */
  public JsonNode json(String method, String path, String body) throws IOException {
    return StoreSocket.JSON.readTree(ok(method, path, body).body());
  }

  private HttpResponse<String> ok(String method, String path, String body) throws IOException {
    HttpResponse<String> response = request(method, path, body);
    if (response.statusCode() != 200) {
      throw new IOException(
          method + " " + path + " answered " + response.statusCode() + ": " + response.body());
    }
    return response;
  }

  /**
   * Any request and its answer.
   *
   * @param body null for none
   * @param headers names and values by turns
   */
  public HttpResponse<String> request(String method, String path, String body, String... headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(DEADLINE)
            .header("Connection", "close")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + method + " " + path, e);
    }
  }
}
