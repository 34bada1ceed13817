package dev.unifiedstorage.simulation;

import dev.unifiedstorage.protocol.Route;
import java.util.List;
import java.util.Map;

/** What clients ask of a store as a whole: that it is deleted, or is made what it once was. */
final class Whole {
  private static final String DELETES = "a deleted store has nothing left";

  /** The life of a deletion that did not happen. */
  private static final double REFUSED = -1;

  private final World world;

  Whole(World world) {
    this.world = world;
  }

  // ---- deletion

  /** Asks for everything to be deleted. */
  void delete() {
    Life life = world.alive();
    if (!life.answers()) {
      return;
    }
    world.faults.count(Fault.STORE_DELETED);
    double nowMs = world.time.wallMs();
    long things = life.head.last().values().stream().filter(node -> node.exists(nowMs)).count();
    double emptiedBefore = life.emptiedLife();
    Model.Node deletion = life.head.empty(nowMs);
    boolean[] done = {false};
    String path = "/stores/" + World.NAMESPACE;
    life.note("DELETE " + path);
    life.event(
        () -> {
          try {
            life.store.onRequest(
                Route.parse("DELETE", path, false),
                (status, type, body) -> {
                  life.note("deletion answered " + status + " " + body);
                  if (done[0]) {
                    throw new Violation("every request has one reply", "a second one to DELETE");
                  }
                  done[0] = true;
                  settle(life, deletion, emptiedBefore);
                  if (status == 200 && life.emptiedLife() == deletion.life) {
                    deleted(life, deletion, things, Texts.parse(body));
                  }
                });
          } finally {
            settle(life, deletion, emptiedBefore);
          }
        });
  }

  /** Within the event of the request it shows whether it has happened: a commit says so. */
  private void settle(Life life, Model.Node deletion, double emptiedBefore) {
    if (deletion.life != 0) {
      return;
    }
    deletion.epoch = life.claimedEpoch();
    boolean begun = life.emptiedLife() == life.lifeOf(life.claimedEpoch());
    // Its first commit may be a checkpoint alone, which names an older deletion.
    if (life.emptiedLife() == emptiedBefore || !begun) {
      deletion.life = REFUSED;
      life.head.forget(deletion);
      return;
    }
    deletion.life = life.emptiedLife();
    deletion.atMs = life.claimedAtMs();
    life.sessions.clear();
    world.once.wakes();
    world.histories.emptied();
  }

  /** The answer says that the Pipeline has the record of it. */
  private void deleted(Life life, Model.Node deletion, long things, Map<String, Object> body) {
    if (life.isOver()) {
      return;
    }
    if (!Texts.same(things, body.get("deleted"))) {
      throw new Violation(DELETES, "there were " + things + ", got " + body);
    }
    if (world.stream.tree().parentSeq(deletion.life) < 0) {
      throw new Violation(DELETES, "the Pipeline does not know of life " + deletion.life);
    }
    if (life.head.tip() == deletion) {
      double rows = 0;
      for (Object[] table : world.disk.query("SELECT name FROM sqlite_master")) {
        rows +=
            ((Number) world.disk.query("SELECT count(*) FROM " + table[0]).get(0)[0]).intValue();
      }
      // The alarm is not in the file: who starts over another one does not know of it.
      boolean alarm = world.alarmIsSet() && !world.copies.branched();
      if (rows != 1 || alarm) {
        throw new Violation(DELETES, rows + " rows, alarm " + alarm);
      }
    }
    world.checkers.confirmed(deletion);
  }

  // ---- restore

  /** Asks for the state of some moment. */
  void restore() {
    Life life = world.alive();
    if (!life.answers() || !world.setup.archive() || life.restore != null) {
      return;
    }
    Model.Node tip = life.head.tip();
    double seq = world.random.nextInt((int) tip.seq + 1);
    life.restore = new Restore(world.model.at(tip.then(seq)).last(), tip);
    Restore restore = life.restore;
    life.post(
        "restore",
        "{\"at\":{\"seq\":" + (long) seq + "}}",
        (status, type, body) -> {
          if (life.restore != restore) {
            throw new Violation("every request has one reply", "a second one to a restore");
          }
          if (!life.isOver()) {
            world.checkers.catchUp(life);
          }
          life.restore = null;
          if (status == 200) {
            world.faults.count(Fault.STORE_RESTORED);
            restored(life, restore, Texts.parse(body));
          }
        });
  }

  private void restored(Life life, Restore restore, Map<String, Object> body) {
    if (life.isOver()) {
      return;
    }
    if (restore.last != null) {
      world.checkers.confirmed(restore.last);
    } else if (life.head.tip() == restore.asked && !restore.differing(life.head).isEmpty()) {
      throw new Violation(Restore.HOLDS, "nothing was, of " + restore.differing(life.head));
    }
    double seq = Texts.seqOf((String) body.get("at"));
    if (restore.last != null && seq < restore.last.seq) {
      throw new Violation(Restore.HOLDS, restore.last + " is its last, got " + body);
    }
  }

  /** One restore that was asked for. */
  final class Restore {
    private static final String HOLDS = "a restore brings back what there was";

    /** How many things the store changes at once. */
    private static final int SLICE = 200;

    private final Map<String, Model.Node> then;

    /** The last change when it was asked for. */
    private final Model.Node asked;

    private List<String> differing;
    private int next;
    private Model.Node last;

    Restore(Map<String, Model.Node> then, Model.Node asked) {
      this.then = Map.copyOf(then);
      this.asked = asked;
    }

    /** The store has changed something by itself: the next of what differs from the moment. */
    void play(Life life) {
      double nowMs = world.time.wallMs();
      if (differing == null) {
        differing = differing(life.head);
      }
      for (int i = 0; i < SLICE && next < differing.size(); i++) {
        bringBack(life.head, differing.get(next++), nowMs);
      }
    }

    private List<String> differing(Model.Head head) {
      double nowMs = world.time.wallMs();
      return world.model.allIds().stream()
          .filter(id -> differs(head.of(id), then.get(id), nowMs))
          .toList();
    }

    private static boolean wasThere(Model.Node then, double nowMs) {
      return then != null && then.exists(nowMs);
    }

    private static boolean differs(Model.Node now, Model.Node then, double nowMs) {
      boolean is = now != null && now.exists();
      if (!is || !wasThere(then, nowMs)) {
        return is || wasThere(then, nowMs);
      }
      return !now.type.equals(then.type)
          || now.expiresAtMs != then.expiresAtMs
          || !Texts.same(now.fields, then.fields);
    }

    private void bringBack(Model.Head head, String id, double nowMs) {
      Model.Node now = head.of(id);
      Model.Node was = then.get(id);
      boolean is = now != null && now.exists();
      if (is && now.isExpired(nowMs)) {
        last = head.expire(now, nowMs);
        is = false;
      } else if (is && (!wasThere(was, nowMs) || !now.type.equals(was.type))) {
        last = head.delete(now, nowMs);
        world.histories.happened(Operation.deletion(id));
        is = false;
      }
      if (!wasThere(was, nowMs)) {
        return;
      }
      if (!is) {
        last = head.create(id, was.type, was.fields, was.expiresAtMs, nowMs);
      } else if (differs(now, was, nowMs)) {
        Map<String, Object> changed = Contract.changed(now.fields, was.fields, Map.of());
        changed = Contract.withExpiry(changed, now, was.expiresAtMs);
        last = head.update(now, was.fields, changed, was.expiresAtMs, nowMs);
      } else {
        return;
      }
      world.histories.happened(Operation.replacement(id, was.type, was.fields));
    }
  }
}
