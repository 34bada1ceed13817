package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.StoreObserver;

/** The Worker's log. */
final class HostObserver implements StoreObserver {
  private final Host host;

  HostObserver(Host host) {
    this.host = host;
  }

  @Override
  public void info(String message) {
    host.log(0, message);
  }

  @Override
  public void warning(String message) {
    host.log(1, message);
  }

  @Override
  public void error(String message) {
    host.log(2, message);
  }

  /** The platform's log keeps the members of a line that is JSON as fields. */
  @Override
  public void step(LifeStep step, String message, String line) {
    StoreObserver.super.step(step, line, line);
  }
}
