package dev.unifiedstorage.past;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.snapshot.SnapshotHead;
import dev.unifiedstorage.wal.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The claims of a namespace, as its fences in the archive tell them: a tree of lives. */
public final class Fences {
  private record Fence(
      double epoch,
      double parent,
      double parentSeq,
      double claimMs,
      String writer,
      boolean emptying) {}

  /**
   * Where the store was deleted once.
   *
   * @param atMs when that was
   */
  record Emptied(double life, double seq, double atMs) {}

  /** Stands for the newest epoch of rows without a life, whichever that is. */
  public static final double ALL_OLD = Life.LEAST_DRAWN - 1;

  private final Json json;
  private final Map<Double, Fence> byLife = new HashMap<>();

  /** Lives whose ways to the root are known without the fences of those ways, by their ids. */
  private final Map<Double, Life> known = new HashMap<>();

  public Fences(Json json) {
    this.json = json;
  }

  /** Takes note of a row with seq 0. */
  public void notice(ArchivedEvent row) {
    Event.Verb verb = row.seq() != 0 || row.life() == 0 ? null : Event.Verb.ofName(row.verb());
    if (verb == null || !verb.isFence()) {
      return;
    }
    JsonObject payload = json.parse(Objects.requireNonNull(row.payload()));
    if (payload.kind("parent") != JsonKind.NUMBER || payload.kind("parentSeq") != JsonKind.NUMBER) {
      throw new RecoveryException(
          "life "
              + (long) row.life()
              + ": expected a fence with parent and parentSeq, found "
              + row.payload());
    }
    String writer = payload.kind("writer") == JsonKind.STRING ? payload.string("writer") : "";
    byLife.put(
        row.life(),
        new Fence(
            row.epoch(),
            payload.number("parent"),
            payload.number("parentSeq"),
            row.tsMs(),
            writer,
            verb == Event.Verb.STORE_DELETED));
  }

  /**
   * Takes note of what a snapshot repeats of the claim of its life: no fence before that is needed.
   */
  public void notice(SnapshotHead head) {
    Life life = head.life();
    boolean emptying = life.emptied().life() == life.id();
    byLife.putIfAbsent(
        life.id(),
        new Fence(
            life.epoch(),
            life.parent(),
            life.parentSeq(),
            life.claimMs(),
            head.writer(),
            emptying));
    known.putIfAbsent(life.id(), life);
  }

  public boolean has(double life) {
    return byLife.containsKey(life);
  }

  /**
   * The life with the newest claim of a writer's.
   *
   * <p>What was written before there were lives counts as the writer's own, and as older.
   *
   * @param writer "" for any
   * @return 0 when there is none, {@link #ALL_OLD} when there are only rows without a life, if any
   */
  public double newestOf(String writer) {
    double newest = 0;
    for (Map.Entry<Double, Fence> entry : byLife.entrySet()) {
      boolean own = writer.isEmpty() || entry.getValue().writer().equals(writer);
      if (own && (newest == 0 || isNewer(entry.getKey(), newest))) {
        newest = entry.getKey();
      }
    }
    return newest == 0 && byLife.isEmpty() ? ALL_OLD : newest;
  }

  private boolean isNewer(double life, double other) {
    Fence one = Objects.requireNonNull(byLife.get(life));
    Fence two = Objects.requireNonNull(byLife.get(other));
    if (one.claimMs() != two.claimMs()) {
      return one.claimMs() > two.claimMs();
    }
    return one.epoch() != two.epoch() ? one.epoch() > two.epoch() : life > other;
  }

  /** Who wrote a life. */
  public String writerOf(double life) {
    Fence fence = byLife.get(life);
    return fence == null ? "" : fence.writer();
  }

  /** The first ancestor of a life, or itself, whose fence is missing; 0 when none is. */
  public double missing(double life) {
    double at = life;
    while (Life.isDrawn(at) && !known.containsKey(at)) {
      Fence fence = byLife.get(at);
      if (fence == null) {
        return at;
      }
      at = fence.parent();
    }
    return 0;
  }

  /** A life with every ancestor; the fence of each is there. */
  public Life whole(double life) {
    if (!Life.isDrawn(life)) {
      return Life.ofEpoch(life);
    }
    Fence fence = Objects.requireNonNull(byLife.get(life));
    List<Life.Ancestor> ancestors = new ArrayList<>();
    boolean whole = addAncestors(life, Double.POSITIVE_INFINITY, ancestors);
    return new Life(
        life,
        fence.epoch(),
        fence.parentSeq(),
        fence.claimMs(),
        List.copyOf(ancestors),
        whole,
        lastEmptied(life));
  }

