package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The store read back over the socket, thing by thing, against what the input says.
 *
 * <p>Things that must be gone are asked for as well.
 *
 * @param versionsToo whether each thing must have exactly the version that the feed gave it
 */
record Verifier(StoreSocket socket, Expected expected, boolean versionsToo) {
  private static final Duration RECOVERY_DEADLINE = Duration.ofMinutes(2);
  private static final int IDS_A_READ = 500;
  private static final int MAX_MISMATCHES = 1_000;

  Verifier(StoreSocket socket, Expected expected) {
    this(socket, expected, true);
  }

  /** What differs; empty when the store is as it must be. */
  List<String> mismatches() {
    List<String> mismatches = new ArrayList<>();
    for (List<Flight> slice : slices(expected.flights())) {
      JsonNode things = read(slice.stream().map(Flight::id).toList());
      slice.forEach(flight -> check(flight, things.path(flight.id()), mismatches));
    }
    Map<String, Expected.Tally> tallies = expected.tallies();
    for (List<Airport> slice : slices(expected.airports())) {
      JsonNode things = read(slice.stream().map(Airport::id).toList());
      for (Airport airport : slice) {
        Expected.Tally tally = tallies.getOrDefault(airport.code(), Expected.Tally.NONE);
        check(airport, tally, things.path(airport.id()), mismatches);
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

  private JsonNode read(List<String> ids) {
    ObjectNode request = StoreSocket.JSON.createObjectNode().put("type", "read");
    ids.forEach(request.putArray("$ids")::add);
    JsonNode reply = socket.callRecovered(request, RECOVERY_DEADLINE);
    if (!"ok".equals(reply.path("status").asText())) {
      throw new IllegalStateException("a read was answered " + reply);
    }
    return reply.path("things");
  }

  private void check(Flight flight, JsonNode thing, List<String> mismatches) {
    Expected.Fate fate = expected.fate(flight);
    if (fate == Expected.Fate.REMOVED) {
      if (!thing.isMissingNode()) {
        add(mismatches, flight.id() + " was deleted and is there: " + thing);
      }
      return;
    }
    boolean landed = fate == Expected.Fate.LANDED;
    boolean same =
        isVersion(thing, landed ? 2 : 1)
            && "Flight".equals(thing.path("$type").asText())
            && (landed ? "landed" : "in the air").equals(thing.path("status").asText())
            && flight.origin().equals(thing.path("origin").asText())
            && flight.destination().equals(thing.path("destination").asText())
            && flight.distance() == thing.path("distance").asInt(-1)
            && flight.departure() == thing.path("departure").asLong(-1)
            && thing.path("landing").asLong(-1) == (landed ? flight.landing() : -1)
            && thing.has("delay") == landed
            && thing.path("delay").asInt() == (landed ? flight.delay() : 0);
    if (!same) {
      add(mismatches, flight + " is " + (thing.isMissingNode() ? "missing" : thing));
    }
  }

  private boolean isVersion(JsonNode thing, long version) {
    return !versionsToo || thing.path("$version").asLong() == version;
  }

  private void check(
      Airport airport, Expected.Tally tally, JsonNode thing, List<String> mismatches) {
    Counters found =
        new Counters(
            thing.path("departures").asLong(-1),
            thing.path("arrivals").asLong(-1),
            thing.path("delay").asLong(Long.MIN_VALUE));
    long version = 1 + tally.updates();
    boolean same =
        tally.counters().equals(found)
            && isVersion(thing, version)
            && airport.name().equals(thing.path("name").asText())
            && airport.latitude() == thing.path("latitude").asDouble(Double.NaN);
    if (!same) {
      add(
          mismatches,
          airport.id()
              + " must have "
              + tally.counters()
              + " at version "
              + version
              + " and is "
              + thing);
    }
  }

  private static void add(List<String> mismatches, String mismatch) {
    if (mismatches.size() < MAX_MISMATCHES) {
      mismatches.add(mismatch);
    }
  }
}
