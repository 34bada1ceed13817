package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectsOverSocketsTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;
  @TempDir Path other;
  private TestServer server;

  @BeforeEach
  void open() throws IOException {
    server = new TestServer(folder, false);
  }

  @AfterEach
  void close() throws InterruptedException {
    server.close();
  }

  @Test
  void anIdleObjectLeavesMemoryKeepsItsSocketsAndWakesOnAMessage() throws Exception {
    TestSocket first = server.connect("A.b");
    TestSocket second = server.connect("A.b");
    assertEquals("ack", first.ask(create(1, "c1")).string("status"));
    String boot = server.json("GET", "/stores/A.b/stats").string("bootId");
    assertTrue(server.isAwake("A.b"));
    server.hibernate("A.b");

    JsonObject things =
        second.ask("{\"type\":\"read\",\"id\":2,\"$ids\":[\"c1\"]}").object("things");
    assertEquals("Alice", things.object("c1").string("name"));
    assertEquals("ok", first.ask("{\"type\":\"ping\",\"id\":3}").string("status"));
    JsonObject stats = server.json("GET", "/stores/A.b/stats");
    assertNotEquals(boot, stats.string("bootId"));
    assertEquals(1, stats.number("entries"));

    server.hibernate("A.b");
    assertEquals(
        2,
        first
            .ask("{\"type\":\"update\",\"id\":4,\"$id\":\"c1\",\"data\":{\"x\":1}}")
            .number("$version"));
  }

  @Test
  void anObjectThatIsBusyStaysInMemory() throws Exception {
    TestSocket socket = server.connect("busy");
    socket.ask(create(1, "c1"));
    String boot = server.json("GET", "/stores/busy/stats").string("bootId");
    for (int i = 0; i < 30; i++) {
      server.scheduler.advance(9_000);
      assertEquals("ok", socket.ask("{\"type\":\"ping\",\"id\":1}").string("status"));
    }
    assertEquals(boot, server.json("GET", "/stores/busy/stats").string("bootId"));
  }

  @Test
  void aFileThatIsNoDatabaseIsReportedLeftAloneAndTriedAfresh() throws Exception {
    byte[] content = "not a database at all".repeat(500).getBytes(StandardCharsets.UTF_8);
    Files.write(server.file("bad"), content);
    TestSocket socket = server.connect("bad");
    for (int i = 0; i < 3; i++) {
      JsonObject reply = socket.ask(create(i, "c1"));
      assertEquals("UNAVAILABLE", reply.string("code"));
      assertEquals(i, reply.number("id"));
      assertTrue(reply.string("error").contains(server.file("bad").toString()));
      assertTrue(reply.string("error").contains("Move it away"));
    }
    var stats = server.request("GET", "/stores/bad/stats", "");
    assertEquals(503, stats.statusCode());
    assertTrue(stats.body().contains("\"code\":\"UNAVAILABLE\""), stats.body());
    assertTrue(stats.body().contains("bad.sqlite"), stats.body());
    assertArrayEquals(content, Files.readAllBytes(server.file("bad")));
    Files.delete(server.file("bad"));
    server.scheduler.advance(1_000);
    assertEquals("ack", socket.ask(create(9, "c1")).string("status"));
  }

  @Test
  void anOversizeMessageIsRefusedAndTheSocketStaysOpen() throws Exception {
    TestSocket socket = server.connect("large");
    JsonObject refused = socket.ask("{\"type\":\"ping\",\"id\":1,\"x\":\"" + "x".repeat(3 * MIB));
    assertEquals("PAYLOAD_TOO_LARGE", refused.string("code"));
    ByteBuffer piece = ByteBuffer.wrap("x".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 20; i++) {
      socket.socket.sendBinary(piece.duplicate(), i == 19).join();
    }
    assertEquals("PAYLOAD_TOO_LARGE", socket.reply().string("code"));
    assertEquals("PAYLOAD_TOO_LARGE", socket.ask("é".repeat(MIB / 2) + "x").string("code"));
    String ping = "{\"type\":\"ping\",\"id\":\"";
    String atTheLimit = ping + "x".repeat(MIB - ping.length() - 2) + "\"}";
    assertNotEquals("PAYLOAD_TOO_LARGE", code(socket.ask(atTheLimit)));
    assertEquals("PAYLOAD_TOO_LARGE", code(socket.ask(atTheLimit + " ")));
    assertEquals("ok", socket.ask("{\"type\":\"ping\",\"id\":2}").string("status"));
  }

  @Test
  void garbageIsAnsweredAndTheSocketStaysOpen() throws Exception {
    TestSocket socket = server.connect("garbage");
    assertEquals("PARSE_ERROR", socket.ask("").string("code"));
    assertEquals("PARSE_ERROR", socket.ask("{\"type\":\"ping\",}").string("code"));
    assertEquals("PARSE_ERROR", socket.ask("[".repeat(500_000)).string("code"));
    assertEquals("PARSE_ERROR", socket.askBinary(new byte[] {1, 2, (byte) 0xff}).string("code"));
    byte[] halfBroken = "{\"type\":\"ping\",\"id\":\"?\"}".getBytes(StandardCharsets.UTF_8);
    halfBroken[21] = (byte) 0xc3;
    assertEquals("expected UTF-8 text", socket.askBinary(halfBroken).string("error"));
    String deep = "{\"type\":\"create\",\"id\":7,\"$type\":\"A\",\"data\":{\"a\":";
    JsonObject refused = socket.ask(deep + "[".repeat(200_000) + "]".repeat(200_000) + "}}");
    assertEquals("VALIDATION_ERROR", refused.string("code"));
    assertEquals(7, refused.number("id"));
    assertEquals("ok", socket.ask("{\"type\":\"ping\",\"id\":1}").string("status"));
    byte[] binary = "{\"type\":\"ping\",\"id\":\"é\ufffd\"}".getBytes(StandardCharsets.UTF_8);
    assertEquals("é\ufffd", socket.askBinary(binary).string("id"));
  }

  @Test
  void everyOfManyRequestsHasOneReply() throws Exception {
    TestSocket socket = server.connect("many");
    int count = 3_000;
    Set<Double> open = new HashSet<>();
    for (int i = 0; i < count; i++) {
      socket.send("{\"type\":\"ping\",\"id\":" + i + "}");
      open.add((double) i);
    }
    for (int i = 0; i < count; i++) {
      assertTrue(open.remove(socket.reply().number("id")));
    }
    assertTrue(open.isEmpty());
  }

  @Test
  void aClientThatDoesNotReadIsClosedAndHoldsNobodyUp() throws Exception {
    TestSocket other = server.connect("slow");
    String value = "x".repeat(500_000);
    JsonObject created =
        other.ask(
            "{\"type\":\"create\",\"id\":1,\"$type\":\"A\",\"data\":{\"$id\":\"a\",\"v\":\""
                + value
                + "\"}}");
    assertEquals("ack", created.string("status"));
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      upgrade(slow, "slow");
      OutputStream out = slow.getOutputStream();
      byte[] read = masked("{\"type\":\"read\",\"id\":1,\"$ids\":[\"a\"]}");
      for (int i = 0; i < 200; i++) {
        out.write(read);
      }
      out.flush();
      for (int i = 0; i < 5; i++) {
        assertEquals("ok", other.ask("{\"type\":\"ping\",\"id\":1}").string("status"));
      }
      TestServer.await(
          () -> {
            server.scheduler.advance(1_000);
            return isGone(slow);
          });
    }
    assertEquals("ok", other.ask("{\"type\":\"ping\",\"id\":1}").string("status"));
  }

  @Test
  void anAlarmThatWasSetOutlivesTheProcess() throws Exception {
    TestSocket socket = server.connect("alarmed");
    socket.ask(create(1, "c1"));
    server.close();
    server = new TestServer(copied(server.folder), false);
    TestServer.await(
        () -> {
          server.scheduler.advance(10_000);
          return server.isAwake("alarmed");
        });
    server.hibernate("alarmed");
  }

  /** The files as a process that died now would leave them; this one still has some open. */
  private Path copied(Path from) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = other.resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        if (!file.toString().endsWith("-shm")) {
          Files.copy(file, to);
        }
      }
    }
    return other;
  }

  /** Whether the server has closed the connection; reads nothing that could relieve it. */
  private static boolean isGone(Socket socket) {
    try {
      socket.getOutputStream().write(masked("{\"type\":\"ping\",\"id\":1}"));
      return false;
    } catch (SocketException e) {
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void upgrade(Socket socket, String namespace) throws IOException {
    String request =
        """
        GET /stores/%s HTTP/1.1\r
        Host: test\r
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r
        """
            .formatted(namespace);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    assertTrue(head.toString().startsWith("HTTP/1.1 101"), head.toString());
    assertFalse(head.toString().contains("permessage-deflate"));
  }

  private static byte[] masked(String text) {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 6);
    frame.put((byte) 0x81).put((byte) (0x80 | payload.length)).putInt(0).put(payload);
    return frame.array();
  }

  private static String code(JsonObject reply) {
    return reply.keys().contains("code") ? reply.string("code") : "none";
  }

  private static String create(int id, String thing) {
    return "{\"type\":\"create\",\"id\":"
        + id
        + ",\"$type\":\"Customer\",\"data\":{\"$id\":\""
        + thing
        + "\",\"name\":\"Alice\"}}";
  }
}
