package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Copies of the database as some commits have left it, and what a start over one that is put back,
 * or over none, must come to.
 *
 * <p>A closed one comes to what it holds. One that is open cannot be told from a crash: the archive
 * adds what its own life has sent behind its checkpoint, and lives that came after are a branch.
 * Where there is none the life with the newest claim counts.
 */
final class Copies {
  /** So many of each kind are kept. */
  private static final int MOST = 12;

  /** One copy. */
  private static final class Copy {
    final Disk.Copy rows;
    final Rows reach;
    final int commit;

    /** What its rows hold and its log adds. */
    Model.Node covered;

    /** The last change when it was made. */
    Model.Node tip;

    Copy(Disk.Copy rows, Rows reach, int commit) {
      this.rows = rows;
      this.reach = reach;
      this.commit = commit;
    }
  }

  /** What a start may come to. */
  private interface Expected {
    boolean allows(Model.Node node);
  }

  private final World world;

  /** Whether any copy will ever be needed. */
  private final boolean keeping;

  private final List<Copy> clean = new ArrayList<>();
  private final List<Copy> open = new ArrayList<>();
  private final List<Copy> recovering = new ArrayList<>();

  /** Those of the event under way. */
  private final List<Copy> fresh = new ArrayList<>();

  private boolean changed;

  private int commits;

  private boolean branched;

  /** The commit that has left the file as it is. */
  private int current;

  /** What the file as it is comes to without the archive; null when that is not known. */
  private Model.Node onDisk;

  /** Of a start over a file that was put back; null once one has ended and said so in the file. */
  private Expected expected;

  Copies(World world) {
    this.world = world;
    onDisk = world.model.root().tip();
    keeping = world.plan.steps().stream().anyMatch(step -> Fault.WHOLE.contains(step.fault()));
  }

  int commits() {
    return commits;
  }

  /** Whether the file was ever another one than the last commit had left. */
  boolean branched() {
    return branched;
  }

  // ---- making them

  /** A transaction has committed. */
  void committed() {
    current = ++commits;
    changed = true;
    if (keeping && !world.faults.happened().containsKey(Fault.ROW_DAMAGED)) {
      fresh.add(new Copy(world.disk.copy(), world.checkers.reach(), commits));
    }
  }

  /** An event of a life is over, or the life is: what its commits have left is known. */
  void resolve(Life life) {
    if (!changed) {
      return;
    }
    changed = false;
    boolean known = life.beganEmpty || (life.running && !life.recovered);
    for (Copy copy : fresh) {
      if (known) {
        onDisk = covered(life, copy.reach);
      } else if (life.running || !copy.reach.recovering()) {
        // What the archive has brought is not seen yet.
        onDisk = null;
      }
      copy.covered = onDisk;
      copy.tip = known ? life.head.tip() : onDisk;
      if (onDisk != null && !copy.reach.rebuilding()) {
        keep(copy);
      }
    }
    fresh.clear();
    if (known && expected != null) {
      expected = null;
      world.checkers.confirmed(covered(life, world.checkers.reach()));
    }
  }

  private static Model.Node covered(Life life, Rows reach) {
    Model.Node covered = life.head.tip().up(reach.coveredSeq());
    // The store may have been deleted later in the same event.
    boolean later = covered.isEmptying() && covered.life != reach.emptiedLife();
    return later ? covered.parent : covered;
  }

  private void keep(Copy copy) {
    List<Copy> kind = copy.reach.recovering() ? recovering : copy.reach.open() ? open : clean;
    kind.add(copy);
    if (kind.size() > MOST) {
      // Some of every age.
      for (int i = kind.size() - 2; i >= 0; i -= 2) {
        kind.remove(i);
      }
    }
  }

  // ---- putting them back

  private Copy any(Random random) {
    List<List<Copy>> kinds = new ArrayList<>(List.of(clean, open, recovering));
    kinds.removeIf(List::isEmpty);
    if (kinds.isEmpty()) {
      return null;
    }
    List<Copy> kind = kinds.get(random.nextInt(kinds.size()));
    Copy copy = kind.get(random.nextInt(kind.size()));
    // Over one that has nothing, and while the archive shows nothing, a store is new; and one from
    // the middle of its recovery may leave out what came later (docs/durability.md).
    boolean unsure = copy.reach.recovering() || !world.sink.hasAny();
    return copy.reach.life() == 0 && unsure ? null : copy;
  }

  /** Ends the instance that there is and puts a copy back. */
  void putBack(Fault fault, Random random) {
    Copy copy = any(random);
    if (copy == null) {
      return;
    }
    if (world.current() != null) {
      world.crashed(world.current());
    }
    put(copy);
    world.faults.count(fault);
    if (fault == Fault.FILE_PUT_BACK_TWICE) {
      world.alive();
      world.time.advance(random.nextInt(1 << (1 + random.nextInt(13))));
      putBack(Fault.FILE_PUT_BACK, random);
    }
  }

  /** Puts a copy back under the instance that there is. */
  void putBackUnderneath(Random random) {
    Life life = world.current();
    Copy copy = any(random);
    if (copy == null || copy.commit == current || life == null) {
      return;
    }
    // What is not in memory it would read from another file, and write what no writer has tried.
    if (!life.running || life.rebuilding || life.isOver() || life.setup.evicts()) {
      return;
    }
    life.deceived = true;
    life.note("has another file");
    put(copy);
    world.faults.count(Fault.FILE_PUT_BACK_UNDERNEATH);
    world.time.after(random.nextInt(60_000), () -> world.endStale(life));
  }

