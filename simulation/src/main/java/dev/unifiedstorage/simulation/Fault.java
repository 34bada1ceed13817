package dev.unifiedstorage.simulation;

import java.util.EnumSet;
import java.util.Set;

/** Everything that can go wrong in a world. */
enum Fault {
  CRASH_BETWEEN_EVENTS,
  CRASH_BEFORE_SEND(PortCall.SEND, true),
  CRASH_AFTER_SEND(PortCall.SEND, false),
  CRASH_BEFORE_STATEMENT(PortCall.STATEMENT, true),
  CRASH_AFTER_STATEMENT(PortCall.STATEMENT, false),
  CRASH_BEFORE_COMMIT(PortCall.COMMIT, true),
  CRASH_AFTER_COMMIT(PortCall.COMMIT, false),
  CRASH_BEFORE_TIMER(PortCall.TIMER, true),
  CRASH_AFTER_TIMER(PortCall.TIMER, false),
  CRASH_BEFORE_ALARM(PortCall.ALARM, true),
  CRASH_AFTER_ALARM(PortCall.ALARM, false),
  CRASH_BEFORE_ARCHIVE_READ(PortCall.ARCHIVE_READ, true),
  CRASH_AFTER_ARCHIVE_READ(PortCall.ARCHIVE_READ, false),
  CRASH_BEFORE_ARCHIVE_ROW(PortCall.ARCHIVE_ROW, true),
  CRASH_AFTER_ARCHIVE_ROW(PortCall.ARCHIVE_ROW, false),
  CRASH_BEFORE_REPLY(PortCall.REPLY, true),
  CRASH_AFTER_REPLY(PortCall.REPLY, false),

  /** Not stored, and answered with an error. */
  SEND_REJECTED,
  /** Not stored, and never answered. */
  SEND_LOST,
  /** Stored long after the sender has given up. */
  SEND_LATE,
  /** Stored twice. */
  SEND_DUPLICATED,
  /** Stored, and answered with an error. */
  SEND_STORED_BUT_FAILED,
  /** Stored, and never answered. */
  SEND_STORED_BUT_SILENT,
  /** Answered after seconds. */
  SEND_SLOW,
  /** Every send fails or hangs for a while. */
  PIPELINE_OUTAGE,
  DEAD_LETTERS_FAIL,

  /** One statement that writes is refused. */
  WRITE_ERROR,
  /** One statement that reads is refused. */
  READ_ERROR,
  /** Every statement that writes is refused for a while. */
  DISK_FULL,
  /** Every statement ran, the commit is refused: nothing of the transaction is left. */
  COMMIT_REFUSED,
  /** A byte of a row has flipped, while the archive could bring everything back. */
  ROW_DAMAGED,

  /** The sink writes nothing for a while. */
  SINK_STALLED,
  /** Rows land in other files than their neighbours, later ones first. */
  ARCHIVE_DISORDER,
  ARCHIVE_DUPLICATES,
  /** Every read fails for a while. */
  ARCHIVE_ABSENT,
  ARCHIVE_FAILS_MID_READ,
  /** A read never ends. */
  ARCHIVE_SILENT,

  ALARM_LATE,
  ALARM_TWICE,
  /** The platform drops an idle object from memory; its sockets stay. */
  HIBERNATION,
  /** A new instance starts; the old one learns of it when it next touches its storage. */
  TWO_INSTANCES,
  /** A deploy: the instance is gone, and the next one has other settings. */
  SETTINGS_CHANGED,
  CLOCK_STANDS_STILL,
  CLOCK_JUMPS_BACK,
  CLOCK_JUMPS_FORWARD,
  SOCKET_CLOSES_MID_REQUEST,
  ALL_SOCKETS_CLOSE,

  /** The database is put back to what it was at some earlier commit, and the object starts. */
  FILE_PUT_BACK,
  /** The same, twice in a row, and the second time while the object starts. */
  FILE_PUT_BACK_TWICE,
  /** The same under an instance that stays alive, and is not told. */
  FILE_PUT_BACK_UNDERNEATH,
  /** The database is lost, and the archive has something. */
  FILE_LOST,

  /** Somebody deletes the whole store. */
  STORE_DELETED,
  /** Somebody makes the store what it once was. */
  STORE_RESTORED;

  /** What happens to the file and to the store as a whole, in some worlds only. */
  static final Set<Fault> WHOLE = EnumSet.range(FILE_PUT_BACK, STORE_RESTORED);

  /** The port call at which this crash happens, null for everything else. */
  final PortCall crashAt;

  final boolean before;

  Fault() {
    this(null, false);
  }

  Fault(PortCall crashAt, boolean before) {
    this.crashAt = crashAt;
    this.before = before;
  }
}
