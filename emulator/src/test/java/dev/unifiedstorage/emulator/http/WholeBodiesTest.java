package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeBodiesTest {
  /** More than the server has threads. */
  private static final int SLOW_CLIENTS = 80;

  @TempDir Path folder;
  private TestServer server;
  private final List<Socket> slow = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    server = new TestServer(folder, false);
  }

  @AfterEach
  void close() throws Exception {
    for (Socket socket : slow) {
      socket.close();
    }
    server.close();
  }

  /** A client that sends the beginning of a body. */
  private Socket begin(String path, String begin) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout((int) TestServer.DEADLINE_MS);
    slow.add(socket);
    String head = "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n";
    send(socket, head + begin);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String answer(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  private static boolean isAnswered(Socket socket) {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void bodiesThatDoNotComeKeepNobodyElseWaiting() throws Exception {
    for (int i = 0; i < SLOW_CLIENTS; i++) {
      begin(i % 2 == 0 ? "/stores/x/requests" : "/pipelines/x", "{");
    }
    assertEquals(200, server.request("GET", "/health", "").statusCode());
    String ping = "{\"type\":\"ping\",\"id\":1}";
    assertEquals(200, server.request("POST", "/stores/y/requests", ping).statusCode());
    for (Socket socket : slow) {
      send(socket, " ");
    }
    assertEquals(200, server.request("GET", "/health", "").statusCode());
  }

  @Test
  void aBodyThatDoesNotComeInTimeIsEnded() throws Exception {
    Socket socket = begin("/stores/x/requests", "{");
    // Its time begins with the server's first look at it, which is not seen from here.
    TestServer.await(
        () -> {
          server.scheduler.advance(WholeBodies.PATIENCE_MS);
          return isAnswered(socket);
        });
    String answer = answer(socket);
    assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    assertTrue(answer.contains("\"code\":\"VALIDATION_ERROR\""), answer);
  }

  @Test
  void aBodyThatComesInPiecesIsWhole() throws Exception {
    String body = "{\"type\":\"ping\",\"id\":\"" + "x".repeat(77) + "\"}";
    assertEquals(100, body.length());
    Socket socket = begin("/stores/x/requests", body.substring(0, 30));
    send(socket, body.substring(30));
    socket.shutdownOutput();
    assertTrue(answer(socket).endsWith("x\",\"status\":\"ok\"}"));
  }

  @Test
  void aBodyThatBreaksOffIsToldSo() throws Exception {
    Socket socket = begin("/stores/x/requests", "{");
    socket.shutdownOutput();
    String answer = answer(socket);
    assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    assertTrue(answer.contains("expected a whole body, it broke off"), answer);
  }
}
