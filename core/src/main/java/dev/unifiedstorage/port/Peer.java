package dev.unifiedstorage.port;

/**
 * One client's socket, apart from the messages that come through it.
 *
 * <p>It outlives the object's memory: a hibernating object keeps its sockets, and what was attached
 * to them. Nothing here throws: a socket that has gone swallows what is done to it.
 */
public interface Peer {
  /** A number that no other socket of the object has while it is in memory. */
  int id();

  /** What was attached last, before a hibernation too; "" at first. */
  String attachment();

  /** Keeps a text with the socket, in place of the one before. */
  void attach(String text);

  /**
   * Sends a message that is no reply.
   *
   * @return whether the socket is still there
   */
  boolean push(String text);

  /** How many bytes wait for the client to read them; negative where the platform does not tell. */
  double unsentBytes();

  /** Closes the socket with a code of RFC 6455. */
  void close(int code, String reason);
}
