package dev.unifiedstorage.jvm;

import dev.unifiedstorage.port.Ids;
import java.util.Locale;
import java.util.UUID;

/** Random identifiers, as the JVM makes them. */
public final class UuidIds implements Ids {
  @Override
  public String uuid() {
    return UUID.randomUUID().toString();
  }

  @Override
  public String thingId(String type) {
    return type.toLowerCase(Locale.ROOT) + "_" + uuid();
  }
}
