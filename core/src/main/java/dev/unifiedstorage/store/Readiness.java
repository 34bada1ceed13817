package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Refusal;
import org.jspecify.annotations.Nullable;

/** Says why a store answers nothing now: its state could not be had, or is still being made. */
record Readiness(Lifecycle lifecycle, Starts starts, ErrorContext about, Json json) {

  /** Why nothing is answered now, or null when the store runs. */
  @Nullable Refusal whyNot() {
    return lifecycle.isRunning() ? null : notRunning();
  }

  /** Why a store that is not running refuses. */
  Refusal notRunning() {
    if (lifecycle.state() instanceof Lifecycle.State.Failed failed) {
      return Refusal.of(ErrorCode.UNAVAILABLE, failed.reason());
    }
    return Refusal.retryLater(
        ErrorCode.RECOVERING,
        about.apply("the state is being recovered, waiting for " + starts.waitingFor()),
        Limits.RETRY_AFTER_MS,
        json);
  }
}
