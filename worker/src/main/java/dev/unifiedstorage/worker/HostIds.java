package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Ids;
import org.teavm.jso.JSBody;

/** The host's random UUIDs. */
final class HostIds implements Ids {
  @Override
  public String uuid() {
    return randomUuid();
  }

  @JSBody(script = "return crypto.randomUUID();")
  private static native String randomUuid();
}
