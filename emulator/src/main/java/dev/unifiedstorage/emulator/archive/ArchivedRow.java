package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.ArchivedEvent;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * A row of the table in the reader's hands: the payload is still the bytes of the file.
 *
 * @param entityId null for a fence
 * @param entityType null for a fence
 * @param version 0 for a fence
 */
record ArchivedRow(
    long epoch,
    long seq,
    String verb,
    String entityId,
    String entityType,
    long version,
    long tsMs,
    byte[] payload) {

  static final Comparator<ArchivedRow> ORDER =
      Comparator.comparingLong(ArchivedRow::epoch).thenComparingLong(ArchivedRow::seq);

  /** What a row takes besides its texts: objects, references, numbers. */
  private static final int OVERHEAD_BYTES = 160;

  private static final int NONE = -1;

  /** About how much memory it takes. */
  int bytes() {
    return OVERHEAD_BYTES + payload.length + (entityId == null ? 0 : 2 * entityId.length());
  }

  ArchivedEvent event() {
    return new ArchivedEvent(
        epoch,
        seq,
        verb,
        entityId,
        entityType,
        version,
        tsMs,
        new String(payload, StandardCharsets.UTF_8));
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeLong(epoch);
    out.writeLong(seq);
    out.writeLong(version);
    out.writeLong(tsMs);
    write(out, verb.getBytes(StandardCharsets.UTF_8));
    write(out, entityId == null ? null : entityId.getBytes(StandardCharsets.UTF_8));
    write(out, entityType == null ? null : entityType.getBytes(StandardCharsets.UTF_8));
    write(out, payload);
  }

  static ArchivedRow readFrom(DataInputStream in) throws IOException {
    long epoch = in.readLong();
    long seq = in.readLong();
    long version = in.readLong();
    long tsMs = in.readLong();
    return new ArchivedRow(
        epoch, seq, text(in), text(in), text(in), version, tsMs, in.readNBytes(in.readInt()));
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? NONE : bytes.length);
    if (bytes != null) {
      out.write(bytes);
    }
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    return length == NONE ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
