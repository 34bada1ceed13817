package dev.unifiedstorage.protocol;

/**
 * The most that may wait for a client that does not read, in bytes and in messages.
 *
 * <p>What waits for a socket is its object's memory. What waited before a message counts and not
 * the message itself, so that one reply, however large, never closes its own socket. Past the bound
 * the socket is closed with {@link #CLOSE_CODE}: dropping a reply would leave its client waiting.
 */
public final class UnsentBound {
  public static final double MAX_BYTES = 16 * 1024 * 1024;
  public static final int MAX_MESSAGES = 65_536;

  /** Try again later. */
  public static final int CLOSE_CODE = 1013;

  public static final String REASON = "too many replies wait to be read";

  private UnsentBound() {}

  /**
   * Whether one more message is too much.
   *
   * @param messages how many wait; 0 where the platform does not tell
   */
  public static boolean isReached(double bytes, int messages) {
    return bytes > MAX_BYTES || messages >= MAX_MESSAGES;
  }
}
