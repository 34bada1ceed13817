package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Connection;
import java.util.HashMap;
import java.util.Map;

/**
 * One client: it sends without waiting for replies, over a socket that may close and open again.
 */
class Client {
  final World world;
  final int number;

  /** The instance its socket is bound to; null when the next request opens a new one. */
  Life life;

  /** The seq of the last acknowledged change to each thing over this socket. */
  final Map<String, Double> acked = new HashMap<>();

  private int socket;

  Client(World world, int number) {
    this.world = world;
    this.number = number;
  }

  void disconnect() {
    socket++;
    life = null;
    acked.clear();
  }

  /** The socket as the store sees it: one that has gone swallows what is sent to it. */
  Connection connection(Life of) {
    int mine = socket;
    return text -> {
      of.before(PortCall.REPLY);
      if (text.startsWith("[")) {
        Texts.parseAll(text).forEach(reply -> world.replies.replied(of, reply, mine == socket));
      } else {
        world.replies.replied(of, Texts.parse(text), mine == socket);
      }
      of.after(PortCall.REPLY);
    };
  }
}
