package dev.unifiedstorage.emulator;

/** Why the emulator could not start: one sentence for the person at the keyboard. */
final class CannotStartException extends Exception {
  private static final long serialVersionUID = 1;

  CannotStartException(String message) {
    super(message);
  }
}
