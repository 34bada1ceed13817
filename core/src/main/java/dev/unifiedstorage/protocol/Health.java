package dev.unifiedstorage.protocol;

/**
 * The answer to {@code GET /health}: the server can answer. It is open to every client, and asks no
 * store.
 */
public final class Health {
  public static final String PATH = "/health";
  public static final String BODY = "{\"status\":\"ok\"}";

  private Health() {}
}
