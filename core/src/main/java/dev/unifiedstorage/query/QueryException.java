package dev.unifiedstorage.query;

/** What is no query: which member of the request is wrong, and what was expected there. */
public final class QueryException extends RuntimeException {
  private final String field;

  public QueryException(String field, String message) {
    super(message);
    this.field = field;
  }

  public String field() {
    return field;
  }
}
