package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A life, which is what one instance writes from its claim on, and the way from it to the root.
 *
 * <p>So (life, seq) never means two events: an instance writes in a life that it has drawn itself,
 * and one that it finds in a file is only ever a parent. Of each ancestor the events up to {@link
 * Ancestor#untilSeq} count; everything else that it wrote is a branch.
 *
 * @param id random; of rows from before there were lives the epoch stands for it
 * @param epoch one more than the parent's, for people and for the order of the archive
 * @param parentSeq the parent's last event that counts
 * @param claimMs when it was claimed, always later than the parent
 * @param path the ancestors, the parent first, as many as are kept
 * @param whole whether the path ends at the root, and not because older ancestors were dropped
 * @param emptied where the store was deleted last
 */
public record Life(
    double id,
    double epoch,
    double parentSeq,
    double claimMs,
    List<Ancestor> path,
    boolean whole,
    Emptied emptied) {

  /** The smallest id that is drawn: what is smaller is the epoch of rows without a life. */
  public static final double LEAST_DRAWN = 4294967296.0;

  /** How many ancestors a commit record keeps: the rest only the archive knows. */
  static final int MAX_PATH = 48;

  /** Of an object that has never written. */
  public static final Life NONE = new Life(0, 0, 0, 0, List.of(), true, Emptied.NEVER);

  /**
   * A life on the path.
   *
   * @param untilSeq the last of its events that counts
   */
  public record Ancestor(double life, double untilSeq) {}

  /**
   * Where the store was deleted: what it holds now is made of the events behind that alone.
   *
   * @param life the one that began with it
   * @param seq the last event before it
   */
  public record Emptied(double life, double seq) {
    /** Of a store that never was deleted. */
    public static final Emptied NEVER = new Emptied(0, 0);

    /** Whether a position is of before the store was deleted. */
    public boolean isBehind(double positionLife, double positionSeq) {
      return positionSeq < seq || positionSeq == seq && life != 0 && positionLife != life;
    }
  }

  /** Whether a position is on the path. */
  public enum Verdict {
    YES,
    NO,
    /** The ancestors that are kept do not reach back to it. */
    UNKNOWN
  }

  /** The last life that is known of by its epoch alone. */
  public static Life ofEpoch(double epoch) {
    return epoch == 0 ? NONE : new Life(epoch, epoch, 0, 0, List.of(), false, Emptied.NEVER);
  }

  /** A life as {@link #writeMembers} has written it. */
  public static Life ofMembers(JsonObject object) {
    JsonArray numbers = object.array("path");
    List<Ancestor> path = new ArrayList<>();
    for (int i = 0; i + 1 < numbers.size(); i += 2) {
      path.add(new Ancestor(numbers.number(i), numbers.number(i + 1)));
    }
    Emptied emptied = Emptied.NEVER;
    if (object.kind("emptied") == JsonKind.ARRAY) {
      JsonArray of = object.array("emptied");
      emptied = new Emptied(of.number(0), of.number(1));
    }
    return new Life(
        object.number("life"),
        object.number("epoch"),
        object.number("parentSeq"),
        object.number("claimMs"),
        path,
        object.number("whole") == 1,
        emptied);
  }

  /** Appends everything of it to an object that has members already. */
  public void writeMembers(JsonWriter writer) {
    writer.raw(",\"epoch\":").number(epoch).raw(",\"life\":").number(id);
    writer.raw(",\"parentSeq\":").number(parentSeq);
    writer.raw(",\"claimMs\":").number(claimMs);
    writer.raw(",\"whole\":").number(whole ? 1 : 0).raw(",\"path\":[");
    String separator = "";
    for (Ancestor ancestor : path) {
      writer.raw(separator).number(ancestor.life()).raw(",").number(ancestor.untilSeq());
      separator = ",";
    }
    writer.raw("]");
    if (emptied.life() != 0) {
      writer.raw(",\"emptied\":[").number(emptied.life());
      writer.raw(",").number(emptied.seq()).raw("]");
    }
  }

  /** Whether the id was drawn, and does not stand for rows without a life. */
  public static boolean isDrawn(double id) {
    return id >= LEAST_DRAWN;
  }

  /** Whether only the archive knows the whole way to the root: rows without a life need none. */
  public boolean isCut() {
    return !whole && isDrawn(path.isEmpty() ? id : path.get(path.size() - 1).life());
  }

  /** The parent's id; 0 when there is none. */
  public double parent() {
    return path.isEmpty() ? 0 : path.get(0).life();
  }

  /**
   * A life that goes on from this one.
   *
   * @param lastSeq the last event of this one that counts
   */
  public Life child(double childId, double childEpoch, double lastSeq, double nowMs) {
    double childMs = Math.max(nowMs, claimMs + 1);
    if (id == 0) {
      return new Life(childId, childEpoch, lastSeq, childMs, List.of(), true, emptied);
    }
    List<Ancestor> ancestors = new ArrayList<>(path.size() + 1);
    ancestors.add(new Ancestor(id, lastSeq));
    for (Ancestor ancestor : path) {
      ancestors.add(new Ancestor(ancestor.life(), Math.min(ancestor.untilSeq(), lastSeq)));
    }
    return new Life(childId, childEpoch, lastSeq, childMs, ancestors, whole, emptied).kept();
  }

  /** This one as the life that begins where the store is deleted. */
  public Life emptying() {
    return new Life(id, epoch, parentSeq, claimMs, path, whole, new Emptied(id, parentSeq));
  }

  /** Whether the store has been deleted, and nothing was written since. */
  public boolean isEmptied(double appliedSeq) {
    return emptied.life() != 0 && emptied.seq() == appliedSeq;
  }

  /**
   * This one with as many ancestors as a commit record keeps.
   *
   * <p>One of which nothing counts is no way back to anything; only the parent has to be named, and
   * the one that began where the store was deleted, which is a moment of its own.
   */
  public Life kept() {
    List<Ancestor> ancestors = new ArrayList<>();
    boolean all = true;
    for (int i = 0; i < path.size(); i++) {
      double before = i + 1 < path.size() ? path.get(i + 1).untilSeq() : 0;
      boolean counts =
          i == 0
              || i + 1 == path.size()
              || path.get(i).untilSeq() > before
              || path.get(i).life() == emptied.life();
      if (counts && ancestors.size() < MAX_PATH) {
        ancestors.add(path.get(i));
      } else if (counts) {
        all = false;
      }
    }
    return new Life(id, epoch, parentSeq, claimMs, ancestors, whole && all, emptied);
  }

  /** The life that wrote the event of the path with this seq, as far as it is known. */
  public double of(double seq) {
    if (isEmptied(seq)) {
      return emptied.life();
    }
    if (seq > parentSeq || path.isEmpty()) {
      return id;
    }
    int i = 0;
    while (i + 1 < path.size() && seq <= path.get(i + 1).untilSeq()) {
      i++;
    }
    return path.get(i).life();
  }

  /**
   * The last event that counts of a life; negative of one that is not on the path, as far as that
   * is known.
   *
   * @param lastSeq the last event of this life that there is
   */
  public double lastOf(double life, double lastSeq) {
    if (life == id) {
      return lastSeq;
    }
    for (Ancestor ancestor : path) {
      if (ancestor.life() == life) {
        return ancestor.untilSeq();
      }
    }
    return -1;
  }

  /**
   * Whether the state up to an event of a life is one that the path went through.
   *
   * @param lastSeq the last event of this life that there is
   */
  public Verdict has(double life, double seq, double lastSeq) {
    if (seq == 0) {
      return Verdict.YES;
    }
    if (life == id) {
      return seq <= lastSeq ? Verdict.YES : Verdict.NO;
    }
    for (Ancestor ancestor : path) {
      if (ancestor.life() == life) {
        return seq <= ancestor.untilSeq() ? Verdict.YES : Verdict.NO;
      }
    }
    double known = path.isEmpty() ? lastSeq : path.get(path.size() - 1).untilSeq();
    return whole || seq > known ? Verdict.NO : Verdict.UNKNOWN;
  }
}
