package dev.unifiedstorage.demo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the store must hold after the feed, computed from the input files alone.
 *
 * <p>It shares no running total with the replay, so that a mistake of the replay shows.
 */
record Expected(List<Airport> airports, List<Flight> flights, long end) {
  /** Where a flight is when the feed ends. */
  enum Fate {
    IN_THE_AIR,
    LANDED,
    REMOVED
  }

  /** An airport's counters, and how many updates brought them about. */
  record Tally(Counters counters, long updates) {
    static final Tally NONE = new Tally(Counters.ZERO, 0);

    private Tally plus(Tally other) {
      Counters more = other.counters;
      Counters sum =
          new Counters(
              counters.departures() + more.departures(),
              counters.arrivals() + more.arrivals(),
              counters.delay() + more.delay());
      return new Tally(sum, updates + other.updates);
    }
  }

  Fate fate(Flight flight) {
    if (flight.landing() > end) {
      return Fate.IN_THE_AIR;
    }
    return flight.removal() > end ? Fate.LANDED : Fate.REMOVED;
  }

  long count(Fate fate) {
    return flights.stream().filter(flight -> fate(flight) == fate).count();
  }

  long things() {
    return airports.size() + flights.size() - count(Fate.REMOVED);
  }

  /** By airport code: one update a departure, and when it has landed, one at either end. */
  Map<String, Tally> tallies() {
    Map<String, Tally> tallies = new HashMap<>();
    for (Flight flight : flights) {
      boolean landed = fate(flight) != Fate.IN_THE_AIR;
      long delay = landed ? flight.delay() : 0;
      Tally departure = new Tally(new Counters(1, 0, delay), landed ? 2 : 1);
      tallies.merge(flight.origin(), departure, Tally::plus);
      if (landed) {
        Tally arrival = new Tally(new Counters(0, 1, delay), 1);
        tallies.merge(flight.destination(), arrival, Tally::plus);
      }
    }
    return tallies;
  }
}
