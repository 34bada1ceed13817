package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that asks and does not read: what waits for it must not make the object grow. */
@ExtendWith(SharedServer.class)
class SlowReaderTest {
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int CLOSE = 8;

  /** The emulator drops the connection so long behind its close, whatever still waits. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int THING_BYTES = 900_000;

  /** The bound of 16 MiB, the reply that passes it, and what two kernels' buffers may hold. */
  private static final long AT_MOST_BYTES = 40L << 20;

  private static final int REQUESTS = 80;

  @Test
  void aClientThatDoesNotReadIsClosedWith1013AndHoldsUpNoOther(Session s, StoreServer server)
      throws Exception {
    s.create("big", "{'pad':'" + "x".repeat(THING_BYTES) + "'}").ack();
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.process().port())) {
      slow.setSoTimeout(60_000);
      upgrade(slow, s.namespace());
      OutputStream out = slow.getOutputStream();
      for (int i = 0; i < REQUESTS; i++) {
        out.write(masked("{\"type\":\"read\",\"id\":" + i + ",\"$ids\":[\"big\"]}"));
      }
      out.flush();
      long askedNanos = System.nanoTime();
      // Another client is served meanwhile, for as long as the store may take to answer the first
      // one: read sooner, the replies would never wait.
      for (int i = 0; i < REQUESTS; i++) {
        s.ping().ok();
      }
      s.update("big", "{'n':1}").ack();
      long bytes = 0;
      int code = 0;
      DataInputStream in = new DataInputStream(slow.getInputStream());
      try {
        while (code == 0) {
          int opcode = in.readUnsignedByte() & 0xf;
          int length = in.readUnsignedByte();
          long size =
              length < 126 ? length : length == 126 ? in.readUnsignedShort() : in.readLong();
          byte[] payload = in.readNBytes(Math.toIntExact(size));
          bytes += size;
          if (opcode == CLOSE) {
            code = ByteBuffer.wrap(payload).getShort() & 0xffff;
          }
        }
        assertEquals(TRY_AGAIN_LATER, code);
      } catch (EOFException | SocketException dropped) {
        // The other client took so long that the close had to be given up, unread.
        assertTrue(System.nanoTime() - askedNanos > GRACE_NANOS, dropped::toString);
      }
      assertTrue(bytes < AT_MOST_BYTES, "it was sent " + bytes + " bytes");
    }
    assertEquals(1, s.thing("big").path("n").asInt());
  }

  /** Shakes hands, and names the protocol with capitals: that is allowed. */
  private static void upgrade(Socket socket, String namespace) throws IOException {
    String request =
        """
        GET /stores/%s HTTP/1.1\r
        Host: test\r
        Connection: Upgrade\r
        Upgrade: WebSocket\r
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
    assertTrue(head.toString().startsWith("HTTP/1.1 101"), head::toString);
  }

  private static byte[] masked(String text) {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 6);
    frame.put((byte) 0x81).put((byte) (0x80 | payload.length)).putInt(0).put(payload);
    return frame.array();
  }
}
