package dev.unifiedstorage.protocol;

import java.util.Collection;

/**
 * How well a store is, and the answers to {@code GET /health}, from the best to the worst.
 *
 * <p>The route is open to every client, so that no answer names a store. Without {@code ?ready} it
 * says that the server can answer, and asks no store.
 */
public enum Health {
  /** Takes requests, and everything goes its usual way. */
  READY("ready", true, ""),
  /** Takes requests; see {@code ARCHIVE_LAG_LIMIT}. */
  ARCHIVE_LAGS(
      "degraded", true, "the archive lags too far behind; writes go to SQLite until it does not"),
  /** Takes requests, as long as SQLite has room for what waits. */
  PIPELINE_REFUSES(
      "degraded", true, "the Pipeline takes no events; they wait in SQLite until it does"),
  /** Answers that it is recovering. */
  STARTING("starting", false, "the state is being recovered; the stats say what it waits for"),
  /** Answers why the state could not be had. */
  FAILED("failed", false, "the state could not be had; the log says why");

  public static final String PATH = "/health";

  /** The answer without {@code ?ready}. */
  public static final String BODY = "{\"status\":\"ok\"}";

  /** The answer to {@code ?ready} of a server that is. */
  public static final String READY_BODY = "{\"status\":\"ready\"}";

  private final String status;
  private final boolean takesRequests;
  private final String reason;

  Health(String status, boolean takesRequests, String reason) {
    this.status = status;
    this.takesRequests = takesRequests;
    this.reason = reason;
  }

  /** The HTTP status of the answer to {@code ?ready}. */
  public int httpStatus() {
    return takesRequests ? 200 : 503;
  }

  /** The worst of several stores; of none, ready. */
  public static Health worst(Collection<Health> stores) {
    Health worst = READY;
    for (Health one : stores) {
      worst = one.compareTo(worst) > 0 ? one : worst;
    }
    return worst;
  }

  /**
   * The answer to {@code ?ready} of a server that this is the worst of.
   *
   * @param stores those in memory
   */
  public String body(Collection<Health> stores) {
    if (this == READY) {
      return READY_BODY;
    }
    int like = 0;
    for (Health one : stores) {
      like += one == this ? 1 : 0;
    }
    String of = ",\"stores\":" + like + ",\"of\":" + stores.size() + "}";
    return "{\"status\":\"" + status + "\",\"reason\":\"" + reason + "\"" + of;
  }
}
