package dev.unifiedstorage.emulator.archive;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Brings rows in the order of ({@code epoch}, {@code seq}) in bounded memory.
 *
 * <p>Rows gather in a buffer; when it is full they are sorted and go to a file as one run, and in
 * the end the runs are merged with what the buffer still holds. The table gives no order to lean
 * on: files overlap as soon as a row comes late, and their bounds cover all namespaces at once, so
 * nothing can be handed out before the last file was read. A namespace that fits in the buffer,
 * nearly every one, never touches the disk, and costs little, for its rows come nearly sorted.
 *
 * <p>The file has no name from the moment it is open, so that nothing is left of it, however the
 * process ends.
 */
final class RowSorter implements AutoCloseable {
  private static final int STREAM_BYTES = 1 << 16;

  /** Receives the rows in order; says whether it wants more. */
  interface Rows {
    boolean row(ArchivedRow row) throws IOException;
  }

  /** Rows in order, one at a time. */
  private interface Run {
    /** The next row, or null at the end. */
    ArchivedRow next() throws IOException;
  }

  private record Head(ArchivedRow row, Run of, int number) {
    /** Equal rows keep the order they came in. */
    static final Comparator<Head> ORDER =
        Comparator.comparing(Head::row, ArchivedRow.ORDER).thenComparingInt(Head::number);
  }

  private record Extent(long from, long to) {}

  private final Path folder;
  private final long bufferBytes;
  private final List<ArchivedRow> buffer = new ArrayList<>();
  private final List<Extent> runs = new ArrayList<>();
  private long buffered;
  private FileChannel spill;

  /**
   * @param folder where the file is, if one is needed
   */
  RowSorter(Path folder, long bufferBytes) {
    this.folder = folder;
    this.bufferBytes = bufferBytes;
  }

  void add(ArchivedRow row) throws IOException {
    buffer.add(row);
    buffered += row.bytes();
    if (buffered >= bufferBytes) {
      writeRun();
    }
  }

  /** How many runs went to the disk. */
  int runs() {
    return runs.size();
  }

  /** Hands out all rows in order, as long as they are wanted; to be called once, after the last. */
  void forEach(Rows rows) throws IOException {
    buffer.sort(ArchivedRow.ORDER);
    if (runs.isEmpty()) {
      for (ArchivedRow row : buffer) {
        if (!rows.row(row)) {
          return;
        }
      }
      return;
    }
    PriorityQueue<Head> heads = new PriorityQueue<>(runs.size() + 1, Head.ORDER);
    int number = 0;
    for (Extent extent : runs) {
      push(heads, run(extent), number++);
    }
    int[] next = {0};
    push(heads, () -> next[0] == buffer.size() ? null : buffer.get(next[0]++), number);
    for (Head head = heads.poll(); head != null; head = heads.poll()) {
      if (!rows.row(head.row)) {
        return;
      }
      push(heads, head.of, head.number);
    }
  }

  @Override
  public void close() throws IOException {
    if (spill != null) {
      spill.close();
    }
  }

  private void writeRun() throws IOException {
    if (spill == null) {
      Files.createDirectories(folder);
      spill =
          FileChannel.open(
              Files.createTempFile(folder, "sort", ".tmp"),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    buffer.sort(ArchivedRow.ORDER);
    long from = spill.size();
    spill.position(from);
    DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Channels.newOutputStream(spill), STREAM_BYTES));
    for (ArchivedRow row : buffer) {
      row.writeTo(out);
    }
    out.flush();
    runs.add(new Extent(from, spill.size()));
    buffer.clear();
    buffered = 0;
  }

  private Run run(Extent extent) {
    FileSection section = new FileSection(spill, extent.from, extent.to);
    DataInputStream in = new DataInputStream(new BufferedInputStream(section, STREAM_BYTES));
    return () -> in.available() == 0 ? null : ArchivedRow.readFrom(in);
  }

  private static void push(PriorityQueue<Head> heads, Run run, int number) throws IOException {
    ArchivedRow row = run.next();
    if (row != null) {
      heads.add(new Head(row, run, number));
    }
  }
}
