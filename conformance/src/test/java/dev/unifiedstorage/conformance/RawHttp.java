package dev.unifiedstorage.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The answer to a request line as it stands, also one that no HTTP client would send.
 *
 * @param status the HTTP status
 * @param head the status line and the headers, as they came
 * @param body everything behind the headers, as it came
 */
record RawHttp(int status, String head, String body) {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** Asks for a path and query, on a connection of its own. */
  static RawHttp get(StoreServer server, String target) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.process().port())) {
      socket.setSoTimeout((int) DEADLINE.toMillis());
      String request = "GET " + target + " HTTP/1.1\r\nHost: store\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int body = answer.indexOf("\r\n\r\n");
      if (body < 0) {
        throw new IOException("no HTTP answer to " + target + ": " + answer);
      }
      return new RawHttp(
          Integer.parseInt(answer.substring(9, 12)),
          answer.substring(0, body),
          answer.substring(body + 4));
    }
  }
}