  private void put(Copy copy) {
    world.trace.note("the file is as commit " + copy.commit + " of " + commits + " left it");
    world.disk.putBack(copy.rows);
    current = copy.commit;
    onDisk = copy.covered;
    for (Model.Node node : world.model.all()) {
      // What says that they were undone is in the file that went.
      node.goneSince = node.goneSince > copy.commit ? 0 : node.goneSince;
    }
    if (copy.reach.life() == 0) {
      // A recovery that has found nothing has written it: it says as much as none, but that a
      // probe was sent.
      lost(from(copy));
    } else {
      rewound(least(copy));
      expected = expected(copy);
    }
  }

  private void rewound(Model.Node least) {
    branched = true;
    world.checkers.rewound(least);
    world.sink.rewound();
    world.followers.rewound();
    world.sessions.rewound();
  }

  /** Loses the file, when the archive can bring something back. */
  void lose(Random random) {
    if (!world.setup.archive() || !world.sink.hasAny()) {
      return;
    }
    if (world.current() != null && random.nextBoolean()) {
      world.post("checkpoint");
    }
    if (world.current() != null) {
      world.crashed(world.current());
    }
    // Otherwise what says that writes were undone may have been in the file alone.
    boolean delivered = !world.checkers.reach().unfinished();
    world.trace.note("the file is lost");
    world.disk.wipe();
    world.faults.count(Fault.FILE_LOST);
    current = ++commits;
    for (Model.Node node : world.model.all()) {
      node.goneSince = delivered ? node.goneSince : 0;
    }
    onDisk = null;
    lost();
  }

  /** Whether the archive alone comes to what the file says. */
  boolean isNewest() {
    int size = world.stream.stored().size();
    Tree tree = world.stream.tree();
    double newest = tree.newest(size);
    Rows reach = world.checkers.reach();
    // A file that was put back, and over which nothing was written, is behind its own life.
    return newest == reach.life() && tree.tip(newest, size).seq() == reach.coveredSeq();
  }

  /**
   * Expects what a start without a file must come to.
   *
   * @return what that is if nothing comes to the archive any more
   */
  Model.Node lost() {
    return lost(world.stream.stored().size());
  }

  /** The same where the archive has nothing but a snapshot. */
  Model.Node lostBut(Model.Node snapshot) {
    rewound(world.model.root().tip());
    expected = node -> node == snapshot;
    return snapshot;
  }

  private Model.Node lost(int from) {
    // What is in flight may be the fence of another life.
    rewound(world.model.root().tip());
    Tree tree = world.stream.tree();
    expected =
        node -> {
          boolean found = false;
          for (int at = from; at <= world.stream.stored().size() && !found; at++) {
            int moment = at;
            found =
                tree.newestOnes(at).stream()
                    .anyMatch(life -> tree.has(tree.tip(life, moment), node));
          }
          return found;
        };
    return node(tree.tip(tree.newest(from), from));
  }

  /** Of two of the same content, as of a write that is sent again, the first was undone. */
  private Model.Node node(Tree.Position position) {
    Model.Node last = null;
    for (Model.Node node : world.model.tried(position.seq())) {
      last = world.stream.tree().has(position, node) ? node : last;
    }
    if (last == null) {
      throw new IllegalStateException("no writer has tried " + position);
    }
    return last;
  }

  // ---- what a start over one of them comes to

  private boolean hasTail(Copy copy) {
    return copy.reach.open() && world.setup.archive();
  }

  private Model.Node least(Copy copy) {
    Tree tree = world.stream.tree();
    double reach = hasTail(copy) ? reach(copy, from(copy)) : 0;
    return reach <= copy.covered.seq ? copy.covered : node(tree.at(copy.reach.life(), reach));
  }

  /** Since when what there was has to be found: where a probe shows, what was sent before it is. */
  private int from(Copy copy) {
    int from = world.stream.stored().size();
    for (Object probe : copy.reach.probes()) {
      from = Math.min(from, world.stream.tree().probedAt(((Number) probe).doubleValue()));
    }
    return from;
  }

  private double reach(Copy copy, int moment) {
    return world.stream.tree().reach(copy.reach.life(), copy.reach.checkpointSeq(), moment);
  }

  private Expected expected(Copy copy) {
    Model.Node least = least(copy);
    if (!copy.reach.open()) {
      return node -> node == copy.covered;
    }
    if (!hasTail(copy)) {
      return node -> node.standsOn(copy.covered) && copy.tip.standsOn(node);
    }
    return node -> {
      double life = world.stream.tree().at(copy.reach.life(), node.seq).life();
      double most = reach(copy, world.stream.stored().size());
      return node == least || (node.seq > least.seq && node.seq <= most && node.life == life);
    };
  }

  /** Whether a start is to come to something that is known. */
  boolean expect() {
    return expected != null;
  }

  /** Whether a start may come to this. */
  boolean allow(Model.Node node) {
    return expected == null || expected.allows(node);
  }
}
