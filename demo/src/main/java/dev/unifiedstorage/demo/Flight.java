package dev.unifiedstorage.demo;

/**
 * One flight of the input: when it departs, in minutes since the feed's first day, and where to.
 *
 * <p>The input has no time of landing. It is taken to be half an hour and the distance at 480 miles
 * an hour after departure, and the delay after that; nothing lands within 10 minutes.
 */
record Flight(
    int number, long departure, int delay, int distance, String origin, String destination) {
  /** How long after its landing a flight is of no interest any more, in minutes. */
  static final long KEPT_MINUTES = 6 * 60;

  String id() {
    return "flight_" + number;
  }

  long landing() {
    return departure + Math.max(10, 30 + distance * 60L / 480 + delay);
  }

  long removal() {
    return landing() + KEPT_MINUTES;
  }
}
