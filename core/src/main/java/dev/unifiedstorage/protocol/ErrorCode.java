package dev.unifiedstorage.protocol;

/** Why a request was refused: the {@code code} of an error reply, and its status over HTTP. */
public enum ErrorCode {
  PARSE_ERROR(400),
  VALIDATION_ERROR(400),
  UNKNOWN_TYPE(400),
  NOT_FOUND(404),
  CONFLICT(409),
  BATCH_FAILED(409),
  PAYLOAD_TOO_LARGE(413),
  OVERLOADED(503),
  RECOVERING(503),
  UNAVAILABLE(503),
  INTERNAL_ERROR(500),
  TOO_EXPENSIVE(422),
  FORBIDDEN(403),
  RATE_LIMITED(429),
  QUOTA_EXCEEDED(429),
  SESSION_EXPIRED(410);

  private final int httpStatus;

  ErrorCode(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  public int httpStatus() {
    return httpStatus;
  }
}
