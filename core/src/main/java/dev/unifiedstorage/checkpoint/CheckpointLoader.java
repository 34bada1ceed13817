package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.LargeCollection;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.layout.Lines;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.AwayRow;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Loads what {@link CheckpointWriter} wrote.
 *
 * <p>The commit record says which layout of which collection counts; what another layout may still
 * hold of it is void. Any row that counts and is not what was written stops the load.
 */
public final class CheckpointLoader {
  /** A store that is full has a little more than its quota, by what was under way. */
  private static final double MOST_SHARE = 1.2;

  /** Of what may be in memory, what things take where it is too little for all. */
  private static final double KEPT_SHARE = 0.75;

  private final TableReader reader;
  private final Slots slots;
  private final Things state;
  private final Json json;
  private final CheckpointWriter writer;
  private final DeletionRows deletionRows;

  /** What may be in memory while nothing leaves it, in estimated bytes. */
  private final double mostBytes;

  /** Whether large collections are left in SQLite, to be read back one thing at a time. */
  private boolean lazy;

  private boolean outgrown;

  /** More lies in SQLite than may be in memory. */
  private static final class OutgrownException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * What was found.
   *
   * @param record {@link CommitRecord#NONE} when nothing was
   * @param logRows rows of events that count, in the order they were written, without their bodies
   * @param empty whether SQLite held nothing at all
   */
  public record Loaded(CommitRecord record, List<SegmentRow> logRows, boolean empty) {}

  CheckpointLoader(
      TableReader reader,
      Slots slots,
      Things state,
      Json json,
      CheckpointWriter writer,
      DeletionRows deletionRows,
      boolean lazy,
      double mostBytes) {
    this.reader = reader;
    this.slots = slots;
    this.state = state;
    this.json = json;
    this.writer = writer;
    this.deletionRows = deletionRows;
    this.lazy = lazy;
    this.mostBytes = mostBytes;
  }

  /** Whether a load has found more than may be in memory, so that a limit holds since. */
  public boolean isOutgrown() {
    return outgrown;
  }

  /**
   * Fills the empty state.
   *
   * @throws CorruptRowException naming the row that is damaged
   */
  public Loaded load() {
    return load(reader.latest());
  }

  /**
   * The same, where the newest commit record has been read already.
   *
   * <p>A store without a limit may have been written by one with a limit, and be larger than
   * memory: then a limit holds for this life too, or the store could never start again.
   *
   * @param latest null when there is none
   */
  public Loaded load(TableReader.@Nullable Latest latest) {
    try {
      return loadAll(latest);
    } catch (OutgrownException e) {
      begin();
      outgrown = true;
      lazy = true;
      state.limitTo(mostBytes * KEPT_SHARE);
      writer.evictPacked();
      return loadAll(latest);
    }
  }

  private void checkRoom() {
    if (!lazy && state.estimatedBytes() > mostBytes * MOST_SHARE) {
      throw new OutgrownException();
    }
  }

  private void begin() {
    state.clear();
    // A load that broke off has called some slots free that are in use.
    writer.segments().clear();
    slots.clear();
  }

  private Loaded loadAll(TableReader.@Nullable Latest latest) {
    CommitRecord record = latest == null ? CommitRecord.NONE : latest.record();
    if (record.rebuilding()) {
      throw new CorruptRowException(
          "of the commit", "the rebuild over a damaged one has not ended");
    }
    Map<String, LargeCollection> large = record.large();
    double covered = Math.min(record.point().checkpointSeq(), record.point().acceptedSeq());
    List<SegmentRow> logRows = new ArrayList<>();
    // Packed rows first: a deletion in them must not meet a thing that has moved to another layout.
    reader.forEachSegment(
        record,
        slots,
        row -> {
          switch (row.kind()) {
            case META -> {}
            case DELETIONS -> slots.release(row.slot());
            case PACKED -> loadPacked(row, large);
            case LOG -> {
              if (row.lastSeq() <= covered) {
                slots.release(row.slot());
              } else {
                logRows.add(row.withoutBody());
              }
            }
          }
        });
    loadCollections(large);
    loadNormalized(large, record.expiresAtMs());
    writer.loaded(record);
    deletionRows.loaded(record.deletions(), "of the commit");
    // A record of a recovery that found nothing to begin with says as much as none.
    boolean nothing = latest == null || (record.point().life().id() == 0 && state.size() == 0);
    return new Loaded(record, logRows, nothing && logRows.isEmpty());
  }

  /**
   * Finds what a rebuild needs when {@link #load} has met a damaged row: the slots in use, and the
   * rows of events, which may be the only place where some are. Damaged ones are reported and left
   * out.
   */
  public Loaded salvage(Consumer<String> damaged) {
    begin();
    CommitRecord record = CommitRecord.NONE;
    try {
      TableReader.Latest latest = reader.latest();
      record = latest == null ? record : latest.record();
    } catch (CorruptRowException e) {
      damaged.accept(e.getMessage());
      record = CommitRecord.lost(reader.newestEpoch());
    }
    reader.findTx();
    List<SegmentRow> logRows = new ArrayList<>();
    for (int slot : reader.slots(slots)) {
      try {
        SegmentRow row = reader.segment(slot);
        if (row.kind() == SegmentRow.Kind.LOG && row.lastSeq() > record.point().acceptedSeq()) {
          logRows.add(row.withoutBody());
          continue;
        }
      } catch (CorruptRowException e) {
        damaged.accept(e.getMessage());
      }
      if (slot != Slots.META) {
        writer.segments().add(slot, 0, 0, 0);
      }
    }
    deletionRows.salvaged();
    logRows.sort(Comparator.comparingDouble(SegmentRow::tx));
    writer.salvaged(record);
    return new Loaded(record, logRows, false);
  }

  /**
   * Finds out what numbers a database uses of which nothing is to be kept.
   *
   * @return its newest commit record
   */
  public CommitRecord look() {
    TableReader.Latest latest = reader.latest();
    reader.findTx();
    reader.slots(slots);
    return latest == null ? CommitRecord.NONE : latest.record();
  }

  private void loadPacked(SegmentRow row, Map<String, LargeCollection> large) {
    Lines lines = Lines.of(row, json);
    AwayRow away = new AwayRow(row.slot(), row.tx(), row.lastSeq());
    String body = row.body();
    int loaded = 0;
    TypedCollection collection = null;
    int start = 0;
    while (start < body.length()) {
      int end = lines.end(start);
      switch (body.charAt(start)) {
        case '@' ->
            collection =
                packed(ThingLine.unquote(body.substring(start + 1, end), json), row, large);
        case '-' -> died(state.unload(ThingLine.unquote(body.substring(start + 1, end), json)));
        default -> {
          if (collection != null) {
            died(loadLine(lines, start, end, collection, away));
            loaded++;
          }
        }
      }
      start = end + 1;
    }
    writer.segments().add(row.slot(), row.tx(), body.length(), loaded).living = loaded;
    checkRoom();
  }

  /**
   * Loads a thing of a packed row. Where things may leave the memory the first ones are brought
   * there, as many as there is room for, and of the others their places alone: nothing is ever held
   * beyond the limits but the row that is being read.
   *
   * @return what had been loaded under its id and has made room, or null
   */
  private @Nullable Entry loadLine(
      Lines lines, int start, int end, TypedCollection collection, AwayRow away) {
    if (lazy && state.hasRoom()) {
      return state.load(lines.ownThing(start, collection.type()), away, start);
    }
    double expiresAtMs = lines.expiresAtMs(start, end);
    if (!lazy) {
      String id = lines.id(start, end);
      return state.load(id, collection, lines, start, end - start, expiresAtMs);
    }
    String id = json.copy(lines.id(start, end));
    return state.loadEvicted(id, collection, away, start, expiresAtMs);
  }

  /** The collection of a type whose lines in this row count, or null. */
  private @Nullable TypedCollection packed(
      String type, SegmentRow row, Map<String, LargeCollection> large) {
    LargeCollection known = large.get(type);
    if (known == null || known.layout() != Layout.PACKED || row.tx() < known.sinceTx()) {
      return null;
    }
    TypedCollection collection = state.collection(type);
    state.setEvictable(collection, lazy);
    return collection;
  }

  /** Says that the line of an older row, if any, is no longer a thing's newest version. */
  private void died(@Nullable Entry older) {
    if (older != null) {
      Objects.requireNonNull(writer.segments().bySlot(older.segmentSlot())).living--;
    }
  }

  private void loadCollections(Map<String, LargeCollection> large) {
    reader.forEachCollection(
        row -> {
          if (large.containsKey(row.type())) {
            return;
          }
          Lines lines = Lines.of(row, json);
          TypedCollection collection = state.collection(row.type());
          int start = 0;
          while (start < row.body().length()) {
            int end = lines.end(start);
            String id = lines.id(start, end);
            double expiresAtMs = lines.expiresAtMs(start, end);
            if (state.load(id, collection, lines, start, end - start, expiresAtMs) != null) {
              throw new IllegalStateException("thing " + id + " is loaded already");
            }
            start = end + 1;
          }
          checkRoom();
        });
  }

  private void loadNormalized(Map<String, LargeCollection> large, double expiresAtMs) {
    boolean any = false;
    for (Map.Entry<String, LargeCollection> entry : large.entrySet()) {
      LargeCollection known = entry.getValue();
      if (known.layout() == Layout.NORMALIZED) {
        any = true;
        TypedCollection collection = state.collection(entry.getKey());
        state.setEvictable(collection, true);
        collection.setOwnRows(true);
        if (lazy) {
          collection.setLastSeqInRows(known.lastSeq());
          state.setEvicted(collection, known.size());
          if (known.mayExpire() && expiresAtMs != 0) {
            // None is read for that before the time has come.
            collection.setMayExpire(true);
            state.expiries().mayFollow(expiresAtMs);
          }
        }
      }
    }
    if (!any || lazy) {
      return;
    }
    reader.forEachThing(
        row -> {
          LargeCollection collection = large.get(row.type());
          if (collection != null && collection.layout() == Layout.NORMALIZED) {
            state.loadNormalized(thing(row, json));
            checkRoom();
          }
        });
  }

  /** The thing in a row of {@code things}. */
  static Thing thing(TableReader.ThingRow row, Json json) {
    String line = row.line();
    return ThingLine.readRest(line, 0, line.length(), row.id(), row.type(), json, row.name());
  }
}
