package dev.unifiedstorage.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StoreSocketTest {
  private SocketLoop loop;

  @BeforeEach
  void startLoop() throws IOException {
    loop = new SocketLoop();
  }

  @AfterEach
  void stopLoop() throws IOException {
    loop.close();
  }

  private static ObjectNode ping() {
    return StoreSocket.JSON.createObjectNode().put("type", "ping");
  }

  private static void echo(FakeStore server, int opcode, byte[] message) throws IOException {
    server.message(new String(message, StandardCharsets.UTF_8));
  }

  @Test
  void repliesFindTheirRequestsInAnyOrder() throws Exception {
    List<String> held = new ArrayList<>();
    FakeStore.Answer backwards =
        (server, opcode, message) -> {
          held.add(0, new String(message, StandardCharsets.UTF_8));
          if (held.size() == 3) {
            for (String reply : held) {
              server.message(reply);
            }
          }
        };
    try (FakeStore server = new FakeStore(backwards);
        StoreSocket socket = loop.connect(server.uri(), 8)) {
      CompletableFuture<JsonNode> text = socket.send(ping().put("id", "7"));
      CompletableFuture<JsonNode> number = socket.send(ping().put("id", 7).put("n", 1));
      CompletableFuture<JsonNode> given = socket.send(ping());
      assertEquals("7", StoreSocket.await(text).path("id").textValue());
      assertEquals(1, StoreSocket.await(number).path("n").asInt());
      assertTrue(StoreSocket.await(given).path("id").isNumber());
      assertEquals(0, socket.outstanding());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 90, 125, 126, 127, 65_000, 65_535, 65_536, 1_100_000})
  void messagesOfEverySizeArriveWholeBothWays(int filler) throws Exception {
    try (FakeStore server = new FakeStore(StoreSocketTest::echo);
        StoreSocket socket = loop.connect(server.uri(), 1)) {
      String text = "é".repeat(filler / 2) + "x".repeat(filler % 2);
      assertEquals(text, socket.call(ping().put("text", text)).path("text").textValue());
      assertEquals(text, socket.call(ping().put("text", text)).path("text").textValue());
    }
  }

  @Test
  void fragmentsAndPingsBetweenThemAreUnderstood() throws Exception {
    BlockingQueue<byte[]> pongs = new LinkedBlockingQueue<>();
    FakeStore.Answer inPieces =
        (server, opcode, message) -> {
          if (opcode == Frames.PONG) {
            pongs.add(message);
            return;
          }
          byte[] reply = "{\"id\":1,\"text\":\"é€😀\"}".getBytes(StandardCharsets.UTF_8);
          server.frame(Frames.TEXT, false, java.util.Arrays.copyOf(reply, 17));
          server.frame(Frames.PING, true, new byte[] {1, 2, 3});
          server.frame(Frames.CONTINUATION, false, new byte[0]);
          server.frame(
              Frames.CONTINUATION, true, java.util.Arrays.copyOfRange(reply, 17, reply.length));
        };
    try (FakeStore server = new FakeStore(inPieces);
        StoreSocket socket = loop.connect(server.uri(), 1)) {
      assertEquals("é€😀", socket.call(ping().put("id", 1)).path("text").textValue());
      assertArrayEquals(new byte[] {1, 2, 3}, pongs.poll(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void repliesWithoutARequestAreKeptApart() throws Exception {
    try (FakeStore server = new FakeStore((s, opcode, message) -> s.message("{\"id\":null}"));
        StoreSocket socket = loop.connect(server.uri(), 1)) {
      socket.sendFrame(Frames.TEXT, true, new byte[] {'{'});
      assertTrue(socket.nextUncorrelated().path("id").isNull());
      assertEquals(0, socket.uncorrelatedCount());
    }
  }

  @Test
  void senderBeyondTheWindowWaitsAndACompletionHasRoom() throws Exception {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    FakeStore.Answer hold = (s, opcode, m) -> received.add(new String(m, StandardCharsets.UTF_8));
    try (FakeStore server = new FakeStore(hold);
        StoreSocket socket = loop.connect(server.uri(), 2)) {
      CompletableFuture<JsonNode> chained =
          socket.send(ping().put("id", 1)).thenCompose(reply -> socket.send(ping().put("id", 4)));
      socket.send(ping().put("id", 2));
      CompletableFuture<Void> third = new CompletableFuture<>();
      Thread sender =
          new Thread(
              () -> {
                socket.send(ping().put("id", 3));
                third.complete(null);
              });
      sender.start();
      received.take();
      received.take();
      assertFalse(third.isDone());
      assertEquals(2, socket.outstanding());
      server.message("{\"id\":1}");
      server.message("{\"id\":2}");
      third.get(20, TimeUnit.SECONDS);
      received.take();
      received.take();
      server.message("{\"id\":4,\"last\":true}");
      assertTrue(StoreSocket.await(chained).path("last").asBoolean());
    }
  }

  @Test
  void aLostConnectionFailsWhatWaitsAndWhatComesAfter() throws Exception {
    try (FakeStore server = new FakeStore((s, opcode, message) -> s.drop());
        StoreSocket socket = loop.connect(server.uri(), 4)) {
      CompletableFuture<JsonNode> waiting = socket.send(ping());
      assertThrows(ExecutionException.class, () -> waiting.get(20, TimeUnit.SECONDS));
      assertEquals(1006, socket.closeCode().get(20, TimeUnit.SECONDS));
      CompletableFuture<JsonNode> late = socket.send(ping());
      assertThrows(ExecutionException.class, () -> late.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void whoSendsWhileTheConnectionBreaksMeetsNoFullBuffer() throws Exception {
    byte[] message = new byte[20_000];
    for (int round = 0; round < 30; round++) {
      try (FakeStore server = new FakeStore((s, opcode, bytes) -> s.drop());
          StoreSocket socket = loop.connect(server.uri(), 4)) {
        for (int i = 0; i < 200; i++) {
          socket.sendFrame(Frames.TEXT, true, message);
        }
      }
    }
  }

  @Test
  void theServersCloseCodeIsKept() throws Exception {
    FakeStore.Answer goingAway =
        (s, opcode, message) -> s.frame(Frames.CLOSE, true, new byte[] {0x03, (byte) 0xe9});
    try (FakeStore server = new FakeStore(goingAway);
        StoreSocket socket = loop.connect(server.uri(), 4)) {
      socket.send(ping());
      assertEquals(1001, socket.closeCode().get(20, TimeUnit.SECONDS));
      assertTrue(server.failures.isEmpty(), server.failures::toString);
    }
  }
}
