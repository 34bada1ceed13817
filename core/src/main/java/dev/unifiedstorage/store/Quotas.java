package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.query.QueryEngine;
import dev.unifiedstorage.state.Things;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How much one store may hold: {@code MAX_THINGS} and {@code MAX_STORE_BYTES}.
 *
 * <p>Only what grows the store is ever refused: a full store can be read, emptied and made smaller.
 * A store that outgrew the memory of its isolate could never start again, so it is told in time.
 */
final class Quotas {
  /** From this share on the log says that a store is filling up, once until it has emptied. */
  private static final double WARN_FROM = 0.7;

  private static final double WARN_AGAIN_BELOW = 0.6;

  private final double maxThings;
  private final double maxBytes;
  private final Things state;
  private final QueryEngine indexes;
  private final Json json;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;
  private boolean warned;

  /**
   * @param about puts namespace, epoch and seq before a sentence
   */
  Quotas(
      UnifiedStoreConfig config,
      Things state,
      QueryEngine indexes,
      Json json,
      StoreObserver observer,
      UnaryOperator<String> about) {
    this.maxThings = config.maxThings();
    this.maxBytes = config.maxStoreBytes();
    this.state = state;
    this.indexes = indexes;
    this.json = json;
    this.observer = observer;
    this.about = about;
  }

  /**
   * Why a write is refused, or null.
   *
   * @param things how many more there would be
   * @param bytes how much larger they would be, estimated; negative when smaller
   */
  @Nullable Refusal refusal(int things, double bytes) {
    if (things <= 0 && bytes <= 0) {
      return null;
    }
    double usedThings = (double) state.size() + things;
    double usedBytes = state.estimatedBytes() + indexes.indexBytes() + bytes;
    warnIfNear(usedThings, usedBytes);
    if (things > 0 && maxThings > 0 && usedThings > maxThings) {
      return exceeded("MAX_THINGS", maxThings, "things");
    }
    return usedBytes > maxBytes ? exceeded("MAX_STORE_BYTES", maxBytes, "bytes") : null;
  }

  /** Whether there are exactly as many things as there may be. */
  boolean isAtMaxThings() {
    return maxThings > 0 && state.size() == maxThings;
  }

  private void warnIfNear(double things, double bytes) {
    double share = Math.max(maxThings > 0 ? things / maxThings : 0, bytes / maxBytes);
    if (share < WARN_AGAIN_BELOW) {
      warned = false;
    } else if (share >= WARN_FROM && !warned) {
      warned = true;
      observer.warning(
          about.apply(
              "the store is over 70% full: "
                  + (long) things
                  + " things of about "
                  + (long) bytes
                  + " bytes; MAX_STORE_BYTES is "
                  + (long) maxBytes
                  + (maxThings > 0 ? ", MAX_THINGS " + (long) maxThings : "")));
    }
  }

  private Refusal exceeded(String variable, double limit, String unit) {
    String message =
        "expected at most " + (long) limit + " " + unit + " in a store (" + variable + ")";
    return Refusal.overLimit(about.apply(message), limit, json);
  }
}
