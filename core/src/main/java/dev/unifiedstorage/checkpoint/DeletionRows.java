package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.DeletionLines;
import dev.unifiedstorage.layout.KeptDeletions;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Deletion;
import dev.unifiedstorage.state.Deletions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where the newest deletions lie in SQLite, for subscribers that come back.
 *
 * <p>The last ones ride in the commit record, which is written anyway; when they are many they go
 * to a row of their own, one for hundreds of deletions. Rows stay in SQLite until somebody asks:
 * what is kept costs no memory and no start. The oldest row goes when enough are left without it,
 * and its slot is used again.
 */
public final class DeletionRows {
  /** More text than this is not carried from commit record to commit record. */
  static final int CARRIED_CHARS = 16_000;

  /** A row is cut here; no character takes more than three bytes. */
  private static final int ROW_CHARS = 400_000;

  private final Deletions deletions;
  private final TableReader reader;
  private final Slots slots;
  private final Json json;
  private KeptDeletions recorded = KeptDeletions.NONE;

  /** Whether a new state makes what is recorded void with the next checkpoint. */
  private boolean replacing;

  DeletionRows(Deletions deletions, TableReader reader, Slots slots, Json json) {
    this.deletions = deletions;
    this.reader = reader;
    this.slots = slots;
    this.json = json;
  }

  /**
   * What one checkpoint writes of them.
   *
   * @param bodies the texts of new rows
   * @param counts how many deletions are in each
   */
  record Plan(KeptDeletions kept, List<String> bodies, List<Integer> counts, double lastSeq) {}

  /** What a commit record says that is no checkpoint's: as the last one that was. */
  KeptDeletions recorded() {
    return recorded;
  }

  /** Takes over what a commit record says. */
  void loaded(KeptDeletions kept, String row) {
    recorded = kept;
    deletions.forgetUpTo(kept.forgottenSeq());
    DeletionLines.readAll(kept.lines(), json, row, deletions::add);
    deletions.saved(false);
  }

  /** The state was made anew, and its deletions with it. */
  void replaceAll() {
    replacing = true;
  }

  /** The store was deleted behind an event, and the rows with it. */
  void emptied(double seq) {
    for (KeptDeletions.Block block : recorded.blocks()) {
      slots.release(block.slot());
    }
    recorded = KeptDeletions.noneUpTo(seq);
    replacing = false;
  }

  /** Nothing in SQLite counts. */
  void salvaged() {
    recorded = KeptDeletions.NONE;
  }

  Plan plan() {
    if (deletions.isSaved() && !replacing) {
      return new Plan(recorded, List.of(), List.of(), 0);
    }
    List<Deletion> recent = deletions.recent();
    List<KeptDeletions.Block> blocks = new ArrayList<>(replacing ? List.of() : recorded.blocks());
    int count = recent.size();
    for (KeptDeletions.Block block : blocks) {
      count += block.count();
    }
    double forgotten = deletions.forgottenSeq();
    while (!blocks.isEmpty()) {
      KeptDeletions.Block oldest = blocks.get(0);
      if (count - oldest.count() < deletions.most() && oldest.lastSeq() > forgotten) {
        break;
      }
      count -= oldest.count();
      forgotten = Math.max(forgotten, oldest.lastSeq());
      blocks.remove(0);
    }
    List<String> bodies = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    String lines = DeletionLines.write(recent, json);
    if (lines.length() > CARRIED_CHARS) {
      cut(recent, lines, bodies, counts);
      lines = "";
    }
    double lastSeq = recent.isEmpty() ? 0 : recent.get(recent.size() - 1).seq();
    return new Plan(new KeptDeletions(forgotten, blocks, lines), bodies, counts, lastSeq);
  }

  private void cut(List<Deletion> recent, String lines, List<String> bodies, List<Integer> counts) {
    if (lines.length() <= ROW_CHARS) {
      bodies.add(lines);
      counts.add(recent.size());
      return;
    }
    int half = recent.size() / 2;
    List<Deletion> first = recent.subList(0, half);
    List<Deletion> second = recent.subList(half, recent.size());
    cut(first, DeletionLines.write(first, json), bodies, counts);
    cut(second, DeletionLines.write(second, json), bodies, counts);
  }

  /** Writes the new rows, inside the checkpoint's transaction; what its commit record says. */
  KeptDeletions write(Plan plan, Tables tables, double tx) {
    if (plan.bodies.isEmpty()) {
      return plan.kept;
    }
    List<KeptDeletions.Block> blocks = new ArrayList<>(plan.kept.blocks());
    for (int i = 0; i < plan.bodies.size(); i++) {
      int slot = slots.take();
      // An upper bound for all but the last row, which is all that is asked of it.
      blocks.add(new KeptDeletions.Block(slot, plan.counts.get(i), plan.lastSeq));
      tables.writeSegment(
          new SegmentRow(
              slot, SegmentRow.Kind.DELETIONS, tx, 0, 0, plan.lastSeq, plan.bodies.get(i)),
          null);
    }
    return new KeptDeletions(plan.kept.forgottenSeq(), blocks, "");
  }

  /** The checkpoint has committed, with this in its record: what it does not name is free. */
  void committed(Plan plan, KeptDeletions kept) {
    if (kept == recorded) {
      return;
    }
    for (KeptDeletions.Block block : recorded.blocks()) {
      boolean named = false;
      for (KeptDeletions.Block now : kept.blocks()) {
        named |= now.slot() == block.slot();
      }
      if (!named) {
        slots.release(block.slot());
      }
    }
    recorded = kept;
    replacing = false;
    deletions.forgetUpTo(kept.forgottenSeq());
    deletions.saved(!plan.bodies.isEmpty());
  }

  // ---- what is asked

  /** Whether every deletion behind that event is known. */
  public boolean knowsAllSince(double seq) {
    return seq >= deletions.forgottenSeq();
  }

  /**
   * Visits every deletion behind an event, in no particular order, some perhaps more than once.
   *
   * @throws RuntimeException when a row of them cannot be read
   */
  public void forEachSince(double seq, Consumer<Deletion> visitor) {
    Consumer<Deletion> later =
        deletion -> {
          if (deletion.seq() > seq) {
            visitor.accept(deletion);
          }
        };
    deletions.recent().forEach(later);
    for (KeptDeletions.Block block : recorded.blocks()) {
      if (block.lastSeq() > seq) {
        String row = SegmentRow.name(block.slot());
        DeletionLines.readAll(reader.segment(block.slot()).body(), json, row, later);
      }
    }
  }
}
