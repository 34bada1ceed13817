package dev.unifiedstorage.emulator.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A part of a file as a stream, which closes the file. Many can be read at the same time, for each
 * has a position of its own.
 */
public final class FileSection extends InputStream {
  private final FileChannel channel;
  private final long end;
  private long at;

  public FileSection(FileChannel channel, long from, long to) {
    this.channel = channel;
    this.at = from;
    this.end = to;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, end - at);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (at == end) {
      return -1;
    }
    int wanted = (int) Math.min(length, end - at);
    int read = channel.read(ByteBuffer.wrap(into, from, wanted), at);
    at += Math.max(0, read);
    return read;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
