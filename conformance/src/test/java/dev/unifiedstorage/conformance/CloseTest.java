package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.driver.StoreSocket;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a socket ends: every close frame has an answer, and the connection goes. */
@ExtendWith(SharedServer.class)
class CloseTest {
  private static final int CLOSE = 8;
  private static final int PROTOCOL_ERROR = 1002;

  /** What stands for a close frame without a code, and is never sent. */
  private static final int NO_CODE = 1005;

  private static int answerTo(StoreServer server, byte[] payload) throws Exception {
    try (Session s = server.open("close-" + UUID.randomUUID())) {
      s.ping().ok();
      s.socket().sendFrame(CLOSE, true, payload);
      return s.socket().closeCode().get(20, TimeUnit.SECONDS);
    }
  }

  private static byte[] payload(int code, String reason) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(code >> 8);
    bytes.write(code);
    bytes.writeBytes(reason.getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  static IntStream codesThatMayBeSent() {
    return IntStream.of(
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4401, 4999);
  }

  static IntStream codesThatMayNotBeSent() {
    return IntStream.of(
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 32768, 65535);
  }

  @ParameterizedTest
  @MethodSource("codesThatMayBeSent")
  void aCodeThatMayBeSentComesBack(int code, StoreServer server) throws Exception {
    for (String reason : List.of("", "bye", "é".repeat(61))) {
      assertEquals(code, answerTo(server, payload(code, reason)), reason);
    }
  }

  @ParameterizedTest
  @MethodSource("codesThatMayNotBeSent")
  void aCodeThatMayNotBeSentIsAProtocolError(int code, StoreServer server) throws Exception {
    int answer =
        code == NO_CODE && !Target.current().tellsNoCodeFromABadOne() ? NO_CODE : PROTOCOL_ERROR;
    for (String reason : List.of("", "bye")) {
      assertEquals(answer, answerTo(server, payload(code, reason)), reason);
    }
  }

  @Test
  void aCloseWithoutACodeIsAnsweredWithoutOne(StoreServer server) throws Exception {
    assertEquals(NO_CODE, answerTo(server, new byte[0]));
  }

  /** A client may have said all it has to say, and still want to hear the answer. */
  @Test
  void aWriteIsAnsweredWhenItsSocketIsHalfClosedRightBehindIt(StoreServer server) throws Exception {
    String namespace = "half-closed-" + UUID.randomUUID();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.process().port())) {
      socket.setSoTimeout(20_000);
      String upgrade =
          String.join(
              "\r\n",
              "GET /stores/%s HTTP/1.1",
              "Host: store",
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
              "",
              "");
      OutputStream out = socket.getOutputStream();
      out.write(upgrade.formatted(namespace).getBytes(StandardCharsets.US_ASCII));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      byte[] create =
          "{\"type\":\"create\",\"id\":1,\"$type\":\"T\",\"data\":{\"$id\":\"a\"}}"
              .getBytes(StandardCharsets.US_ASCII);
      // Masked with zeros, which leave the text as it is.
      out.write(new byte[] {(byte) 0x81, (byte) (0x80 | create.length), 0, 0, 0, 0});
      out.write(create);
      socket.shutdownOutput();
      assertEquals(0x81, in.readUnsignedByte(), "a text");
      byte[] reply = in.readNBytes(in.readUnsignedByte());
      new Reply(StoreSocket.JSON.readTree(reply)).ack();
    }
  }

  @Test
  void halfOfACodeIsAProtocolError(StoreServer server) throws Exception {
    int answer = Target.current().tellsNoCodeFromABadOne() ? PROTOCOL_ERROR : NO_CODE;
    assertEquals(answer, answerTo(server, new byte[] {3}));
  }
}
