package dev.unifiedstorage.protocol;

/**
 * The answer to a WebSocket's close frame, by the code that came (RFC 6455, section 7.4).
 *
 * <p>A code that may be sent comes back. One that may not is a protocol error of the client, and is
 * answered with {@link #PROTOCOL_ERROR}: a server that answers nothing keeps the connection open.
 */
public final class CloseCode {
  /** Stands for a close frame without a code, in what a server sees; it is never sent. */
  public static final int NONE = 1005;

  public static final int PROTOCOL_ERROR = 1002;

  private CloseCode() {}

  /** The code to answer with, or {@link #NONE} for a close frame without one. */
  public static int answerTo(int code) {
    return code == NONE || maySend(code) ? code : PROTOCOL_ERROR;
  }

  private static boolean maySend(int code) {
    return code >= 1000 && code <= 1003
        || code >= 1007 && code <= 1014
        || code >= 3000 && code <= 4999;
  }
}
