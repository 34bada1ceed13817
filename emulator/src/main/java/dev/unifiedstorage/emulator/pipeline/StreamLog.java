package dev.unifiedstorage.emulator.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The append-only log of one stream: segments of JSON lines, one record a line.
 *
 * <p>The line that ends a send has one space before its line break, which no JSON reader minds:
 *
 * <pre>
 * {"verb":"thing.created", …}⏎
 * {"verb":"thing.updated", …}␠⏎     a send of two records ends here
 * </pre>
 *
 * <p>So {@code cat}, {@code grep} and {@code jq} read the log as it is, and yet a send is in it
 * wholly or not at all: what follows the last complete send, after a crash in the middle of a
 * write, is cut off when the log is next opened. A record never contains a raw line break or a NUL,
 * so a hole that a power cut left in an unacknowledged write shows itself, and ends the log there.
 *
 * <p>One thread appends; any thread reads what was durable when it asked.
 */
final class StreamLog implements AutoCloseable {
  /** A segment that has reached this size is followed by a new one. */
  static final long SEGMENT_BYTES = 64L << 20;

  private static final int READ_BYTES = 1 << 18;

  /** Where a reader stopped, because the next one mostly goes on from there. */
  private record Bookmark(long offset, Segment segment, long position) {}

  private final Path folder;
  private final long segmentBytes;
  private final TreeMap<Long, Segment> segments = new TreeMap<>();

  private FileChannel channel;
  private Segment current;
  private long size;
  private long durableBytes;
  private long next;
  private long durableNext;
  private Bookmark bookmark;

