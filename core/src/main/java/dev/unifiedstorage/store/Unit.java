package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.state.Undo;
import dev.unifiedstorage.wal.AppliedEvent;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one request has done: its writes, applied to the state and not yet in the log, and what its
 * reply shows.
 *
 * <p>It ends in {@link #commit}, which gives all of its events to the log, or {@link #rollback},
 * which leaves no trace: the seqs are given out again.
 */
final class Unit {
  /** What one character of UTF-16 takes in UTF-8 at most. */
  private static final int BYTES_A_CHAR = 3;

  private final WriteAheadLog wal;
  private final boolean atomic;
  private final Grant grant;
  private @Nullable AppliedEvent first;
  private @Nullable AppliedEvent last;
  private int size;
  private Life life = Life.NONE;
  private final double room;
  private double shownSeq;
  private double shownChars;

  /** What the reads of this request show, in UTF-8 bytes where that was measured. */
  private double shownBytes;

  private double returnedBytes;
  private double nowMs = -1;

  /** The session's write that it is, null for a write outside of sessions. */
  private @Nullable NumberedWrite numbered;

  private int batchIndex = Event.Extras.NO_BATCH;

  /**
   * @param grant what the client may do
   * @param room how many bytes the reply may have, beside what any reply may
   */
  Unit(WriteAheadLog wal, boolean atomic, Grant grant, double room) {
    this.wal = wal;
    this.atomic = atomic;
    this.grant = grant;
    this.room = room;
  }

  /** The seq of the next event; the first one gives this instance a life to write in. */
  double nextSeq() {
    if (size == 0) {
      life = wal.lives().beginWrite();
    }
    return wal.seqs().applied() + size + 1;
  }

  Life life() {
    return life;
  }

  /** The instant of all it does: what has expired for one of its operations has for all. */
  double nowMs(Clock clock) {
    if (nowMs < 0) {
      nowMs = clock.nowMs();
    }
    return nowMs;
  }

  /** What the client may do. */
  Grant grant() {
    return grant;
  }

  /**
   * Whether the next event must leave together with the one before: of a batch that is atomic no
   * half may last, and of a session's write neither, for it counts as carried out by any of it.
   */
  boolean joined() {
    return (atomic || numbered != null) && size > 0;
  }

  /** Says whose write it is. */
  void numbered(@Nullable NumberedWrite write) {
    numbered = write;
  }

  @Nullable NumberedWrite numbered() {
    return numbered;
  }

  /** Says which operation of a batch makes the next events. */
  void operation(int index) {
    batchIndex = index;
  }

  void add(Event plain, Undo undo) {
    Event event =
        numbered == null
            ? plain
            : plain.inSession(numbered.session(), numbered.owner(), numbered.n(), batchIndex);
    AppliedEvent applied = new AppliedEvent(event, undo);
    if (last == null) {
      first = applied;
    } else {
      last.setNext(applied);
    }
    last = applied;
    size++;
  }

  /** Whether the reply has room for a thing of that size, which it then shows. */
  boolean hasRoomToShow(int chars) {
    if (shownChars + chars > Math.min(room, Limits.REPLY_BYTES)) {
      return false;
    }
    shownChars += chars;
    return true;
  }

  /**
   * Whether a reply may have what a read shows, beside what the reads before it do. A character is
   * up to three bytes, so little text of one read need not be measured.
   */
  boolean mayShow(JsonWriter things, Json json) {
    int chars = things.length();
    boolean measured =
        chars > Limits.REPLY_BYTES / 3
            || (batchIndex != Event.Extras.NO_BATCH && chars > Limits.UNMEASURED_CHARS);
    shownBytes += measured ? json.utf8Length(things.text()) : chars;
    return shownBytes <= Limits.REPLY_BYTES;
  }

  /** Whether the reply has less room than any reply may have, for it is one of a frame's. */
  boolean isLimitedByFrame() {
    return room < Limits.REPLY_BYTES;
  }

  /** Whether the reply has room for a thing that a write returns, which it then shows. */
  boolean hasRoomToReturn(JsonWriter thing, Json json) {
    int bytes = json.utf8Length(thing.text());
    if (returnedBytes + bytes > Limits.RETURNED_BYTES) {
      return false;
    }
    returnedBytes += bytes;
    return true;
  }

  /** The most bytes that its records can have in the Pipeline. */
  double recordBytes(Json json) {
    double chars = 0;
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      chars += applied.event().bytes();
    }
    if (chars * BYTES_A_CHAR <= Limits.SEND_BYTES) {
      return chars * BYTES_A_CHAR;
    }
    double bytes = 0;
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      String fields = applied.event().fields().text(json);
      double others = applied.event().bytes() - (double) fields.length();
      bytes += json.utf8Length(fields) + Math.max(0, others) * BYTES_A_CHAR;
    }
    return bytes;
  }

  /** Says that the reply shows the effect of an event. */
  void shows(double seq) {
    shownSeq = Math.max(shownSeq, seq);
  }

  /** The last event whose effect the reply shows: it waits until that one is durable. */
  double shownSeq() {
    return shownSeq;
  }

  /** The first of its events, or null. */
  @Nullable AppliedEvent first() {
    return first;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void commit() {
    if (first != null) {
      wal.append(first);
    }
  }

  void rollback() {
    List<Undo> undos = new ArrayList<>(size);
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      undos.add(applied.undo());
    }
    for (int i = undos.size() - 1; i >= 0; i--) {
      undos.get(i).undo();
    }
    first = null;
    last = null;
    size = 0;
    shownSeq = Math.min(shownSeq, wal.seqs().applied());
  }
}
