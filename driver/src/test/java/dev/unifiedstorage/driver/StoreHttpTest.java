package dev.unifiedstorage.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StoreHttpTest {
  /**
   * A server that answers one request a connection. If the client did not ask for its end, the
   * connection stays open until a second request comes, and then breaks as if the server was
   * killed.
   */
  private static final class OneAnswerAConnection implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());

    OneAnswerAConnection() throws IOException {
      Thread thread = new Thread(this::serve, "one-answer");
      thread.setDaemon(true);
      thread.start();
    }

    URI uri() {
      return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    private void serve() {
      while (!listener.isClosed()) {
        try (Socket socket = listener.accept()) {
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
          boolean last = readHead(in);
          String connection = last ? "Connection: close\r\n" : "";
          String answer = "HTTP/1.1 200 OK\r\n" + connection + "Content-Length: 2\r\n\r\n{}";
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
          if (!last) {
            readHead(in);
          }
        } catch (IOException e) {
          // The client is gone.
        }
      }
    }

    /** Reads a request without a body; says whether it is the connection's last. */
    private static boolean readHead(BufferedReader in) throws IOException {
      boolean last = false;
      String line = in.readLine();
      while (line != null && !line.isEmpty()) {
        last |= line.equalsIgnoreCase("Connection: close");
        line = in.readLine();
      }
      return last;
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test
  void noRequestGoesOutOnAConnectionThatItsServerMayHaveLeft() throws IOException {
    try (OneAnswerAConnection server = new OneAnswerAConnection()) {
      StoreHttp http = new StoreHttp(server.uri());
      for (int i = 0; i < 3; i++) {
        assertEquals("{}", http.checkpoint("store").toString());
      }
    }
  }
}
