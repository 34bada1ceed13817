package dev.unifiedstorage.demo;

/** What an airport counts; delays are summed over its departures and its arrivals, in minutes. */
record Counters(long departures, long arrivals, long delay) {
  static final Counters ZERO = new Counters(0, 0, 0);

  Counters departed() {
    return new Counters(departures + 1, arrivals, delay);
  }

  Counters arrived() {
    return new Counters(departures, arrivals + 1, delay);
  }

  Counters delayed(long minutes) {
    return new Counters(departures, arrivals, delay + minutes);
  }
}
