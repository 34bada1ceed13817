package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Ids;
import org.teavm.jso.JSBody;

/** The host's random UUIDs. */
final class HostIds implements Ids {
  @Override
  public String uuid() {
    return randomUuid();
  }

  @Override
  public String thingId(String type) {
    return idOf(type);
  }

  @JSBody(script = "return crypto.randomUUID();")
  private static native String randomUuid();

  @JSBody(params = "type", script = "return type.toLowerCase() + '_' + crypto.randomUUID();")
  private static native String idOf(String type);
}
