package dev.unifiedstorage.simulation;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Which faults are under way or waiting for their moment, and how many there have been. */
final class Faults {
  private final VirtualTime time;
  private static final Set<Fault> CLOCKS =
      Set.of(Fault.CLOCK_STANDS_STILL, Fault.CLOCK_JUMPS_BACK, Fault.CLOCK_JUMPS_FORWARD);

  private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
  private final ArrayDeque<Fault> sends = new ArrayDeque<>();

  private Fault crash;
  private int crashIn;
  private int points;
  private int crashAtPoint;
  private boolean suspended;
  private boolean healed;

  private double outageUntilMs;
  private double diskFullUntilMs;
  private double archiveAbsentUntilMs;
  private double deadLettersFailUntilMs;
  private int writeErrorIn;
  private int readErrorIn;
  private boolean commitRefused;
  private int archiveFailsAtRow;
  private boolean archiveSilent;

  Faults(VirtualTime time) {
    this.time = time;
  }

  void count(Fault fault) {
    happened.merge(fault, 1, Integer::sum);
  }

  Map<Fault, Integer> happened() {
    return happened;
  }

  /** Whether it is not known by the store's clock what came before what. */
  boolean disturbedClock() {
    return CLOCKS.stream().anyMatch(happened::containsKey);
  }

  /** Nothing goes wrong while the world itself looks at the store. */
  void suspend(boolean nothing) {
    suspended = nothing;
  }

  // ---- crashes

  /** Crashes at the {@code nth} port call of the fault's kind from now. */
  void armCrash(Fault fault, int nth) {
    crash = fault;
    crashIn = nth;
  }

  /** Crashes at the {@code nth} of all moments before or after a port call. */
  void armCrashAtPoint(int nth) {
    crashAtPoint = nth;
  }

  /** How many moments before or after a port call there have been. */
  int points() {
    return points;
  }

  boolean crashesNow(PortCall call, boolean before) {
    if (suspended) {
      return false;
    }
    if (!healed && ++points == crashAtPoint) {
      return true;
    }
    if (crash == null || crash.crashAt != call || crash.before != before || --crashIn > 0) {
      return false;
    }
    count(crash);
    crash = null;
    return true;
  }

  // ---- the Pipeline

  void armSend(Fault fault) {
    sends.add(fault);
  }

  void startOutage(double forMs) {
    outageUntilMs = time.nowMs() + forMs;
    count(Fault.PIPELINE_OUTAGE);
  }

  boolean outage() {
    return time.nowMs() < outageUntilMs;
  }

  /** What happens to this send; null for nothing. */
  Fault nextSend() {
    Fault fault = sends.poll();
    if (fault != null) {
      count(fault);
    }
    return fault;
  }

  void failDeadLetters(double forMs) {
    deadLettersFailUntilMs = time.nowMs() + forMs;
  }

  boolean deadLettersFail() {
    boolean fail = time.nowMs() < deadLettersFailUntilMs;
    if (fail) {
      count(Fault.DEAD_LETTERS_FAIL);
    }
    return fail;
  }

  // ---- SQLite

  void armWriteError(int nth) {
    writeErrorIn = nth;
  }

  /** Whether one of the next statements that read will fail. */
  boolean awaitsReadError() {
    return readErrorIn > 0;
  }

  void armReadError(int nth) {
    readErrorIn = nth;
  }

  void fillDisk(double forMs) {
    diskFullUntilMs = time.nowMs() + forMs;
  }

  void armCommitRefused() {
    commitRefused = true;
  }

  /** What SQLite says to a statement; null for nothing. */
  String statementError(boolean writes) {
    if (suspended) {
      return null;
    }
    if (writes && time.nowMs() < diskFullUntilMs) {
      count(Fault.DISK_FULL);
      return "database or disk is full";
    }
    if (writes && writeErrorIn > 0 && --writeErrorIn == 0) {
      count(Fault.WRITE_ERROR);
      return "disk I/O error while writing";
    }
    if (!writes && readErrorIn > 0 && --readErrorIn == 0) {
      count(Fault.READ_ERROR);
      return "disk I/O error while reading";
    }
    return null;
  }

  boolean refusesCommit() {
    if (suspended || !commitRefused) {
      return false;
    }
    commitRefused = false;
    count(Fault.COMMIT_REFUSED);
    return true;
  }

  // ---- the archive

  void hideArchive(double forMs) {
    archiveAbsentUntilMs = time.nowMs() + forMs;
  }

  /** How often a read of the archive went wrong. */
  int archiveFailures() {
    return happened.getOrDefault(Fault.ARCHIVE_ABSENT, 0)
        + happened.getOrDefault(Fault.ARCHIVE_FAILS_MID_READ, 0)
        + happened.getOrDefault(Fault.ARCHIVE_SILENT, 0);
  }

  boolean archiveAbsent() {
    boolean absent = time.nowMs() < archiveAbsentUntilMs;
    if (absent) {
      count(Fault.ARCHIVE_ABSENT);
    }
    return absent;
  }

  void armArchiveFailure(int row) {
    archiveFailsAtRow = row;
  }

  boolean archiveFailsAtRow() {
    if (archiveFailsAtRow > 0 && --archiveFailsAtRow == 0) {
      count(Fault.ARCHIVE_FAILS_MID_READ);
      return true;
    }
    return false;
  }

  void armSilence() {
    archiveSilent = true;
  }

  boolean archiveSilent() {
    boolean silent = archiveSilent;
    archiveSilent = false;
    if (silent) {
      count(Fault.ARCHIVE_SILENT);
    }
    return silent;
  }

  /** From now on everything works, and no crash comes any more. */
  void heal() {
    healed = true;
    crash = null;
    crashAtPoint = 0;
    sends.clear();
    outageUntilMs = 0;
    diskFullUntilMs = 0;
    archiveAbsentUntilMs = 0;
    deadLettersFailUntilMs = 0;
    writeErrorIn = 0;
    readErrorIn = 0;
    commitRefused = false;
    archiveFailsAtRow = 0;
    archiveSilent = false;
  }
}
