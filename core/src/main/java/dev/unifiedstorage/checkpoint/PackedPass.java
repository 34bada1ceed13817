package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.Lines;
import dev.unifiedstorage.state.AwayRow;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Walk;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way past the things of some collections that have left the memory for packed rows.
 *
 * <p>It reads each row that has any once, whatever is in memory meanwhile: what it holds is one row
 * and the list of those to come. A thing that is carried to another row on the way is met there,
 * when the rows are gathered again.
 */
public final class PackedPass {
  private final List<TypedCollection> collections;
  private final Things state;
  private final RowTexts texts;
  private final @Nullable Walk walk;
  private final double behindSeq;
  private final ArrayDeque<AwayRow> rows = new ArrayDeque<>();
  private final Set<AwayRow> seen = new HashSet<>();
  private @Nullable Lines lines;
  private @Nullable AwayRow row;

  /** Whose lines come in the row, null when they are of a collection that is passed over. */
  private @Nullable TypedCollection collection;

  private int at;

  /**
   * @param walk that awaits what is shown, each once; null when all that is there is
   * @param behindSeq what is not of an event behind this one is not shown, and rows that have
   *     nothing else are not read; negative when all is shown
   */
  PackedPass(
      List<TypedCollection> collections,
      Things state,
      RowTexts texts,
      @Nullable Walk walk,
      double behindSeq) {
    this.collections = collections;
    this.state = state;
    this.texts = texts;
    this.walk = walk;
    this.behindSeq = behindSeq;
    gather();
  }

  /**
   * Goes on with the rows of what is there now: those that were not read, or all that hold what the
   * walk awaits.
   *
   * @return whether there are any
   */
  public boolean gather() {
    Set<AwayRow> found = new LinkedHashSet<>();
    for (TypedCollection one : collections) {
      one.forEachEvicted(
          behindSeq,
          entry -> {
            AwayRow away = entry.awayRow();
            if (walk != null ? walk.awaits(entry) : !seen.contains(away)) {
              found.add(away);
            }
          });
    }
    rows.addAll(found);
    return !found.isEmpty();
  }

  /** The next thing, or null when the rows that were gathered are read. */
  public @Nullable Thing next() {
    while (true) {
      if (lines == null && !openNext()) {
        return null;
      }
      Lines text = Objects.requireNonNull(lines);
      while (at < text.length()) {
        int start = at;
        int end = text.end(start);
        at = end + 1;
        String type = text.type(start, end);
        if (type != null) {
          collection = collectionOf(type);
        } else if (collection != null && text.isThing(start)) {
          Thing thing = thing(text, start, end);
          if (thing != null) {
            return thing;
          }
        }
      }
      lines = null;
    }
  }

  private boolean openNext() {
    row = rows.poll();
    while (row != null && !row.isNeeded()) {
      row = rows.poll();
    }
    if (row == null) {
      return false;
    }
    seen.add(row);
    lines = texts.lines(row);
    collection = null;
    at = 0;
    return true;
  }

  private @Nullable TypedCollection collectionOf(String type) {
    for (TypedCollection one : collections) {
      if (one.type().equals(type)) {
        return one;
      }
    }
    return null;
  }

  /** The thing of a line, or null when it is not there any more, in memory, or not to be shown. */
  private @Nullable Thing thing(Lines text, int start, int end) {
    if (behindSeq >= 0 && text.seq(start) <= behindSeq) {
      return null;
    }
    Entry entry = state.evictedEntry(text.id(start, end));
    boolean shown =
        entry != null
            && entry.isAt(Objects.requireNonNull(row), start)
            && (walk == null || walk.pass(entry));
    return shown ? text.ownThing(start, Objects.requireNonNull(collection).type()) : null;
  }
}