  /**
   * Adds the ancestors of a life, as far as they are known.
   *
   * @param untilSeq the last event of the life that counts
   * @return whether that is all of them
   */
  private boolean addAncestors(double life, double untilSeq, List<Life.Ancestor> ancestors) {
    double until = untilSeq;
    double at = life;
    Fence fence = byLife.get(at);
    while (!known.containsKey(at) && fence != null && fence.parent() != 0) {
      until = Math.min(until, fence.parentSeq());
      at = fence.parent();
      ancestors.add(new Life.Ancestor(at, until));
      fence = byLife.get(at);
    }
    Life root = known.get(at);
    if (root == null) {
      return true;
    }
    for (Life.Ancestor ancestor : root.path()) {
      double last = Math.min(until, ancestor.untilSeq());
      ancestors.add(new Life.Ancestor(ancestor.life(), last));
    }
    return root.whole();
  }

  /** Where the store was deleted last, on the way from a life to the root. */
  private Life.Emptied lastEmptied(double life) {
    Fence fence = byLife.get(life);
    for (double at = life; fence != null; fence = byLife.get(at)) {
      Life root = known.get(at);
      if (root != null) {
        return root.emptied();
      }
      if (fence.emptying()) {
        return new Life.Emptied(at, fence.parentSeq());
      }
      at = fence.parent();
    }
    return Life.Emptied.NEVER;
  }

  /**
   * Where the store was deleted, on the way from the root to a life, oldest first.
   *
   * <p>A life that began so and wrote nothing need not be on the path that is kept.
   */
  List<Emptied> emptied(Life life) {
    List<Emptied> all = new ArrayList<>();
    for (double at = life.id(); at != 0; at = before(at, life)) {
      Fence fence = byLife.get(at);
      if (fence != null && fence.emptying()) {
        all.add(0, new Emptied(at, fence.parentSeq(), fence.claimMs()));
      }
    }
    return all;
  }

  /** The life that one on the way to another goes on from, as far as that is known; or 0. */
  private double before(double at, Life life) {
    Fence fence = byLife.get(at);
    if (fence != null) {
      return fence.parent();
    }
    boolean found = at == life.id();
    for (Life.Ancestor ancestor : life.path()) {
      if (found) {
        return ancestor.life();
      }
      found = ancestor.life() == at;
    }
    return 0;
  }

  /** The first fence that is missing on the way back to where the store was deleted last; or 0. */
  double missingToEmptied(Life life) {
    double at = backTo(life.emptied().life(), life);
    return byLife.containsKey(at) ? 0 : at;
  }

  /** Goes back from a life to one on its path, or to the first without a fence. */
  private double backTo(double older, Life life) {
    double at = life.id();
    // What the newest one goes on from is known without its fence.
    while (at != older && (byLife.containsKey(at) || at == life.id())) {
      at = before(at, life);
    }
    return at;
  }

  /** Whether it is known where the store was deleted between a snapshot and a life, if it was. */
  boolean knowsEmptiedSince(SnapshotHead head, Life life) {
    if (life.emptied().life() == 0 || life.emptied().seq() < head.seq()) {
      return true;
    }
    double older = head.life().id();
    return missingToEmptied(life) == 0 && backTo(older, life) == older;
  }

  /** A life of which only the newest ancestors are known, with the rest of them. */
  public Life completed(Life life) {
    if (!life.isCut() || life.path().isEmpty()) {
      return life;
    }
    List<Life.Ancestor> ancestors = new ArrayList<>(life.path());
    Life.Ancestor oldest = ancestors.get(ancestors.size() - 1);
    boolean whole = addAncestors(oldest.life(), oldest.untilSeq(), ancestors);
    return new Life(
        life.id(),
        life.epoch(),
        life.parentSeq(),
        life.claimMs(),
        List.copyOf(ancestors),
        whole,
        life.emptied());
  }

  /** The first fence that is missing on the way from a life of which that is not kept; or 0. */
  public double missing(Life life) {
    return life.isCut() ? missing(life.path().isEmpty() ? life.id() : oldest(life)) : 0;
  }

  private static double oldest(Life life) {
    return life.path().get(life.path().size() - 1).life();
  }
}
