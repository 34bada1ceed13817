package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files of vega-datasets: {@code airports.csv} and the samples of flights. */
record InputFiles(Path directory) {
  private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm");
  private static final LocalDateTime FIRST_DAY = LocalDateTime.of(2001, 1, 1, 0, 0);

  List<Airport> airports() throws IOException {
    List<Airport> airports = new ArrayList<>();
    List<String> lines = Files.readAllLines(file("airports.csv"));
    for (String line : lines.subList(1, lines.size())) {
      List<String> cells = cells(line);
      airports.add(
          new Airport(
              cells.get(0),
              cells.get(1),
              cells.get(2),
              cells.get(3),
              cells.get(4),
              Double.parseDouble(cells.get(5)),
              Double.parseDouble(cells.get(6))));
    }
    return airports;
  }

  /** The cells of one line; a quoted cell may hold commas. */
  static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }

  List<Flight> flights(String size) throws IOException {
    return "200k".equals(size) ? flights200k() : sample(size);
  }

  private List<Flight> sample(String size) throws IOException {
    List<Flight> flights = new ArrayList<>();
    for (JsonNode row : StoreSocket.JSON.readTree(file("flights-" + size + ".json").toFile())) {
      LocalDateTime date = LocalDateTime.parse(row.path("date").asText(), MINUTES);
      flights.add(
          new Flight(
              flights.size(),
              ChronoUnit.MINUTES.between(FIRST_DAY, date),
              row.path("delay").intValue(),
              row.path("distance").intValue(),
              row.path("origin").asText(),
              row.path("destination").asText()));
    }
    return flights;
  }

  /**
   * The larger sample has delays, distances and times of one day, but no airports: each flight
   * takes in turn the routes of the smaller sample that are as long, or nearest to it.
   */
  private List<Flight> flights200k() throws IOException {
    TreeMap<Integer, List<Flight>> routes = new TreeMap<>();
    for (Flight flight : sample("20k")) {
      routes.computeIfAbsent(flight.distance(), d -> new ArrayList<>()).add(flight);
    }
    List<Flight> flights = new ArrayList<>();
    for (JsonNode row : StoreSocket.JSON.readTree(file("flights-200k.json").toFile())) {
      int distance = row.path("distance").intValue();
      List<Flight> candidates = nearest(routes, distance);
      Flight route = candidates.get(flights.size() % candidates.size());
      flights.add(
          new Flight(
              flights.size(),
              Math.round(row.path("time").doubleValue() * 60),
              row.path("delay").intValue(),
              distance,
              route.origin(),
              route.destination()));
    }
    return flights;
  }

  private static List<Flight> nearest(TreeMap<Integer, List<Flight>> routes, int distance) {
    Map.Entry<Integer, List<Flight>> below = routes.floorEntry(distance);
    Map.Entry<Integer, List<Flight>> above = routes.ceilingEntry(distance);
    if (below == null || above == null) {
      return (below == null ? above : below).getValue();
    }
    boolean aboveIsNearer = above.getKey() - distance < distance - below.getKey();
    return (aboveIsNearer ? above : below).getValue();
  }

  private Path file(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          "no " + file + ": install the data set with `npm ci` in demo/, or say --datasets DIR");
    }
    return file;
  }
}
