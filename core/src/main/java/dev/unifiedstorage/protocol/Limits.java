package dev.unifiedstorage.protocol;

/** The bounds a client meets; what passes one is refused with an error and changes nothing. */
public final class Limits {
  /** One message, in UTF-8 bytes. */
  public static final int MESSAGE_BYTES = 1024 * 1024;

  /** One thing as clients see it, in UTF-8 bytes. */
  public static final int THING_BYTES = 1024 * 1024;

  /** {@code $id} and {@code $type}, in UTF-16 characters. */
  public static final int NAME_CHARS = 256;

  /** The name of a subscription, in UTF-16 characters. */
  public static final int SUBSCRIPTION_NAME_CHARS = 64;

  /** Levels of objects and arrays in a thing, the thing itself being the first. */
  public static final int NESTING = 64;

  /** Operations in a batch. */
  public static final int BATCH_OPERATIONS = 1000;

  /** Requests in a frame. */
  public static final int FRAME_REQUESTS = 1000;

  /** The queries of one frame look at no more than so many times what one query may look at. */
  public static final int FRAME_SCANS = 5;

  /** Operations in a patch. */
  public static final int PATCH_OPERATIONS = 1000;

  /** Things that writes return in one reply, in UTF-8 bytes. */
  public static final int RETURNED_BYTES = 1024 * 1024;

  /**
   * The things in one reply, and all replies to one frame, in UTF-8 bytes: ask for fewer at a time.
   */
  public static final int REPLY_BYTES = 16 * 1024 * 1024;

  /** What is no longer than this is not measured, and taken to have as many bytes as characters. */
  public static final int UNMEASURED_CHARS = 512;

  /** The records of an atomic batch, which is one request to the Pipeline, in UTF-8 bytes. */
  public static final int SEND_BYTES = 4_500_000;

  /** Deletions that SQLite does not have yet. */
  public static final int DELETIONS = 100_000;

  /** Things in one read of the past. */
  public static final int PAST_IDS = 100;

  /** Versions in one answer of a history: go on behind the last one. */
  public static final int HISTORY_VERSIONS = 1000;

  /** The name of a session, in characters. */
  public static final int SESSION_CHARS = 64;

  /** Whole numbers below this are exact. */
  static final double NUMBERS = 9_007_199_254_740_992.0;

  /** How long a thing may have to live before it expires. */
  public static final double EXPIRES_IN_MS = 10_000_000_000_000.0;

  /** What a client that was sent away should wait before it tries again. */
  public static final double RETRY_AFTER_MS = 1000;

  private Limits() {}
}
