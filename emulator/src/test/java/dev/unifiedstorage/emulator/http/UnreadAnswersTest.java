package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreadAnswersTest {
  /** More than the server has threads. */
  private static final int CLIENTS = 70;

  private static final int THING_CHARS = 900_000;

  /** Together more than the machine takes from a server for a client that does not read. */
  private static final int READS = 4;

  @TempDir Path folder;
  private TestServer server;
  private final List<Socket> clients = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    server = new TestServer(folder, false);
    String put =
        "{\"type\":\"put\",\"id\":1,\"$type\":\"T\",\"$id\":\"a\",\"data\":{\"text\":\""
            + "x".repeat(THING_CHARS)
            + "\"}}";
    assertEquals(200, server.request("POST", "/stores/x/requests", put).statusCode());
  }

  @AfterEach
  void close() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    server.close();
  }

  /** A client that asks for something and does not read it. */
  private Socket ask(String request) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.setSoTimeout((int) TestServer.DEADLINE_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    clients.add(socket);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String reads() {
    String read = "{\"type\":\"read\",\"id\":1,\"$ids\":[\"a\"]}";
    String body = "[" + String.join(",", Collections.nCopies(READS, read)) + "]";
    String head = "POST /stores/x/requests HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    return head + body.length() + "\r\n\r\n" + body;
  }

  private static boolean isBegun(Socket socket) {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** They had all threads until Jetty gave up their connections, after 30 s. */
  @Test
  void answersThatAreNotReadKeepNoOtherClientWaiting() throws Exception {
    askAllAndOthers(reads());
    Socket late = clients.get(CLIENTS / 2);
    late.shutdownOutput();
    String answer = new String(late.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertTrue(answer.startsWith("HTTP/1.1 200 "), () -> answer.substring(0, 200));
    assertTrue(answer.lastIndexOf("}]") > READS * THING_CHARS, "the whole of it is there");
  }

  @Test
  void filesThatAreNotReadKeepNoOtherClientWaiting() throws Exception {
    Path file = folder.resolve("warehouse/archive/large.bin");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[2 * READS * THING_CHARS]);
    askAllAndOthers("GET /objects/archive/large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  private void askAllAndOthers(String request) throws Exception {
    for (int i = 0; i < CLIENTS; i++) {
      ask(request);
    }
    TestServer.await(() -> clients.stream().allMatch(UnreadAnswersTest::isBegun));
    assertEquals(200, server.request("GET", "/health", "").statusCode());
    String ping = "{\"type\":\"ping\",\"id\":1}";
    assertEquals(200, server.request("POST", "/stores/y/requests", ping).statusCode());
  }
}
