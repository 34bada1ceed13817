package dev.unifiedstorage.store;

/** A write that a {@link WriteRule} does not allow: its code and details go to the client. */
public final class WriteRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String code;
  private final String details;

  /**
   * @param code one of the protocol's; any other reaches the client as {@code VALIDATION_ERROR}
   *     with {@code details.code}
   * @param details a JSON object's text, or "" for none
   */
  public WriteRefusedException(String code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** The code, as it was given. */
  public String code() {
    return code;
  }

  /** A JSON object as text, "" for none. */
  public String details() {
    return details;
  }
}
