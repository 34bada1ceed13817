package dev.unifiedstorage.simulation;

/**
 * What a store changes without a request of that moment: a restore brings back what differs, and
 * what has expired is deleted.
 */
final class Unasked {
  private final World world;

  Unasked(World world) {
    this.world = world;
  }

  /** A store has applied events that no request has: the model has them too from now on. */
  void follow(Life life, double applied, double epoch) {
    double changes = applied - life.head.tip().seq;
    if (life.restore != null && changes > 0 && isRestore(life, changes, epoch)) {
      life.restore.play(life);
    }
    expire(life, applied);
    life.seenEpoch = epoch;
  }

  /**
   * Whether it is a restore, which begins a life, that has made so many changes, and not expiry.
   */
  private boolean isRestore(Life life, double changes, double epoch) {
    double nowMs = world.time.wallMs();
    long due = life.head.last().values().stream().filter(node -> node.isExpired(nowMs)).count();
    return epoch != life.seenEpoch && (due != changes || due == 0);
  }

  /** The store deletes by itself what has expired, and nothing else: what expires first, first. */
  private void expire(Life life, double applied) {
    double nowMs = world.time.wallMs();
    while (life.head.tip().seq < applied) {
      Model.Node next = life.head.nextToExpire();
      if (next == null || !next.isExpired(nowMs)) {
        return;
      }
      life.note("expired " + next.id);
      world.figures.expired++;
      life.head.expire(next, nowMs);
    }
  }
}
