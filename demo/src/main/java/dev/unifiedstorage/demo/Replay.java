package dev.unifiedstorage.demo;

import dev.unifiedstorage.client.Edits;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.driver.LatencyHistogram;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The feed on its way into the store.
 *
 * <p>One thread writes, so the order of the feed is the order of the writes. All writes of one
 * thing go through the same client, which keeps their order; things are spread over the clients by
 * their ids. How many a client may have in flight is bounded.
 */
final class Replay {
  private final List<Lane> lanes;
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private final Map<String, Counters> counters = new HashMap<>();
  private final Semaphore answered = new Semaphore(0);
  private long creates;
  private long updates;
  private long deletes;

  Replay(List<StoreClient> stores, int outstanding) {
    this.lanes = stores.stream().map(each -> new Lane(each, new Semaphore(outstanding))).toList();
  }

  /** A client, and room for what it may have in flight. */
  private record Lane(StoreClient store, Semaphore room) {}

  /** What was sent and acknowledged. */
  record Result(
      long creates, long updates, long deletes, double seconds, LatencyHistogram latencies) {
    long operations() {
      return creates + updates + deletes;
    }
  }

  /** How many operations a feed makes: what each kind of moment sends, and the airports. */
  static long operations(List<Airport> airports, Feed feed) {
    long operations = airports.size();
    for (Feed.Moment moment : feed.moments()) {
      operations +=
          switch (moment.kind()) {
            case DEPARTURE -> 2;
            case LANDING -> 3;
            case REMOVAL -> 1;
          };
    }
    return operations;
  }

  Result run(List<Airport> airports, Feed feed, Progress progress) throws IOException {
    long start = System.nanoTime();
    for (Airport airport : airports) {
      create(airport);
      progress.at(sent(), "airports");
    }
    for (Feed.Moment moment : feed.moments()) {
      switch (moment.kind()) {
        case DEPARTURE -> depart(moment.flight());
        case LANDING -> land(moment.flight());
        case REMOVAL -> remove(moment.flight());
      }
      progress.at(sent(), "day " + (1 + moment.minute() / 1_440));
    }
    answered.acquireUninterruptibly(Math.toIntExact(sent()));
    check();
    return new Result(creates, updates, deletes, (System.nanoTime() - start) / 1e9, latencies);
  }

  private long sent() {
    return creates + updates + deletes;
  }

  private void create(Airport airport) throws IOException {
    create(
        "Airport",
        airport.id(),
        Map.of(
            "name", airport.name(),
            "city", airport.city(),
            "state", airport.state(),
            "country", airport.country(),
            "latitude", airport.latitude(),
            "longitude", airport.longitude(),
            "departures", 0,
            "arrivals", 0,
            "delay", 0));
  }

  private void depart(Flight flight) throws IOException {
    create(
        "Flight",
        flight.id(),
        Map.of(
            "departure", flight.departure(),
            "distance", flight.distance(),
            "origin", flight.origin(),
            "destination", flight.destination(),
            "status", "in the air"));
    Counters origin = count(flight.origin(), Counters::departed);
    update(Airport.id(flight.origin()), Map.of("departures", origin.departures()));
  }

  private void land(Flight flight) throws IOException {
    update(
        flight.id(),
        Map.of("status", "landed", "delay", flight.delay(), "landing", flight.landing()));
    Counters origin = count(flight.origin(), c -> c.delayed(flight.delay()));
    update(Airport.id(flight.origin()), Map.of("delay", origin.delay()));
    Counters destination = count(flight.destination(), c -> c.arrived().delayed(flight.delay()));
    update(
        Airport.id(flight.destination()),
        Map.of("arrivals", destination.arrivals(), "delay", destination.delay()));
  }

  private void remove(Flight flight) throws IOException {
    deletes++;
    send(flight.id(), store -> store.delete(flight.id()));
  }

  private Counters count(String airport, UnaryOperator<Counters> change) {
    Counters counted = change.apply(counters.getOrDefault(airport, Counters.ZERO));
    counters.put(airport, counted);
    return counted;
  }

  private void create(String type, String id, Map<String, ?> data) throws IOException {
    creates++;
    Map<String, Object> all = new HashMap<>(data);
    all.put("$id", id);
    send(id, store -> store.create(type, all));
  }

  private void update(String id, Map<String, ?> data) throws IOException {
    updates++;
    send(id, store -> store.update(id, Edits.none().data(data)));
  }

  private void send(String id, Function<StoreClient, CompletableFuture<?>> write)
      throws IOException {
    check();
    Lane lane = lanes.get(Math.floorMod(id.hashCode(), lanes.size()));
    lane.room().acquireUninterruptibly();
    long start = System.nanoTime();
    write
        .apply(lane.store())
        .whenComplete(
            (done, refused) -> {
              latencies.record(System.nanoTime() - start);
              if (refused != null) {
                failure.compareAndSet(null, id + " was not written: " + refused.getMessage());
              }
              lane.room().release();
              answered.release();
            });
  }

  private void check() throws IOException {
    if (failure.get() != null) {
      throw new IOException("the replay stopped: " + failure.get());
    }
  }
}
