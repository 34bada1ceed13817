package dev.unifiedstorage.emulator;

import java.util.Map;

/** A store's refusal of a request of this process; its message begins with the code. */
public final class StoreRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String code;
  private final transient Map<String, Object> details;

  StoreRefusedException(String code, String message, Map<String, Object> details) {
    super(code + ": " + message);
    this.code = code;
    this.details = details;
  }

  /** The error's code, such as {@code CONFLICT}. */
  public String code() {
    return code;
  }

  /** What a program needs to go on, as JSON's values; empty when there is nothing to say. */
  public Map<String, Object> details() {
    return details;
  }
}
