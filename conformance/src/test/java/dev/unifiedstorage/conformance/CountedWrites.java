package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * A client that writes to a namespace of its own while others attack the server, one write after
 * the other.
 */
final class CountedWrites {
  private static final String VICTIM = "victim";

  /** Whether the attack is over; asked after each write. */
  interface Attack {
    boolean isOver() throws Exception;
  }

  private CountedWrites() {}

  /**
   * Writes until the attack is over. Every write has to be acknowledged, and to count in the end.
   *
   * @param query what stands behind the address of the socket
   * @return how many there were
   */
  static long beside(Attack attack, StoreServer server, String query) throws Exception {
    long written = 0;
    try (Session s = server.open(VICTIM, query)) {
      s.create("sum", "{'n':0}").ack();
      while (!attack.isOver()) {
        s.call("{'type':'update','$id':'sum','increment':{'n':1}}").ack();
        written++;
      }
      assertEquals(written, s.thing("sum").path("n").asLong(), "the sum of what was acknowledged");
    }
    return written;
  }
}
