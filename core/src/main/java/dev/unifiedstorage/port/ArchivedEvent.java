package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * One row of the archive table: the flat fields of a Pipeline record, its payload as JSON text.
 *
 * <p>A packed row, {@code store.events}, stands for several events of one life that follow on one
 * another; its {@code seq} and {@code tsMs} are the first one's.
 *
 * @param epoch 0 when no store numbered it
 * @param life 0 when the row is from before there were lives
 * @param seq 0 for a {@code store.fence}
 * @param verb null where positions alone were asked for
 * @param entityId null for a fence and in a packed row
 * @param entityType null for a fence and in a packed row
 * @param version what the event made of its thing's version, 1 at creation; 0 for a fence
 * @param tsMs the record's {@code ts}
 * @param payload null where positions alone were asked for
 * @param session the session whose numbered write it is, null for a write outside of sessions
 * @param sub the owner of that session, null where sessions have no owners; before this column
 *     there was one, {@code session} had it in front, with a line feed behind it
 * @param n the number of that write, 0 without a session
 * @param batchIndex which operation of a batch it is, -1 in a write of its own
 * @param events how many events a packed row has, also where positions alone were asked for; 0 in
 *     every other row
 */
public record ArchivedEvent(
    double epoch,
    double life,
    double seq,
    @Nullable String verb,
    @Nullable String entityId,
    @Nullable String entityType,
    double version,
    double tsMs,
    @Nullable String payload,
    @Nullable String session,
    @Nullable String sub,
    double n,
    int batchIndex,
    int events) {

  /** The verb of a packed row. */
  public static final String PACKED = "store.events";

  /** The most events that a packed row has. */
  public static final int MOST_PACKED = 1000;

  /** A row of its own. */
  public ArchivedEvent(
      double epoch,
      double life,
      double seq,
      @Nullable String verb,
      @Nullable String entityId,
      @Nullable String entityType,
      double version,
      double tsMs,
      @Nullable String payload,
      @Nullable String session,
      @Nullable String sub,
      double n,
      int batchIndex) {
    this(
        epoch,
        life,
        seq,
        verb,
        entityId,
        entityType,
        version,
        tsMs,
        payload,
        session,
        sub,
        n,
        batchIndex,
        0);
  }

  /** One that is no numbered write of a session. */
  public ArchivedEvent(
      double epoch,
      double life,
      double seq,
      @Nullable String verb,
      @Nullable String entityId,
      @Nullable String entityType,
      double version,
      double tsMs,
      @Nullable String payload) {
    this(epoch, life, seq, verb, entityId, entityType, version, tsMs, payload, null, null, 0, -1);
  }

  /** What is given of it where positions alone are asked for. */
  public ArchivedEvent position() {
    return new ArchivedEvent(
        epoch, life, seq, null, null, null, 0, 0, null, null, null, 0, -1, events);
  }
}
