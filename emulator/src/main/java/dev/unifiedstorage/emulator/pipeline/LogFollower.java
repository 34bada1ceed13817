package dev.unifiedstorage.emulator.pipeline;

import java.io.IOException;
import java.util.Arrays;

/**
 * A reader that goes through a stream's log once, in order, and never past what is durable.
 *
 * <p>It belongs to one thread, and remembers where it is, so that following costs no search.
 */
public final class LogFollower {
  private static final int CHUNK_BYTES = 1 << 18;

  /** Where the log is found, which an I/O error may replace by a new one of the same files. */
  interface Source {
    StreamLog log() throws IOException;
  }

  /** Receives records as the bytes of their JSON texts, which are valid during the call only. */
  public interface Records {
    void record(byte[] bytes, int from, int to);
  }

  private final Source source;
  private Segment segment;
  private long position;
  private long offset;

  LogFollower(Source source, long from) {
    this.source = source;
    this.offset = from;
  }

  /** The offset of the record that comes next. */
  public long offset() {
    return offset;
  }

  /** How many durable bytes are still to come. */
  public long bytesBehind() throws IOException {
    StreamLog log = source.log();
    find(log);
    long bytes = -position;
    for (Segment at = segment; at != null; at = log.segmentAfter(at)) {
      bytes += log.durableBytes(at);
    }
    return bytes;
  }

  /**
   * Hands over the next few hundred kilobytes of whole records.
   *
   * @return how many they were; 0 when there are none at the moment
   */
  public int next(Records records) throws IOException {
    StreamLog log = source.log();
    find(log);
    while (position == log.durableBytes(segment)) {
      Segment after = log.segmentAfter(segment);
      if (after == null) {
        return 0;
      }
      segment = after;
      position = 0;
    }
    return lines(wholeLines(log.durableBytes(segment)), records);
  }

  /** Goes to where {@code offset} begins, the first time. */
  private void find(StreamLog log) throws IOException {
    if (segment != null) {
      return;
    }
    segment = log.segmentOf(offset);
    if (segment == null) {
      throw new IOException(
          "expected offset " + offset + " in the log, found that it begins at " + log.first());
    }
    position = 0;
    long wanted = offset;
    offset = segment.first();
    long end = log.durableBytes(segment);
    while (offset < wanted && position < end) {
      byte[] chunk = wholeLines(end);
      int at = 0;
      while (offset < wanted && at < chunk.length) {
        if (chunk[at++] == '\n') {
          offset++;
        }
      }
      position += at;
    }
    if (offset < wanted) {
      long found = offset;
      offset = wanted;
      segment = null;
      throw new IOException(
          "expected offset " + wanted + " in the log, found that it ends at " + found);
    }
  }

  /** Bytes from {@code position} up to the last line break that one read, or a larger one, has. */
  private byte[] wholeLines(long end) throws IOException {
    for (int size = CHUNK_BYTES; ; size *= 2) {
      byte[] chunk = segment.read(position, (int) Math.min(size, end - position));
      int length = chunk.length;
      while (length > 0 && chunk[length - 1] != '\n') {
        length--;
      }
      if (length == chunk.length) {
        return chunk;
      }
      if (length > 0) {
        return Arrays.copyOf(chunk, length);
      }
    }
  }

  private int lines(byte[] chunk, Records records) {
    int count = 0;
    int start = 0;
    for (int i = 0; i < chunk.length; i++) {
      if (chunk[i] == '\n') {
        records.record(chunk, start, i);
        start = i + 1;
        count++;
      }
    }
    position += chunk.length;
    offset += count;
    return count;
  }
}
