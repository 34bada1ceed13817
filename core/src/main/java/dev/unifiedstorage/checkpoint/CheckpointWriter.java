package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.KeptDeletions;
import dev.unifiedstorage.layout.LargeCollection;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.layout.Lines;
import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.SnapshotMark;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.session.Sessions;
import dev.unifiedstorage.state.AwayRow;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.EventLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes checkpoints: one transaction moves things, deletions, outbox and commit record together.
 *
 * <p>When the transaction fails nothing has changed, here or in SQLite. Its counterpart is {@link
 * CheckpointLoader}.
 */
public final class CheckpointWriter {
  /** An outbox with more bytes goes to rows of its own, beside the commit record. */
  private static final int OUTBOX_IN_RECORD_BYTES = 200_000;

  private final Tables tables;
  private final TableReader reader;
  private final Slots slots;
  private final EventLog log;
  private final Things state;
  private final DeletionRows deletionRows;
  private final Sessions sessions;
  private final Json json;
  private final Owner owner;
  private final int columnarThreshold;
  private final Layout largeLayout;
  private final double checkpointBytes;

  /** Whether things may leave the memory for packed rows, whose texts are not kept then. */
  private boolean evictsPacked;

  private PackedSegments segments;
  private Map<String, LargeCollection> large = new HashMap<>();
  private double floorTx;

  /** No thing in the rows expires before that; 0 when none does. */
  private double expiresAtMs;

  /** What the last checkpoint said of sessions: no number whose events it has not. */
  private String sessionsText = "";

  private boolean listed;
  private SnapshotMark snapshot = SnapshotMark.NONE;

  /** What the last record says of it, and the one that is being written. */
  private SnapshotMark snapshotRecorded = SnapshotMark.NONE;

  private SnapshotMark snapshotPut = SnapshotMark.NONE;
  private boolean loaded;

  /** Whether the meta slot says that this instance writes. */
  private boolean holding;

  /** Whether the last record that was put has an outbox, and the last that has committed. */
  private boolean outboxPut;

  private boolean outboxRecorded;

  /** Whether what SQLite holds is void as a whole and goes with the next checkpoint. */
  private boolean replacing;

  /** Whether a row was damaged, so that nothing counts until the archive has replaced it all. */
  private boolean salvaged;

  /**
   * What one checkpoint wrote.
   *
   * @param columnar rows of that layout, as {@code packed} and {@code normalized}
   * @param outboxLogged whether the outbox went to rows of the event log
   */
  record Written(int columnar, int packed, int normalized, boolean outboxLogged) {}

  CheckpointWriter(
      Tables tables,
      TableReader reader,
      Slots slots,
      EventLog log,
      Things state,
      DeletionRows deletionRows,
      Sessions sessions,
      Json json,
      Owner owner,
      LazyCheckpointerOptions options,
      boolean evictsPacked) {
    this.tables = tables;
    this.reader = reader;
    this.slots = slots;
    this.log = log;
    this.state = state;
    this.deletionRows = deletionRows;
    this.sessions = sessions;
    this.json = json;
    this.owner = owner;
    this.columnarThreshold = options.columnarThreshold();
    this.largeLayout = options.largeCollections();
    this.evictsPacked = evictsPacked;
    this.checkpointBytes = options.memoryThresholdBytes();
    this.segments = noSegments();
  }

  private PackedSegments noSegments() {
    return new PackedSegments(slots, checkpointBytes);
  }

  /** From now on no text of a packed row stays in memory, so that single things can leave. */
  void evictPacked() {
    evictsPacked = true;
  }

  PackedSegments segments() {
    return segments;
  }

  /** Takes over what the loader found. */
  void loaded(CommitRecord record) {
    large = new HashMap<>(record.large());
    floorTx = record.floorTx();
    expiresAtMs = record.expiresAtMs();
    sessionsText = record.sessions();
    sessions.load(sessionsText);
    outboxRecorded = !record.outbox().isEmpty();
    listed = record.listed();
    snapshot = record.snapshot();
    snapshotRecorded = snapshot;
    loaded = true;
  }

