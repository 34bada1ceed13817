package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The clients of a world that follow things, beside those that ask: they come, go, go on by {@code
 * since}, and some read slowly. What they do is decided apart from everything else.
 */
final class Followers {
  private static final int MOST = 3;

  /** More than may wait before a store stops to push. */
  private static final double TOO_MUCH_UNSENT = 2_000_000;

  private final World world;
  private final List<Follower> all = new ArrayList<>();

  private int lastId;

  Followers(World world, long seed) {
    this.world = world;
    // In one world of four there are no followers.
    for (int i = Math.floorMod(seed, MOST + 1); i > 0; i--) {
      all.add(new Follower(world, i));
    }
  }

  int nextId() {
    return ++lastId;
  }

  /** The sockets that outlived the memory, which the next life finds. */
  List<Peer> sockets(Life of) {
    List<Peer> sockets = new ArrayList<>();
    for (Follower follower : all) {
      if (follower.connected && follower.life == null) {
        follower.life = of;
        sockets.add(follower.socket());
      }
    }
    return sockets;
  }

  /** Something may happen with each of them. */
  void act(Random random) {
    for (Follower follower : all) {
      Life life = world.current();
      if (life == null || !life.alive() || !life.running || life.rebuilding) {
        return;
      }
      if (!follower.connected) {
        if (random.nextInt(3) == 0) {
          follower.connect(life, random.nextInt(4) > 0);
          if (follower.follows() && random.nextInt(4) > 0) {
            follower.subscribe();
          } else {
            follower.choose(selection(random));
            follower.subscribe();
          }
        }
      } else if (follower.life == life) {
        act(follower, random);
      }
    }
  }

  private void act(Follower follower, Random random) {
    if (follower.unsent >= 0) {
      follower.unsent = random.nextInt(10) == 0 ? TOO_MUCH_UNSENT : 0;
    }
    switch (random.nextInt(20)) {
      case 0 -> {
        follower.choose(selection(random));
        follower.subscribe();
      }
      case 1 -> follower.subscribe();
      case 2 -> {
        if (follower.isSubscribed()) {
          follower.unsubscribe();
        }
      }
      case 3, 4, 5 -> follower.ping();
      case 6 -> {
        Life life = follower.life;
        life.event(() -> life.store.onSocketClosed(follower.socket()));
        follower.disconnect();
      }
      default -> {
        if (!follower.isSubscribed()) {
          follower.subscribe();
        }
      }
    }
  }

  private Map<String, Object> selection(Random random) {
    Map<String, Object> selection = new LinkedHashMap<>();
    if (random.nextInt(4) == 0) {
      List<String> ids = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        ids.add("i" + random.nextInt(world.setup.ids()));
      }
      selection.put("$ids", ids);
    } else {
      Asked asked = world.questions.next(random);
      selection.put("$type", asked.type());
      selection.put("where", random.nextBoolean() ? Map.of() : asked.where());
    }
    return selection;
  }

  /** A life has had an event: what it has pushed is held against the model. */
  void check(Life life) {
    for (Follower follower : all) {
      follower.check(life);
    }
  }

  /** A life has ended, and its sockets with it. */
  void crashed(Life life) {
    for (Follower follower : all) {
      if (follower.life == life) {
        follower.disconnect();
      }
    }
  }

  /** The file is another one: the platform has closed every socket. */
  void rewound() {
    for (Follower follower : all) {
      if (follower.life == null) {
        follower.disconnect();
      }
    }
  }

  /** A life has left the memory; the sockets stay. */
  void hibernates(Life life) {
    for (Follower follower : all) {
      follower.life = follower.life == life ? null : follower.life;
    }
  }

  /** Everybody reads again, and says so. */
  void heal() {
    for (Follower follower : all) {
      follower.unsent = Math.min(follower.unsent, 0);
    }
    for (int i = 0; i < 20; i++) {
      for (Follower follower : all) {
        if (follower.connected && follower.life != null && follower.life.alive()) {
          follower.ping();
        }
      }
      world.time.advance(200);
    }
  }

  /** The world is at rest: no follower lacks anything. */
  void haveEverything(Life life) {
    for (Follower follower : all) {
      if (follower.connected && follower.isSubscribed()) {
        if (!follower.isWhole()) {
          throw new Violation("a subscriber has what matches", "the rest never came");
        }
        follower.isTheModels(life.head);
      }
    }
  }

  /** How many are connected. */
  long connected() {
    return all.stream().filter(follower -> follower.connected).count();
  }
}
