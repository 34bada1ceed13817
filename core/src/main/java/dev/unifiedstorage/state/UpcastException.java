package dev.unifiedstorage.state;

/** A thing of before cannot be brought into today's form; its message says which, and why. */
public final class UpcastException extends RuntimeException {
  UpcastException(String message) {
    super(message);
  }
}
