package dev.unifiedstorage.port;

/**
 * The body of one request or answer over HTTP, which comes in parts, each when it is asked for.
 *
 * <p>Whatever reads it asks for a part, gets exactly one call, at once or later, and may then ask
 * for the next one. So nothing has to be held for a reader that is slow.
 */
public interface HttpBody {
  /** Receives what was asked for: one of its methods is called, once. */
  interface Part {
    /** A part of the text, cut anywhere between two characters. */
    void text(String text);

    /** There is no more. */
    void end();

    /**
     * The rest cannot be had.
     *
     * @param error why, as a sentence
     */
    void failed(String error);
  }

  /** Asks for the next part; not before the last one has come. */
  void next(Part part);

  /** Says that no more is asked for; after the end it does nothing. */
  void cancel();
}
