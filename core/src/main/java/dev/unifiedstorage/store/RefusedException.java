package dev.unifiedstorage.store;

import dev.unifiedstorage.protocol.Refusal;

/** What cannot be had in this process now: why, as a request's reply would say it. */
public final class RefusedException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final transient Refusal refusal;

  RefusedException(Refusal refusal) {
    super(refusal.message());
    this.refusal = refusal;
  }

  /** The same with its code and details. */
  public Refusal refusal() {
    return refusal;
  }
}
