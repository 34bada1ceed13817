package dev.unifiedstorage.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The flights as a live feed: departures, landings and removals in the order of their times.
 *
 * <p>It is cut off at the last departure, as a live feed always is somewhere: what would happen
 * after {@code end} has not happened yet.
 */
record Feed(List<Moment> moments, long end) {
  /** What can happen to a flight. */
  enum Kind {
    DEPARTURE,
    LANDING,
    REMOVAL
  }

  /** Something that happens at a minute. */
  record Moment(long minute, Kind kind, Flight flight) {}

  static Feed of(List<Flight> flights) {
    long end = flights.stream().mapToLong(Flight::departure).max().orElse(0);
    List<Moment> moments = new ArrayList<>(flights.size() * 3);
    for (Flight flight : flights) {
      moments.add(new Moment(flight.departure(), Kind.DEPARTURE, flight));
      if (flight.landing() <= end) {
        moments.add(new Moment(flight.landing(), Kind.LANDING, flight));
      }
      if (flight.removal() <= end) {
        moments.add(new Moment(flight.removal(), Kind.REMOVAL, flight));
      }
    }
    moments.sort(
        Comparator.comparingLong(Moment::minute)
            .thenComparing(Moment::kind)
            .thenComparingInt(m -> m.flight().number()));
    return new Feed(List.copyOf(moments), end);
  }
}