  private StreamLog(Path folder, long segmentBytes) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
  }

  /** Opens the stream kept in {@code folder}, creating it or cutting off a torn end as need be. */
  static StreamLog open(Path folder, long segmentBytes) throws IOException {
    StreamLog log = new StreamLog(folder, segmentBytes);
    Files.createDirectories(folder);
    forceFolder(folder.getParent());
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> file.getFileName().toString().matches("\\d{20}\\.jsonl"))
          .map(Segment::of)
          .forEach(segment -> log.segments.put(segment.first(), segment));
    }
    if (log.segments.isEmpty()) {
      log.startSegment(0);
    } else {
      log.continueSegment(log.segments.lastEntry().getValue());
    }
    return log;
  }

  /** The offset that the next durable record gets. */
  synchronized long end() {
    return durableNext;
  }

  /** The offset of the oldest record that is still there. */
  synchronized long first() {
    return segments.firstKey();
  }

  /** The segment that holds {@code offset}, or will hold it; null when it has been cut off. */
  synchronized Segment segmentOf(long offset) {
    Map.Entry<Long, Segment> found = segments.floorEntry(offset);
    return found == null ? null : found.getValue();
  }

  /** The segment that follows, or null at the end of the log. */
  synchronized Segment segmentAfter(Segment segment) {
    Map.Entry<Long, Segment> found = segments.higherEntry(segment.first());
    return found == null ? null : found.getValue();
  }

  /** How much of a segment is durable. */
  synchronized long durableBytes(Segment segment) throws IOException {
    return segment.equals(current) ? durableBytes : segment.size();
  }

  /**
   * Deletes the oldest segments as long as all of their records lie before {@code offset}, and
   * leaves at least {@code keep} segments.
   */
  void cut(long offset, int keep) throws IOException {
    List<Segment> old = new ArrayList<>();
    synchronized (this) {
      while (segments.size() > keep && segments.higherKey(segments.firstKey()) <= offset) {
        old.add(segments.pollFirstEntry().getValue());
      }
    }
    for (Segment segment : old) {
      Files.deleteIfExists(segment.file());
    }
    if (!old.isEmpty()) {
      forceFolder(folder);
    }
  }

  /**
   * Writes one send; it is not durable until {@link #force}.
   *
   * @param lines the records, each ended by a line break, the last by a space and a line break
   */
  void append(ByteBuffer lines, int records) throws IOException {
    long position = size;
    while (lines.hasRemaining()) {
      position += channel.write(lines, position);
    }
    size = position;
    next += records;
  }

  /** Makes everything appended durable and visible to readers, and rolls a full segment. */
  void force() throws IOException {
    channel.force(false);
    synchronized (this) {
      durableBytes = size;
      durableNext = next;
    }
    if (size >= segmentBytes) {
      channel.close();
      startSegment(next);
    }
  }

  /** Takes back what was appended since the last {@link #force}. */
  void undo() throws IOException {
    size = durableBytes;
    next = durableNext;
    channel.truncate(size);
  }

  /**
   * Durable records from an offset on.
   *
   * @return their lines without the line breaks; fewer than {@code limit} at the end, or when
   *     {@code maxBytes} are reached; none when {@code from} has been cut off
   */
  List<String> read(long from, int limit, long maxBytes) throws IOException {
    List<String> records = new ArrayList<>();
    long offset = from;
    long bytes = 0;
    while (records.size() < limit && bytes < maxBytes && offset < end()) {
      int before = records.size();
      try {
        bytes += readSegment(offset, limit, maxBytes - bytes, records);
      } catch (NoSuchFileException e) {
        if (offset >= first()) {
          throw e;
        }
        break;
      }
      if (records.size() == before) {
        break;
      }
      offset += records.size() - before;
    }
    return records;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private long readSegment(long from, int limit, long maxBytes, List<String> into)
      throws IOException {
    Segment segment;
    long position = 0;
    long offset;
    long end;
    synchronized (this) {
      Map.Entry<Long, Segment> found = segments.floorEntry(from);
      if (found == null) {
        return 0;
      }
      segment = found.getValue();
      end = segment == current ? durableBytes : segment.size();
      offset = segment.first();
      if (bookmark != null && bookmark.segment.equals(segment) && bookmark.offset <= from) {
        offset = bookmark.offset;
        position = bookmark.position;
      }
    }
    long taken = 0;
    byte[] rest = {};
    long restAt = position;
    while (restAt + rest.length < end && into.size() < limit && taken < maxBytes) {
      long chunkAt = restAt + rest.length;
      byte[] chunk = segment.read(chunkAt, (int) Math.min(READ_BYTES, end - chunkAt));
      byte[] all = joined(rest, chunk);
      int start = 0;
      for (int i = rest.length; i < all.length && into.size() < limit && taken < maxBytes; i++) {
        if (all[i] == '\n') {
          if (offset >= from) {
            into.add(new String(all, start, i - start, StandardCharsets.UTF_8).stripTrailing());
            taken += i - start;
          }
          offset++;
          start = i + 1;
        }
      }
      restAt += start;
      rest = Arrays.copyOfRange(all, start, all.length);
    }
    synchronized (this) {
      bookmark = new Bookmark(offset, segment, restAt);
    }
    return taken;
  }

  private void startSegment(long first) throws IOException {
    Segment segment = Segment.in(folder, first);
    channel = FileChannel.open(segment.file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    forceFolder(folder);
    become(segment, 0, first);
  }

  private void continueSegment(Segment segment) throws IOException {
    Segment.Extent extent = segment.wholeSends();
    if (extent.bytes() < segment.size()) {
      segment.truncate(extent.bytes());
    }
    channel = FileChannel.open(segment.file(), StandardOpenOption.WRITE);
    become(segment, extent.bytes(), segment.first() + extent.records());
  }

  private synchronized void become(Segment segment, long bytes, long nextOffset) {
    segments.put(segment.first(), segment);
    current = segment;
    size = bytes;
    durableBytes = bytes;
    next = nextOffset;
    durableNext = nextOffset;
  }

  /** Makes a file's name durable, where the file system lets a folder be opened. */
  private static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      if (!System.getProperty("os.name").startsWith("Windows")) {
        throw e;
      }
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
