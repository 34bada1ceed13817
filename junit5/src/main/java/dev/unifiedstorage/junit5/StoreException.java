package dev.unifiedstorage.junit5;

import org.jspecify.annotations.Nullable;

/** A store's refusal; its message is the store's own sentence, after the code. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient @Nullable Reply reply;
  private final @Nullable String code;

  StoreException(Reply reply) {
    super(reply.code() + ": " + reply.get("error"));
    this.reply = reply;
    this.code = reply.code();
  }

  /** The error's code, such as {@code CONFLICT}. */
  public @Nullable String code() {
    return code;
  }

  /** The whole reply; null after serialisation. */
  public @Nullable Reply reply() {
    return reply;
  }
}
