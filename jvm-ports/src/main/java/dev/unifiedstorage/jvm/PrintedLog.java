package dev.unifiedstorage.jvm;

import dev.unifiedstorage.port.StoreObserver;
import java.io.PrintStream;

/** A log that a person reads at once: one line a message. */
record PrintedLog(PrintStream to) implements StoreObserver {
  @Override
  public void info(String message) {
    to.println(message);
  }

  @Override
  public void warning(String message) {
    to.println("warning: " + message);
  }

  @Override
  public void error(String message) {
    to.println("error: " + message);
  }
}
