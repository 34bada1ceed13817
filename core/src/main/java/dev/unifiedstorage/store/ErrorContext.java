package dev.unifiedstorage.store;

import dev.unifiedstorage.wal.Seqs;
import java.util.function.UnaryOperator;

/**
 * Puts namespace, epoch and seq before a sentence: what errors and log lines of a store begin with.
 */
record ErrorContext(String namespace, Seqs seqs) implements UnaryOperator<String> {
  @Override
  public String apply(String message) {
    return "namespace "
        + namespace
        + ", epoch "
        + (long) seqs.epoch()
        + ", seq "
        + (long) seqs.applied()
        + ": "
        + message;
  }
}
