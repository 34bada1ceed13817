package dev.unifiedstorage.emulator;

import dev.unifiedstorage.port.StoreObserver;
import java.io.PrintStream;

/**
 * A log of one namespace: a line a message.
 *
 * @param about the namespace, or the part of the emulator
 */
record LogObserver(PrintStream out, String about) implements StoreObserver {
  @Override
  public void info(String message) {
    line("info", message);
  }

  @Override
  public void warning(String message) {
    line("warning", message);
  }

  @Override
  public void error(String message) {
    line("error", message);
  }

  private void line(String level, String message) {
    out.println("[" + about + "] " + level + ": " + message);
  }
}