  /** Takes over what could be read of a damaged database. */
  void salvaged(CommitRecord record) {
    loaded(record);
    salvaged = true;
  }

  private void requireLoaded() {
    if (!loaded) {
      throw new IllegalStateException(
          tables.sql().name() + " must be loaded before it is written: recover first");
    }
  }

  /**
   * Says that the state was made anew: the next checkpoint replaces everything in SQLite.
   *
   * <p>Until it has committed, what SQLite holds still counts, its slots are in use, and a commit
   * record on its own still describes it.
   */
  public void replaceAll() {
    replacing = true;
    loaded = true;
    deletionRows.replaceAll();
  }

  /** Writes a state, and the events that bring it, in the place of all that SQLite holds. */
  public void writeAnew(CommitPoint point, List<Event> outbox) {
    replaceAll();
    write(point, outbox, true);
  }

  /**
   * Writes a commit record alone: things and deletions stay as they are.
   *
   * @param outbox the events that the Pipeline may not have and no row has
   */
  public void writeRecord(CommitPoint point, List<Event> outbox) {
    tables.transaction(() -> putRecord(tables.nextTx(), point, outbox));
    recordCommitted();
  }

  /** The transaction in which a record was put has committed. */
  void recordCommitted() {
    holding = true;
    outboxRecorded = outboxPut;
    snapshotRecorded = snapshotPut;
  }

  /** Whether the last record has events that the Pipeline may not have. */
  boolean hasOutbox() {
    return outboxRecorded;
  }

  /** The same inside of a transaction that writes something else too. */
  void putRecord(double tx, CommitPoint point, List<Event> outbox) {
    requireLoaded();
    int rows = segments.countFrom(floorTx);
    CommitRecord record =
        record(
            point,
            floorTx,
            rows,
            large,
            expiresAtMs,
            log.lines(outbox),
            deletionRows.recorded(),
            sessionsText);
    writeMeta(tx, record);
  }

  /**
   * Persists everything that is dirty.
   *
   * @param outbox the events that the Pipeline may not have and no row has
   */
  Written write(CommitPoint point, List<Event> outbox) {
    return write(point, outbox, false);
  }

  private Written write(CommitPoint point, List<Event> outbox, boolean anew) {
    requireLoaded();
    double tx = tables.nextTx();
    Map<String, LargeCollection> current = replacing ? Map.of() : large;
    PackedSegments before = replacing ? noSegments() : segments;
    CheckpointPlan plan =
        new CheckpointPlan(
            tx,
            point.checkpointSeq(),
            state,
            before,
            reader,
            json,
            current,
            columnarThreshold,
            largeLayout);
    double nearestMs = state.expiries().nearestMs();
    String sessionsNow = sessions.text();
    double expires = nearestMs == Double.POSITIVE_INFINITY ? 0 : nearestMs;
    List<PackedRows.Row> packedRows;
    List<SegmentRow> packed = new ArrayList<>();
    EventLog.Written[] logged = {EventLog.Written.NONE};
    DeletionRows.Plan deletions = deletionRows.plan();
    KeptDeletions[] kept = {deletions.kept()};
    double floor;
    try {
      plan.make(current);
      packedRows = plan.packed.finish();
      floor = before.nextFloor(tx);
      tables.transaction(
          () -> {
            if (anew) {
              tables.deleteAll(false);
            }
            Outbox carried = carry(outbox, tx);
            logged[0] = carried.logged();
            int rows = before.countFrom(floor) + packedRows.size();
            kept[0] = deletionRows.write(deletions, tables, tx);
            CommitRecord record =
                record(
                    point, floor, rows, plan.large, expires, carried.lines(), kept[0], sessionsNow);
            writeRows(plan, packedRows, packed, record);
          });
    } catch (RuntimeException e) {
      before.failed();
      throw e;
    }
    log.committed(logged[0]);
    deletionRows.committed(deletions, kept[0]);
    recordCommitted();
    if (replacing) {
      segments.clear();
      segments = before;
      replacing = false;
      salvaged = false;
    }
    committed(plan, packedRows, packed, floor);
    expiresAtMs = expires;
    sessionsText = sessionsNow;
    return new Written(
        plan.columnar.size(), packedRows.size(), plan.normalized.size(), !logged[0].isEmpty());
  }

