package dev.unifiedstorage.demo;

import java.io.PrintStream;

/**
 * How far the replay is: a bar that redraws itself on a terminal, a line every tenth elsewhere.
 *
 * <p>It draws ten times a second at most, so that it costs the replay nothing.
 */
final class Progress {
  private static final int WIDTH = 40;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintStream out;
  private final boolean terminal;
  private final long total;
  private final long startNanos = System.nanoTime();
  private long drawnNanos;
  private long tenth;

  Progress(PrintStream out, boolean terminal, long total) {
    this.out = out;
    this.terminal = terminal;
    this.total = total;
  }

  void at(long done, String label) {
    long now = System.nanoTime();
    long reached = total == 0 ? 10 : done * 10 / total;
    boolean due = terminal ? now - drawnNanos > REDRAW_NANOS || done == total : reached > tenth;
    if (!due) {
      return;
    }
    drawnNanos = now;
    tenth = reached;
    long percent = total == 0 ? 100 : done * 100 / total;
    double perSecond = done / Math.max(1e-9, (now - startNanos) / 1e9);
    if (terminal) {
      int filled = (int) (percent * WIDTH / 100);
      String bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
      out.printf("\r%s %3d%%  %,.0f ops/s  %-12s", bar, percent, perSecond, label);
      if (done == total) {
        out.println();
      }
    } else {
      out.printf("%3d%%  %,.0f ops/s  %s%n", percent, perSecond, label);
    }
    out.flush();
  }
}
