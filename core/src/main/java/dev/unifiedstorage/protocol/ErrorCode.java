package dev.unifiedstorage.protocol;

/** Why a request was refused: the {@code code} of an error reply, and its status over HTTP. */
public enum ErrorCode {
  /** The message is no JSON, or no object. */
  PARSE_ERROR(400),
  /** Something in the request is not as it must be: {@code details} says what. */
  VALIDATION_ERROR(400),
  /** There is no such request, or none here. */
  UNKNOWN_TYPE(400),
  /** There is no such thing. */
  NOT_FOUND(404),
  /** The thing is not as the request expects it. */
  CONFLICT(409),
  /** An operation of an atomic batch failed: nothing was applied. */
  BATCH_FAILED(409),
  /** Over a bound of size. */
  PAYLOAD_TOO_LARGE(413),
  /** Too much waits: come back later. */
  OVERLOADED(503),
  /** The state is not there yet: come back later. */
  RECOVERING(503),
  /** Durability could not be had: nothing was applied. */
  UNAVAILABLE(503),
  /** A failure of the store over this request. */
  INTERNAL_ERROR(500),
  /** The query would look at too many things. */
  TOO_EXPENSIVE(422),
  /** The token does not allow it. */
  FORBIDDEN(403),
  /** Too many requests: come back later. */
  RATE_LIMITED(429),
  /** The store has all that it may have. */
  QUOTA_EXCEEDED(429),
  /** What came of a session is not kept any more. */
  SESSION_EXPIRED(410);

  private final int httpStatus;

  ErrorCode(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  /** The status of an answer over HTTP. */
  public int httpStatus() {
    return httpStatus;
  }
}
