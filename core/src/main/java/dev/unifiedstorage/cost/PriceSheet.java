package dev.unifiedstorage.cost;

/** Cloudflare's prices for Durable Objects, as published in autumn 2026, in US dollars. */
public final class PriceSheet {
  /** What a million rows written to SQLite cost, past the 50 million a month that are included. */
  public static final double DOLLARS_PER_MILLION_ROWS_WRITTEN = 1.00;

  private PriceSheet() {}

  /** What writing so many rows costs, nothing being included. */
  public static double dollarsForRowsWritten(double rows) {
    return rows / 1_000_000 * DOLLARS_PER_MILLION_ROWS_WRITTEN;
  }
}
