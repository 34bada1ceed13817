package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The clients of a world that number their writes, beside the others. What they do is decided apart
 * from everything else.
 */
final class SessionClients {
  /** In so many worlds of {@link #WORLDS} there are some. */
  private static final int MOST = 2;

  private static final int WORLDS = 5;

  /** How often they send again what has no answer before the world ends. */
  private static final int TRIES = 30;

  private final World world;
  private final List<SessionClient> all = new ArrayList<>();

  SessionClients(World world, long seed) {
    this.world = world;
    for (int i = MOST - (int) Math.floorMod(seed, (long) WORLDS); i > 0; i--) {
      all.add(new SessionClient(world, i));
    }
  }

  /** Something may happen with each of them. */
  void act(Random random) {
    all.forEach(client -> client.act(random));
    if (!all.isEmpty() && random.nextInt(20) == 0) {
      world.hibernate();
    }
  }

  /** The sockets that outlived the memory, which the next life finds. */
  List<Peer> sockets(Life of) {
    List<Peer> found = new ArrayList<>();
    for (SessionClient client : all) {
      for (SessionSocket socket : client.sockets()) {
        if (socket.isOpen() && socket.life == null) {
          socket.life = of;
          found.add(socket);
        }
      }
    }
    return found;
  }

  private List<SessionSocket> of(Life life) {
    List<SessionSocket> found = new ArrayList<>();
    for (SessionClient client : all) {
      for (SessionSocket socket : client.sockets()) {
        if (socket.isOpen() && socket.life == life) {
          found.add(socket);
        }
      }
    }
    return found;
  }

  /** Of a session nothing is carried out any more from a number on: that was undone. */
  void undone(String session, int n) {
    for (SessionClient client : all) {
      if (client.session().equals(session)) {
        client.sockets().forEach(it -> it.remembers = Math.min(it.remembers, n - 1));
      }
    }
  }

  /** A life has ended, and its sockets with it. */
  void crashed(Life life) {
    world.once.wakes();
    of(life).forEach(SessionSocket::disconnect);
  }

  /** Another life has taken over: some of the sockets stay with this one until it learns of it. */
  void replaced(Life life) {
    world.once.wakes();
    for (SessionSocket socket : of(life)) {
      if (socket.id() % 2 == 0) {
        world.replies.socketClosed(socket);
        socket.disconnect();
      }
    }
  }

  /** The file is another one: the platform has closed every socket. */
  void rewound() {
    world.once.wakes();
    of(null).forEach(SessionSocket::disconnect);
  }

  /** A life has left the memory; the sockets stay. */
  void hibernates(Life life) {
    for (SessionClient client : all) {
      for (SessionSocket socket : client.sockets()) {
        if (socket.isOpen() && socket.life == life) {
          socket.life = null;
          if (socket.greeted) {
            world.once.sleeps(life, client.session(), socket.remembers);
          }
        }
      }
    }
  }

  /** Everything works: every write ends. */
  void settle() {
    for (int i = 0; !all.stream().allMatch(SessionClient::isSettled); i++) {
      if (i == TRIES) {
        throw new Violation("every write of a session ends", "one has not");
      }
      all.forEach(SessionClient::settle);
      world.time.advance(5_000);
    }
  }

  /** What came of writes is told again, whichever instance is asked. */
  void askAgain() {
    all.forEach(client -> client.askAgain(world.random));
    world.time.advance(5_000);
  }
}
