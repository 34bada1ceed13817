package dev.unifiedstorage.emulator.object;

import java.util.concurrent.atomic.AtomicInteger;

/** What the platform keeps with a socket, whether its object is in memory or not. */
final class Attached {
  private static final AtomicInteger LAST_ID = new AtomicInteger();

  final int id = LAST_ID.incrementAndGet();

  /** The event loop's. */
  String text = "";
}
