package dev.unifiedstorage.access;

import java.util.Map;

/**
 * How much one store lets its clients ask.
 *
 * @param requestsPerSecond of one client, 0 for any number
 * @param burst how many requests may come at once
 * @param maxSockets open sockets of one store
 */
public record VisitLimits(double requestsPerSecond, double burst, int maxSockets) {
  private static final String RATE_LIMIT = "RATE_LIMIT";
  private static final String MAX_SOCKETS = "MAX_SOCKETS";
  private static final int DEFAULT_MAX_SOCKETS = 1_000;

  /** What the platform holds for one object. */
  private static final double MOST_SOCKETS = 32_768;

  private static final double MOST_REQUESTS = 1_000_000;

  /**
   * Reads {@code RATE_LIMIT} and {@code MAX_SOCKETS}.
   *
   * @throws IllegalArgumentException naming the variable, what was expected and what was found
   */
  public static VisitLimits fromVars(Map<String, String> vars) {
    String rate = vars.get(RATE_LIMIT);
    double perSecond = 0;
    double burst = 0;
    if (rate != null && !rate.isEmpty()) {
      int colon = rate.indexOf(':');
      perSecond = whole(colon < 0 ? rate : rate.substring(0, colon));
      burst = colon < 0 ? perSecond : whole(rate.substring(colon + 1));
      if (perSecond < 1 || burst < 1) {
        throw new IllegalArgumentException(
            "RATE_LIMIT: expected requests a second, or those and a burst such as 100:500, got '"
                + rate
                + "'");
      }
    }
    String sockets = vars.get(MAX_SOCKETS);
    double most = DEFAULT_MAX_SOCKETS;
    if (sockets != null && !sockets.isEmpty()) {
      most = whole(sockets);
      if (most < 1 || most > MOST_SOCKETS) {
        throw new IllegalArgumentException(
            "MAX_SOCKETS: expected a whole number from 1 to 32768, got '" + sockets + "'");
      }
    }
    return new VisitLimits(perSecond, burst, (int) most);
  }

  /** The number that the digits stand for, or -1. */
  private static double whole(String digits) {
    double number = digits.isEmpty() || digits.length() > 7 ? -1 : 0;
    for (int i = 0; i < digits.length() && number >= 0; i++) {
      int digit = digits.charAt(i) - '0';
      number = digit < 0 || digit > 9 ? -1 : number * 10 + digit;
    }
    return number > MOST_REQUESTS ? -1 : number;
  }
}
