package dev.unifiedstorage.access;

import java.util.HashMap;
import java.util.Map;

/**
 * How fast each client asks: a bucket of tokens a client, which fills by {@code RATE_LIMIT}.
 *
 * <p>Buckets are in memory alone. A bucket that is full says what an absent one says, so full ones
 * are forgotten when there are many; a flood of clients costs the least recently seen theirs.
 */
final class Rates {
  private static final int MAX_BUCKETS = 10_000;
  private static final double MS_A_SECOND = 1000;

  private static final class Bucket {
    private double tokens;
    private double atMs;
  }

  private final double perMs;
  private final double burst;
  private Map<String, Bucket> young = new HashMap<>();
  private Map<String, Bucket> old = new HashMap<>();

  Rates(VisitLimits limits) {
    this.perMs = limits.requestsPerSecond() / MS_A_SECOND;
    this.burst = limits.burst();
  }

  boolean isLimited() {
    return perMs > 0;
  }

  /** Takes a token; gives 0, or in how many milliseconds there will be one. */
  double take(String client, double nowMs) {
    Bucket bucket = bucket(client, nowMs);
    // A clock that was set back fills nothing, and takes nothing away.
    double passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + passedMs * perMs);
    bucket.atMs = nowMs;
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      return 0;
    }
    return Math.ceil((1 - bucket.tokens) / perMs);
  }

  private Bucket bucket(String client, double nowMs) {
    Bucket bucket = young.get(client);
    if (bucket != null) {
      return bucket;
    }
    bucket = old.get(client);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.tokens = burst;
      bucket.atMs = nowMs;
    }
    if (young.size() >= MAX_BUCKETS / 2) {
      old = young;
      young = new HashMap<>();
    }
    young.put(client, bucket);
    return bucket;
  }
}
