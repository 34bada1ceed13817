package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Json;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a store: its state up to an event of a life.
 *
 * <p>Its text is opaque to clients, who compare it for equality only; this is the one place that
 * makes it and reads it.
 *
 * @param life the one that wrote the event; 0 before the first event
 */
public record Position(double life, double seq) {
  private static final double MOST = 9007199254740991.0;

  /** The text as a reply shows it, without quotes. */
  public String text(Json json) {
    return json.writer().number(life).raw("-").number(seq).text();
  }

  /** The position that a text stands for, or null when the text is no position. */
  public static @Nullable Position parse(String text) {
    int dash = text.indexOf('-');
    double life = dash < 0 ? -1 : wholeNumber(text, 0, dash);
    double seq = dash < 0 ? -1 : wholeNumber(text, dash + 1, text.length());
    return life < 0 || seq < 0 ? null : new Position(life, seq);
  }

  /** The number, or -1 when there is another character or a zero in front. */
  private static double wholeNumber(String text, int start, int end) {
    boolean leadingZero = end > start + 1 && text.charAt(start) == '0';
    if (end == start || end - start > 16 || leadingZero) {
      return -1;
    }
    double value = 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value > MOST ? -1 : value;
  }
}
