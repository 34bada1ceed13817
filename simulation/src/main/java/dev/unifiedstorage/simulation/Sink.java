package dev.unifiedstorage.simulation;

import dev.unifiedstorage.past.ArchiveSurvey;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * The archive: what the Pipeline has stored, some time later, in no order, as its reader gives it.
 *
 * <p>A row lands at most the setup's disorder after one that was stored later. While the sink
 * stands still its own clock does, so that this holds for what it catches up with, too.
 */
final class Sink {
  /**
   * @param cameMs when the Pipeline took it in, by a clock of its own
   */
  private record Row(ArchivedEvent event, double cameMs, double landsAtMs) {}

  private final World world;
  private final List<Row> rows = new ArrayList<>();

  /** The rows of snapshots, which are a namespace of their own. */
  private final List<Row> snapshots = new ArrayList<>();

  private boolean drops;
  private double stalledMs;
  private double stalledSinceMs = -1;
  private boolean tooLate;

  Sink(World world) {
    this.world = world;
  }

  private double clockMs() {
    double stall = stalledSinceMs < 0 ? 0 : world.time.nowMs() - stalledSinceMs;
    return world.time.nowMs() - stalledMs - stall;
  }

  void stall() {
    if (stalledSinceMs < 0) {
      landLateRows();
      stalledSinceMs = world.time.nowMs();
    }
  }

  /**
   * Lands the rows that are late behind one that was stored after them.
   *
   * <p>A store gives them the time that its setting says, which goes on when the sink stops: a sink
   * that stops between two such rows breaks its promise. Those that the commit record names may
   * wait, because a store waits for them however long it takes.
   */
  private void landLateRows() {
    double namedSeq = Rows.reach(world.disk).namedSeq();
    double nowMs = clockMs();
    int landed = rows.size() - 1;
    while (landed >= 0 && rows.get(landed).landsAtMs > nowMs) {
      landed--;
    }
    for (int i = 0; i < landed; i++) {
      ArchivedEvent event = rows.get(i).event;
      boolean late = rows.get(i).landsAtMs > nowMs;
      if (late && lastSeq(event) > namedSeq) {
        rows.set(i, new Row(event, rows.get(i).cameMs, nowMs));
      } else if (late) {
        tooLate = true;
      }
    }
  }

  /** Whether a row ever was later than the sink promises: who looks for it takes it for missing. */
  boolean wasTooLate() {
    return tooLate;
  }

  void resume() {
    if (stalledSinceMs >= 0) {
      stalledMs += world.time.nowMs() - stalledSinceMs;
      stalledSinceMs = -1;
    }
  }

  /** The file is another one: its commit record names other events that a store waits for. */
  void rewound() {
    if (stalledSinceMs >= 0) {
      landLateRows();
    }
  }

  /** Whether the records that come are dropped from now on, as some that do not fit are. */
  void drops(boolean whether) {
    drops = whether;
  }

  /** Where everything is that has landed. */
  ArchiveSurvey survey() {
    ArchiveSurvey survey = new ArchiveSurvey();
    double nowMs = clockMs();
    for (Row row : rows) {
      ArchivedEvent event = row.event;
      if (row.landsAtMs <= nowMs) {
        survey.row(
            World.NAMESPACE, event.epoch(), event.life(), event.seq(), Math.max(0, event.events()));
      }
    }
    return survey;
  }

  /** Takes a record that the Pipeline has just stored. */
  void take(JsonObject record, boolean again) {
    if (drops) {
      return;
    }
    double disorderMs = world.random.nextDouble() * world.setup.disorderMs();
    if (disorderMs > 0) {
      world.faults.count(Fault.ARCHIVE_DISORDER);
    }
    if (again) {
      world.faults.count(Fault.ARCHIVE_DUPLICATES);
    }
    double landsAtMs = clockMs() + world.setup.lagMs() + disorderMs;
    double cameMs = world.time.undisturbedMs() - world.setup.pipelineBehindMs();
    Row row = new Row(row(record), cameMs, landsAtMs);
    (Snapshot.isOne(record) ? snapshots : rows).add(row);
  }

  /** Erases everything but snapshots. */
  void erase() {
    rows.clear();
  }

  /** Takes a record that was stored long ago. */
  void takeOld(JsonObject record) {
    rows.add(new Row(row(record), 0, clockMs()));
  }

  private static double lifeOf(ArchivedEvent event) {
    return event.life() == 0 ? event.epoch() : event.life();
  }

  /** The last event of a row. */
  private static double lastSeq(ArchivedEvent event) {
    return event.seq() + Math.max(0, event.events() - 1);
  }

  /** The row that a sink makes of a record. */
  ArchivedEvent row(JsonObject record) {
    boolean fence = record.kind("entityId") == JsonKind.ABSENT;
    return new ArchivedEvent(
        record.number("epoch"),
        record.kind("life") == JsonKind.NUMBER ? record.number("life") : 0,
        record.number("seq"),
        record.string("verb"),
        fence ? null : record.string("entityId"),
        fence ? null : record.string("entityType"),
        fence ? 0 : record.number("version"),
        record.number("ts"),
        world.json.writer().object(record.object("payload")).text(),
        record.kind("session") == JsonKind.STRING ? record.string("session") : null,
        record.kind("sub") == JsonKind.STRING ? record.string("sub") : null,
        record.kind("n") == JsonKind.NUMBER ? record.number("n") : 0,
        record.kind("batchIndex") == JsonKind.NUMBER ? (int) record.number("batchIndex") : -1,
        record.kind("events") == JsonKind.NUMBER ? (int) record.number("events") : 0);
  }

