package dev.unifiedstorage.driver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The frames of one socket (RFC 6455, section 5): what was received and is not yet a whole message,
 * and how a frame to be sent looks.
 *
 * <p>Not thread-safe: the receiving half belongs to the loop's thread. A message is handed over as
 * a range of the buffer it was read into, without a copy.
 */
final class Frames {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private byte[] in = new byte[32 * 1024];
  private int start;
  private int end;
  private byte[] fragments = new byte[0];
  private int fragmentOpcode;

  /** What a whole message or control frame is handed to. */
  @FunctionalInterface
  interface Receiver {
    void receive(int opcode, byte[] bytes, int offset, int length) throws IOException;
  }

  /** Room for the next read; {@link #filled} must follow. */
  ByteBuffer room() {
    if (start == end) {
      start = 0;
      end = 0;
    } else if (end == in.length) {
      byte[] target = start > in.length / 2 ? in : new byte[in.length * 2];
      System.arraycopy(in, start, target, 0, end - start);
      in = target;
      end -= start;
      start = 0;
    }
    return ByteBuffer.wrap(in, end, in.length - end);
  }

  /** Takes {@code count} freshly read bytes and hands over every frame that is now whole. */
  void filled(int count, Receiver receiver) throws IOException {
    end += count;
    while (parseOne(receiver)) {
      // each turn consumes one frame
    }
  }

  private boolean parseOne(Receiver receiver) throws IOException {
    int available = end - start;
    if (available < 2) {
      return false;
    }
    int first = in[start] & 0xff;
    int second = in[start + 1] & 0xff;
    if ((second & 0x80) != 0) {
      throw new IOException("the server sent a masked frame");
    }
    int header = second < 126 ? 2 : second == 126 ? 4 : 10;
    if (available < header) {
      return false;
    }
    long length = second;
    if (second >= 126) {
      length = 0;
      for (int i = 2; i < header; i++) {
        length = (length << 8) | (in[start + i] & 0xff);
      }
    }
    if (length < 0 || length + fragments.length > MAX_MESSAGE_BYTES) {
      throw new IOException("the server sent a message of more than " + MAX_MESSAGE_BYTES);
    }
    if (available - header < length) {
      return false;
    }
    int payload = start + header;
    start = payload + (int) length;
    dispatch(first & 0x0f, (first & 0x80) != 0, payload, (int) length, receiver);
    return true;
  }

  private void dispatch(int opcode, boolean fin, int offset, int length, Receiver receiver)
      throws IOException {
    boolean control = opcode >= CLOSE;
    if (control || (fin && opcode != CONTINUATION)) {
      receiver.receive(opcode, in, offset, length);
      return;
    }
    if (opcode != CONTINUATION) {
      fragmentOpcode = opcode;
    }
    byte[] joined = new byte[fragments.length + length];
    System.arraycopy(fragments, 0, joined, 0, fragments.length);
    System.arraycopy(in, offset, joined, fragments.length, length);
    fragments = joined;
    if (fin) {
      fragments = new byte[0];
      receiver.receive(fragmentOpcode, joined, 0, joined.length);
    }
  }

  /** The bytes a masked frame of {@code length} needs, at most. */
  static int sizeFor(int length) {
    return 14 + length;
  }

  /** Appends a masked frame to {@code out}, which has room for {@link #sizeFor}. */
  static void encode(ByteBuffer out, int opcode, boolean fin, byte[] payload) {
    out.put((byte) ((fin ? 0x80 : 0) | opcode));
    int length = payload.length;
    if (length < 126) {
      out.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      out.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      out.put((byte) (0x80 | 127)).putLong(length);
    }
    int mask = ThreadLocalRandom.current().nextInt();
    out.putInt(mask);
    ByteBuffer source = ByteBuffer.wrap(payload);
    while (source.remaining() >= 4) {
      out.putInt(source.getInt() ^ mask);
    }
    for (int shift = 24; source.hasRemaining(); shift -= 8) {
      out.put((byte) (source.get() ^ (mask >>> shift)));
    }
  }
}