  /**
   * Deletes everything: what is left is the commit record, and the events that the Pipeline does
   * not have.
   *
   * @param delivered whether the Pipeline has them all, so that their rows go too
   * @return whether the outbox went to rows of the event log
   */
  boolean writeEmptied(CommitPoint point, List<Event> outbox, boolean delivered) {
    requireLoaded();
    double tx = tables.nextTx();
    PackedSegments none = noSegments();
    KeptDeletions forgotten = KeptDeletions.noneUpTo(point.checkpointSeq());
    EventLog.Written[] logged = {EventLog.Written.NONE};
    tables.transaction(
        () -> {
          tables.deleteAll(!delivered);
          Outbox carried = carry(outbox, tx);
          logged[0] = carried.logged();
          double floor = none.nextFloor(tx);
          writeMeta(tx, record(point, floor, 0, Map.of(), 0, carried.lines(), forgotten, ""));
        });
    log.committed(logged[0]);
    deletionRows.emptied(point.checkpointSeq());
    segments.clear();
    segments = none;
    large = new HashMap<>();
    floorTx = none.nextFloor(tx);
    expiresAtMs = 0;
    sessionsText = "";
    recordCommitted();
    replacing = false;
    salvaged = false;
    return !logged[0].isEmpty();
  }

  /**
   * Where a commit has its outbox.
   *
   * @param logged the rows of the event log that a large one takes
   * @param lines what the commit record carries
   */
  private record Outbox(EventLog.Written logged, String lines) {}

  /** Has the commit record carry an outbox, or rows beside it. */
  private Outbox carry(List<Event> outbox, double tx) {
    String lines = log.lines(outbox);
    int end = EventLog.endOfEvents(outbox);
    if (end == 0 || json.utf8Length(lines) <= OUTBOX_IN_RECORD_BYTES) {
      return new Outbox(EventLog.Written.NONE, lines);
    }
    EventLog.Written logged = log.write(outbox.subList(0, end), tx);
    return new Outbox(logged, log.lines(outbox.subList(end, outbox.size())));
  }

  private CommitRecord record(
      CommitPoint point,
      double floor,
      int packedRows,
      Map<String, LargeCollection> large,
      double expires,
      String outbox,
      KeptDeletions deletions,
      String sessionsRecord) {
    outboxPut = !outbox.isEmpty();
    snapshotPut = snapshot;
    return new CommitRecord(
        owner,
        point,
        salvaged && point.recovering(),
        floor,
        packedRows,
        large,
        expires,
        outbox,
        deletions,
        sessionsRecord,
        listed,
        snapshot);
  }

  /** Whether the directory of all stores is known to have this one. */
  public boolean isListed() {
    return listed;
  }

  /** Says whether it has; the next record that is written keeps that. */
  public void setListed(boolean known) {
    listed = known;
  }

  /** When the last snapshot was made. */
  public SnapshotMark snapshot() {
    return snapshot;
  }

  /** Whether one was made that no record tells of: each start would have another one made. */
  boolean hasUnrecordedSnapshot() {
    return snapshot.seq() > 0 && !snapshot.equals(snapshotRecorded);
  }

  /** Says when one was; the next record that is written keeps that. */
  public void setSnapshot(SnapshotMark made) {
    snapshot = made;
  }

