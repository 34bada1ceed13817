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
 * <p>Of a position all but epoch, life, seq and events are null or 0; of a fence, entity and
 * version are.
 */
record ArchivedRow(
    long epoch,
    long life,
    long seq,
    String verb,
    String entityId,
    String entityType,
    long version,
    long tsMs,
    byte[] payload,
    String session,
    String sub,
    long n,
    long batchIndex,
    long events) {

  static final Comparator<ArchivedRow> ORDER =
      Comparator.comparingLong(ArchivedRow::epoch)
          .thenComparingLong(ArchivedRow::seq)
          .thenComparingLong(ArchivedRow::life);

  /** What a row takes besides its texts: objects, references, numbers. */
  private static final int OVERHEAD_BYTES = 160;

  private static final int NONE = -1;

  /** About how much memory it takes. */
  int bytes() {
    return OVERHEAD_BYTES
        + (payload == null ? 0 : payload.length)
        + (entityId == null ? 0 : 2 * entityId.length());
  }

  ArchivedEvent event() {
    return new ArchivedEvent(
        epoch,
        life,
        seq,
        verb,
        entityId,
        entityType,
        version,
        tsMs,
        payload == null ? null : new String(payload, StandardCharsets.UTF_8),
        session,
        sub,
        n,
        (int) batchIndex,
        (int) events);
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeLong(epoch);
    out.writeLong(life);
    out.writeLong(seq);
    out.writeLong(version);
    out.writeLong(tsMs);
    out.writeLong(n);
    out.writeLong(batchIndex);
    out.writeLong(events);
    write(out, bytes(verb));
    write(out, bytes(entityId));
    write(out, bytes(entityType));
    write(out, payload);
    write(out, bytes(session));
    write(out, bytes(sub));
  }

  static ArchivedRow readFrom(DataInputStream in) throws IOException {
    long epoch = in.readLong();
    long life = in.readLong();
    long seq = in.readLong();
    long version = in.readLong();
    long tsMs = in.readLong();
    long n = in.readLong();
    long batchIndex = in.readLong();
    long events = in.readLong();
    return new ArchivedRow(
        epoch,
        life,
        seq,
        text(in),
        text(in),
        text(in),
        version,
        tsMs,
        bytes(in),
        text(in),
        text(in),
        n,
        batchIndex,
        events);
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? NONE : bytes.length);
    if (bytes != null) {
      out.write(bytes);
    }
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    return length == NONE ? null : in.readNBytes(length);
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = bytes(in);
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