  /** A row that the sink has written twice. */
  void repeatLast() {
    if (!rows.isEmpty()) {
      rows.add(rows.get(rows.size() - 1));
      world.faults.count(Fault.ARCHIVE_DUPLICATES);
    }
  }

  /** What has landed of what is asked for, in the order a reader gives it. */
  private List<ArchivedEvent> landed(IcebergReader.Query query) {
    List<ArchivedEvent> all = new ArrayList<>();
    double nowMs = clockMs();
    // What a file that was put back sends again comes anew: such a row follows on the checkpoint,
    // and shows no longer that a clock behind by more than the slack has hidden none after it.
    double behindMs = world.copies.branched() ? world.setup.pipelineBehindMs() : 0;
    boolean events = query.namespace().equals(World.NAMESPACE);
    for (Row row : events ? rows : snapshots) {
      boolean recent = row.cameMs + behindMs >= query.sinceMs();
      if (recent && row.landsAtMs <= nowMs && query.wants(row.event)) {
        all.add(query.positionsOnly() ? row.event.position() : row.event);
      }
    }
    all.sort(
        Comparator.comparingDouble(ArchivedEvent::epoch)
            .thenComparingDouble(ArchivedEvent::seq)
            .thenComparingDouble(ArchivedEvent::life));
    return all;
  }

  /** Whether anything has landed. */
  boolean hasAny() {
    double nowMs = clockMs();
    return rows.stream().anyMatch(row -> row.landsAtMs <= nowMs);
  }

  /** Whether an event has landed. */
  boolean has(Model.Node node) {
    double nowMs = clockMs();
    return rows.stream()
        .anyMatch(
            row ->
                row.landsAtMs <= nowMs
                    && lifeOf(row.event) == node.life
                    && row.event.seq() <= node.seq
                    && lastSeq(row.event) >= node.seq);
  }

  /** Whether every event of a path has landed. */
  boolean hasAll(Model.Node tip) {
    Set<String> landed = new HashSet<>();
    double nowMs = clockMs();
    for (Row row : rows) {
      if (row.landsAtMs <= nowMs) {
        for (double seq = row.event.seq(); seq <= lastSeq(row.event); seq++) {
          landed.add(lifeOf(row.event) + "." + seq);
        }
      }
    }
    for (Model.Node node = tip; node.parent != null; node = node.parent) {
      // Which lives there were since the store was deleted only their fences tell.
      if (node.isEmptying() && !hasEveryFence(nowMs)) {
        return false;
      }
      if (node.isEvent() && !landed.contains(node.life + "." + node.seq)) {
        return false;
      }
    }
    return true;
  }

  private boolean hasEveryFence(double nowMs) {
    return world.stream.tree().isRooted(world.checkers.reach().life())
        && rows.stream().allMatch(row -> row.event.seq() > 0 || row.landsAtMs <= nowMs);
  }

  /** The reader of one life. */
  IcebergReader reader(Life life) {
    return (query, visitor) -> {
      life.before(PortCall.ARCHIVE_READ);
      boolean[] cancelled = {false};
      if (!world.faults.archiveSilent()) {
        later(life, () -> begin(life, query, visitor, cancelled));
      }
      life.after(PortCall.ARCHIVE_READ);
      return () -> cancelled[0] = true;
    };
  }

  private void later(Life life, Runnable body) {
    world.time.after(world.random.nextInt(50), () -> life.event(body));
  }

  private void begin(
      Life life, IcebergReader.Query query, IcebergReader.Visitor visitor, boolean[] cancelled) {
    if (cancelled[0]) {
      return;
    }
    if (world.faults.archiveAbsent()) {
      visitor.failed("the table does not exist");
      return;
    }
    visitor.progress(rows.size());
    if (!cancelled[0]) {
      stream(life, landed(query).iterator(), visitor, cancelled);
    }
  }

  /** Gives some of the rows; the rest comes later, and anything may happen between. */
  private void stream(
      Life life,
      Iterator<ArchivedEvent> events,
      IcebergReader.Visitor visitor,
      boolean[] cancelled) {
    for (int left = 1 + world.random.nextInt(100); events.hasNext() && !cancelled[0]; left--) {
      if (left == 0) {
        later(life, () -> stream(life, events, visitor, cancelled));
        return;
      }
      if (world.faults.archiveFailsAtRow()) {
        visitor.failed("the connection broke");
        return;
      }
      life.before(PortCall.ARCHIVE_ROW);
      visitor.event(events.next());
      life.after(PortCall.ARCHIVE_ROW);
    }
    if (!cancelled[0]) {
      visitor.completed(true);
    }
  }
}