  private void writeRows(
      CheckpointPlan plan,
      List<PackedRows.Row> packedRows,
      List<SegmentRow> packed,
      CommitRecord record) {
    if (replacing) {
      tables.deleteAllThings();
    }
    if (replacing && salvaged) {
      // A damaged row left in a free slot would be judged again.
      segments.oldestFirst().forEach(segment -> tables.deleteSegment(segment.slot));
    }
    plan.removedColumnar.forEach(tables::deleteCollection);
    plan.emptiedThings.forEach(tables::deleteThings);
    plan.deletedThings.forEach(tables::deleteThing);
    // The record rides on the first fat row there is.
    CommitRecord ride = record;
    for (PackedRows.Row row : packedRows) {
      SegmentRow segment =
          new SegmentRow(
              slots.take(),
              SegmentRow.Kind.PACKED,
              plan.tx,
              0,
              0,
              record.point().checkpointSeq(),
              row.body());
      packed.add(segment);
      tables.writeSegment(segment, ride);
      ride = null;
    }
    for (TypedCollection collection : plan.columnar) {
      tables.writeCollection(plan.columnarRow(collection), ride);
      ride = null;
    }
    for (Entry entry : plan.normalized) {
      tables.writeThing(
          entry.thing().id(), entry.thing().type(), ThingLine.writeRest(entry.thing(), json));
    }
    if (ride != null || !holding && owner.holder() != 0) {
      // So that any other instance finds out.
      writeMeta(plan.tx, record);
    }
  }

  private void writeMeta(double tx, CommitRecord record) {
    tables.writeSegment(new SegmentRow(Slots.META, SegmentRow.Kind.META, tx, 0, 0, 0, ""), record);
  }

  private void committed(
      CheckpointPlan plan, List<PackedRows.Row> packedRows, List<SegmentRow> packed, double floor) {
    segments.committed(floor);
    for (TypedCollection collection : plan.columnar) {
      List<Entry> entries = new ArrayList<>();
      collection.forEach(entries::add);
      stored(entries, Lines.of(plan.columnarRow(collection), json));
    }
    plan.normalized.forEach(state::storedNormalized);
    for (int i = 0; i < packedRows.size(); i++) {
      PackedRows.Row row = packedRows.get(i);
      SegmentRow segment = packed.get(i);
      int count = row.entries().size();
      segments.add(segment.slot(), plan.tx, row.bytes(), count).living = count;
      Lines lines = Lines.of(segment, json);
      if (evictsPacked) {
        storedAway(row.entries(), lines, new AwayRow(segment.slot(), plan.tx, segment.lastSeq()));
      } else {
        stored(row.entries(), lines);
      }
    }
    large = plan.large;
    floorTx = floor;
    for (TypedCollection collection : state.collections()) {
      Layout layout = CheckpointPlan.layoutOf(large, collection.type());
      collection.setOwnRows(layout == Layout.NORMALIZED);
      state.setEvictable(
          collection, layout == Layout.NORMALIZED || (evictsPacked && layout == Layout.PACKED));
      LargeCollection known = large.get(collection.type());
      collection.setLastSeqInRows(known == null ? Double.POSITIVE_INFINITY : known.lastSeq());
    }
    state.checkpointed();
  }

  /** Leaves entries to the row that was written, which has a line of each in this order. */
  private void stored(List<Entry> entries, Lines lines) {
    int start = 0;
    for (Entry entry : entries) {
      start = lines.firstThing(start);
      int end = lines.end(start);
      state.stored(entry, lines, start, end - start);
      start = end + 1;
    }
  }

  /** Says where entries lie from now on in a row whose text is not kept. */
  private void storedAway(List<Entry> entries, Lines lines, AwayRow row) {
    int start = 0;
    for (Entry entry : entries) {
      start = lines.firstThing(start);
      if (entry.isEvicted()) {
        state.carried(entry, row, start);
      } else {
        String type = entry.collection().type();
        // One that lay in the text of its small collection must not keep that.
        Thing thing = entry.isObject() ? entry.thing() : lines.ownThing(start, type);
        state.stored(entry, thing, row, start);
      }
      start = lines.end(start) + 1;
    }
  }
}
