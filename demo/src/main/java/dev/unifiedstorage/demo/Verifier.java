package dev.unifiedstorage.demo;

import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.client.Thing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The store read back, thing by thing, against what the input says.
 *
 * <p>Things that must be gone are asked for as well.
 *
 * @param versionsToo whether each thing must have exactly the version that the feed gave it
 */
record Verifier(StoreClient store, Expected expected, boolean versionsToo) {
  private static final Duration RECOVERY_DEADLINE = Duration.ofMinutes(2);
  private static final int IDS_A_READ = 500;
  private static final int MAX_MISMATCHES = 1_000;

  Verifier(StoreClient store, Expected expected) {
    this(store, expected, true);
  }

  /** What differs; empty when the store is as it must be. */
  List<String> mismatches() {
    List<String> mismatches = new ArrayList<>();
    for (List<Flight> slice : slices(expected.flights())) {
      Map<String, Thing> things = read(slice.stream().map(Flight::id).toList());
      slice.forEach(flight -> check(flight, things.get(flight.id()), mismatches));
    }
    Map<String, Expected.Tally> tallies = expected.tallies();
    for (List<Airport> slice : slices(expected.airports())) {
      Map<String, Thing> things = read(slice.stream().map(Airport::id).toList());
      for (Airport airport : slice) {
        Expected.Tally tally = tallies.getOrDefault(airport.code(), Expected.Tally.NONE);
        check(airport, tally, things.get(airport.id()), mismatches);
      }
    }
    return mismatches;
  }

  private static <T> List<List<T>> slices(List<T> all) {
    List<List<T>> slices = new ArrayList<>();
    for (int from = 0; from < all.size(); from += IDS_A_READ) {
      slices.add(all.subList(from, Math.min(all.size(), from + IDS_A_READ)));
    }
    return slices;
  }

  /** The client asks again while the store recovers. */
  private Map<String, Thing> read(List<String> ids) {
    return store.read(ids).orTimeout(RECOVERY_DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void check(Flight flight, Thing thing, List<String> mismatches) {
    Expected.Fate fate = expected.fate(flight);
    if (fate == Expected.Fate.REMOVED) {
      if (thing != null) {
        add(mismatches, flight.id() + " was deleted and is there: " + thing);
      }
      return;
    }
    boolean landed = fate == Expected.Fate.LANDED;
    Map<String, Object> fields = new HashMap<>();
    fields.put("status", landed ? "landed" : "in the air");
    fields.put("origin", flight.origin());
    fields.put("destination", flight.destination());
    fields.put("distance", (double) flight.distance());
    fields.put("departure", (double) flight.departure());
    if (landed) {
      fields.put("landing", (double) flight.landing());
      fields.put("delay", (double) flight.delay());
    }
    if (!is(thing, "Flight", landed ? 2 : 1, fields)) {
      add(mismatches, flight + " is " + (thing == null ? "missing" : thing));
    }
  }

  private void check(Airport airport, Expected.Tally tally, Thing thing, List<String> mismatches) {
    Map<String, Object> fields = new HashMap<>();
    fields.put("name", airport.name());
    fields.put("city", airport.city());
    fields.put("state", airport.state());
    fields.put("country", airport.country());
    fields.put("latitude", airport.latitude());
    fields.put("longitude", airport.longitude());
    fields.put("departures", (double) tally.counters().departures());
    fields.put("arrivals", (double) tally.counters().arrivals());
    fields.put("delay", (double) tally.counters().delay());
    long version = 1 + tally.updates();
    if (!is(thing, "Airport", version, fields)) {
      add(
          mismatches,
          "%s must have %s at version %d and is %s"
              .formatted(airport.id(), tally.counters(), version, thing));
    }
  }

  private boolean is(Thing thing, String type, long version, Map<String, Object> fields) {
    return thing != null
        && thing.type().equals(type)
        && (!versionsToo || thing.version() == version)
        && thing.fields().equals(fields);
  }

  private static void add(List<String> mismatches, String mismatch) {
    if (mismatches.size() < MAX_MISMATCHES) {
      mismatches.add(mismatch);
    }
  }
}
