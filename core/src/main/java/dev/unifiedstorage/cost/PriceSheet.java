package dev.unifiedstorage.cost;

/**
 * Cloudflare's prices for Durable Objects and Pipelines, as published in November 2026, in US
 * dollars, past what a plan includes. The one place where prices stand.
 */
public final class PriceSheet {
  /** A million rows written to SQLite; an alarm that is set is one. */
  public static final double DOLLARS_PER_MILLION_ROWS_WRITTEN = 1.00;

  /** A million requests: alarms that ring, and socket messages, of which 20 are one. */
  public static final double DOLLARS_PER_MILLION_REQUESTS = 0.15;

  /** Incoming messages of a WebSocket that are billed as one request. */
  public static final double MESSAGES_PER_REQUEST = 20;

  /** A million GB-s in which an object works, or waits in memory and cannot hibernate. */
  public static final double DOLLARS_PER_MILLION_GB_SECONDS = 12.50;

  /** What every object is billed as, whatever it uses. */
  public static final double OBJECT_GB = 0.128;

  /**
   * A GB that goes through a Pipeline: $0.04 for its SQL step, which even an {@code INSERT …
   * SELECT} is, and $0.06 for the sink to Iceberg, before compression. What comes in is free.
   */
  public static final double DOLLARS_PER_PIPELINE_GB = 0.04 + 0.06;

  private PriceSheet() {}

  /** What writing so many rows costs, nothing being included. */
  public static double dollarsForRowsWritten(double rows) {
    return rows / 1_000_000 * DOLLARS_PER_MILLION_ROWS_WRITTEN;
  }

  /** What archiving so many bytes costs, nothing being included. */
  public static double dollarsForPipelineBytes(double bytes) {
    return bytes / 1e9 * DOLLARS_PER_PIPELINE_GB;
  }
}
