package dev.unifiedstorage.port;

/**
 * Where a store tells how long single things take, for those who follow them.
 *
 * <p>Nothing here throws, and nothing is answered: what becomes of a span is no matter of the
 * store's.
 */
public interface Tracer {
  /**
   * Begins a span.
   *
   * @param startMs when it has begun, perhaps a while ago; a platform whose spans begin when they
   *     are made may make it now
   */
  Span begin(String name, double startMs);

  /** Something that takes time, and is not over. */
  interface Span {
    /** Says something of it. */
    void set(String attribute, String value);

    /** Says a number of it: a count, or milliseconds where its name says so. */
    void set(String attribute, double value);

    /**
     * Ends it; it is not touched any more.
     *
     * @param error what went wrong, "" where nothing did
     */
    void end(double endMs, String error);
  }
}
