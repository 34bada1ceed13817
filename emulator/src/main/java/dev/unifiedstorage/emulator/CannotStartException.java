package dev.unifiedstorage.emulator;

import java.io.IOException;

/** Why the emulator could not start: one sentence for the person at the keyboard. */
public final class CannotStartException extends IOException {
  private static final long serialVersionUID = 1;

  CannotStartException(String message) {
    super(message);
  }
}
