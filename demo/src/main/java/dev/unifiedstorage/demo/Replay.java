package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.LatencyHistogram;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The feed on its way into the store.
 *
 * <p>One thread sends, so the order of the feed is the order of the requests. All requests of one
 * thing go through the same socket, where the contract keeps their order; things are spread over
 * the sockets by their ids. How many may be in flight is bounded by the sockets.
 */
final class Replay {
  private final List<StoreSocket> sockets;
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private final Map<String, Counters> counters = new HashMap<>();
  private final Semaphore answered = new Semaphore(0);
  private long creates;
  private long updates;
  private long deletes;

  Replay(List<StoreSocket> sockets) {
    this.sockets = sockets;
  }

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
    ObjectNode data = StoreSocket.JSON.createObjectNode();
    data.put("name", airport.name()).put("city", airport.city()).put("state", airport.state());
    data.put("country", airport.country());
    data.put("latitude", airport.latitude()).put("longitude", airport.longitude());
    data.put("departures", 0).put("arrivals", 0).put("delay", 0);
    sendCreate("Airport", airport.id(), data);
  }

  private void depart(Flight flight) throws IOException {
    ObjectNode data = StoreSocket.JSON.createObjectNode();
    data.put("departure", flight.departure()).put("distance", flight.distance());
    data.put("origin", flight.origin()).put("destination", flight.destination());
    sendCreate("Flight", flight.id(), data.put("status", "in the air"));
    Counters origin = count(flight.origin(), Counters::departed);
    sendUpdate(
        Airport.id(flight.origin()),
        StoreSocket.JSON.createObjectNode().put("departures", origin.departures()));
  }

  private void land(Flight flight) throws IOException {
    ObjectNode landed = StoreSocket.JSON.createObjectNode().put("status", "landed");
    landed.put("delay", flight.delay()).put("landing", flight.landing());
    sendUpdate(flight.id(), landed);
    Counters origin = count(flight.origin(), c -> c.delayed(flight.delay()));
    sendUpdate(
        Airport.id(flight.origin()),
        StoreSocket.JSON.createObjectNode().put("delay", origin.delay()));
    Counters destination = count(flight.destination(), c -> c.arrived().delayed(flight.delay()));
    ObjectNode change = StoreSocket.JSON.createObjectNode();
    change.put("arrivals", destination.arrivals()).put("delay", destination.delay());
    sendUpdate(Airport.id(flight.destination()), change);
  }

  private void remove(Flight flight) throws IOException {
    deletes++;
    ObjectNode request = StoreSocket.JSON.createObjectNode().put("type", "delete");
    send(flight.id(), request.put("$id", flight.id()));
  }

  private Counters count(String airport, UnaryOperator<Counters> change) {
    Counters counted = change.apply(counters.getOrDefault(airport, Counters.ZERO));
    counters.put(airport, counted);
    return counted;
  }

  private void sendCreate(String type, String id, ObjectNode data) throws IOException {
    creates++;
    ObjectNode request = StoreSocket.JSON.createObjectNode().put("type", "create");
    request.put("$type", type).set("data", data.put("$id", id));
    send(id, request);
  }

  private void sendUpdate(String id, ObjectNode data) throws IOException {
    updates++;
    ObjectNode request = StoreSocket.JSON.createObjectNode().put("type", "update");
    request.put("$id", id).set("data", data);
    send(id, request);
  }

  private void send(String id, ObjectNode request) throws IOException {
    check();
    StoreSocket socket = sockets.get(Math.floorMod(id.hashCode(), sockets.size()));
    socket.awaitRoom();
    long start = System.nanoTime();
    socket
        .send(request)
        .whenComplete(
            (reply, lost) -> {
              latencies.record(System.nanoTime() - start);
              if (lost != null) {
                failure.compareAndSet(null, "the connection was lost: " + lost.getMessage());
              } else if ("error".equals(reply.path("status").asText())) {
                failure.compareAndSet(null, request + " was answered " + reply);
              }
              answered.release();
            });
  }

  private void check() throws IOException {
    if (failure.get() != null) {
      throw new IOException("the replay stopped: " + failure.get());
    }
  }
}
