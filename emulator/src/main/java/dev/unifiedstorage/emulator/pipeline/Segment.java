package dev.unifiedstorage.emulator.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * One file of a stream's log: {@code %020d.jsonl}, named by the offset of its first record.
 *
 * @param first the offset of the first record
 */
record Segment(Path file, long first) {
  static final String SUFFIX = ".jsonl";

  private static final int CHUNK_BYTES = 1 << 20;

  /** How far a segment's content can be trusted. */
  record Extent(long bytes, long records) {}

  static Segment in(Path folder, long first) {
    return new Segment(folder.resolve(String.format(Locale.ROOT, "%020d", first) + SUFFIX), first);
  }

  static Segment of(Path file) {
    String name = file.getFileName().toString();
    return new Segment(file, Long.parseLong(name.substring(0, name.length() - SUFFIX.length())));
  }

  /**
   * Measures the part that holds whole sends: up to the last line that ends one, and before any
   * byte that no line can have. See {@link StreamLog} for the format.
   */
  Extent wholeSends() throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    long at = 0;
    long lines = 0;
    long wholeBytes = 0;
    long wholeLines = 0;
    byte previous = '\n';
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int read; (read = channel.read(ByteBuffer.wrap(chunk))) > 0; ) {
        for (int i = 0; i < read; i++) {
          byte b = chunk[i];
          if (b == 0 || previous == '\n' && b != '{') {
            return new Extent(wholeBytes, wholeLines);
          }
          if (b == '\n') {
            lines++;
            if (previous == ' ') {
              wholeBytes = at + i + 1;
              wholeLines = lines;
            }
          }
          previous = b;
        }
        at += read;
      }
    }
    return new Extent(wholeBytes, wholeLines);
  }

  /** Cuts the file to {@code bytes} and makes that durable. */
  void truncate(long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
      channel.force(true);
    }
  }

  long size() throws IOException {
    return Files.size(file);
  }

  /** Bytes from {@code start}, at most {@code count}, fewer at the end. */
  byte[] read(long start, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int read;
      do {
        read = channel.read(buffer, start + buffer.position());
      } while (read > 0 && buffer.hasRemaining());
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
