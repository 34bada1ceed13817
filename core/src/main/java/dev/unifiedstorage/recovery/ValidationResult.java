package dev.unifiedstorage.recovery;

import java.util.List;

/**
 * Whether a state is consistent.
 *
 * @param valid whether there are no errors
 * @param errors one sentence each, at most {@link #MAX_ERRORS}
 */
public record ValidationResult(boolean valid, List<String> errors) {
  /** How many errors are reported at most. */
  static final int MAX_ERRORS = 100;
}
