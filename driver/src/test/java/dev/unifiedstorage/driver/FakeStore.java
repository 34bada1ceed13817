package dev.unifiedstorage.driver;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A server of one WebSocket that answers as its test says.
 *
 * <p>It reads frames as the specification describes them, not with the client's own code, so that
 * the two check each other.
 */
final class FakeStore implements AutoCloseable {
  /** What the server does with a message it received. */
  @FunctionalInterface
  interface Answer {
    void to(FakeStore server, int opcode, byte[] message) throws Exception;
  }

  private final ServerSocket listener;
  private final Answer answer;
  final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private OutputStream out;
  private Socket socket;

  FakeStore(Answer answer) throws IOException {
    this.answer = answer;
    this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "fake-store");
    thread.setDaemon(true);
    thread.start();
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/stores/test");
  }

  private void serve() {
    try (Socket accepted = listener.accept()) {
      socket = accepted;
      DataInputStream in = new DataInputStream(new BufferedInputStream(accepted.getInputStream()));
      out = accepted.getOutputStream();
      upgrade(in);
      while (true) {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        if ((second & 0x80) == 0) {
          throw new IOException("a client must mask its frames");
        }
        int length = second & 0x7f;
        length =
            length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < length; i++) {
          payload[i] ^= mask[i % 4];
        }
        if ((first & 0x0f) == 8) {
          frame(8, true, payload);
          return;
        }
        answer.to(this, first & 0x0f, payload);
      }
    } catch (IOException e) {
      // the client has gone, which ends the test's conversation
    } catch (Exception | AssertionError e) {
      failures.add(e);
    }
  }

  private void upgrade(DataInputStream in) throws Exception {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      head.write(in.readUnsignedByte());
    }
    String key =
        head.toString(StandardCharsets.US_ASCII)
            .lines()
            .filter(line -> line.startsWith("Sec-WebSocket-Key: "))
            .findFirst()
            .orElseThrow()
            .substring(19);
    byte[] digest =
        MessageDigest.getInstance("SHA-1")
            .digest(
                (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
    String accept = Base64.getEncoder().encodeToString(digest);
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accept
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends the frames of one message, cut where {@code cuts} say. */
  void message(String text, Integer... cuts) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int from = 0;
    List<Integer> ends = new java.util.ArrayList<>(Arrays.asList(cuts));
    ends.add(bytes.length);
    for (int end : ends) {
      frame(from == 0 ? 1 : 0, end == bytes.length, Arrays.copyOfRange(bytes, from, end));
      from = end;
    }
  }

  void frame(int opcode, boolean fin, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write((fin ? 0x80 : 0) | opcode);
    if (payload.length < 126) {
      frame.write(payload.length);
    } else if (payload.length < 65_536) {
      frame.write(126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) payload.length >> shift));
      }
    }
    frame.writeBytes(payload);
    out.write(frame.toByteArray());
  }

  void drop() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (socket != null) {
      socket.close();
    }
  }
}
