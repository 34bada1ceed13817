package dev.unifiedstorage.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeedTest {
  private static final Flight EARLY = new Flight(0, 0, 10, 480, "AAA", "BBB");
  private static final Flight LATE = new Flight(1, 1_000, -5, 960, "BBB", "AAA");
  private static final List<Airport> AIRPORTS =
      List.of(new Airport("AAA", "A", "", "", "", 0, 0), new Airport("BBB", "B", "", "", "", 0, 0));

  @Test
  void aFlightLandsAfterItsDistanceAndItsDelay() {
    assertEquals(100, EARLY.landing());
    assertEquals(1_145, LATE.landing());
    assertEquals(15, new Flight(2, 5, -500, 10, "AAA", "BBB").landing());
  }

  @Test
  void momentsComeInTheOrderOfTheirTimesUpToTheLastDeparture() {
    Feed feed = Feed.of(List.of(LATE, EARLY));
    assertEquals(1_000, feed.end());
    assertEquals(
        List.of("DEPARTURE 0", "LANDING 0", "REMOVAL 0", "DEPARTURE 1"),
        feed.moments().stream().map(m -> m.kind() + " " + m.flight().number()).toList());
  }

  @Test
  void aFlightsFateIsWhatHasHappenedByTheEnd() {
    assertEquals(Expected.Fate.IN_THE_AIR, fateAt(99));
    assertEquals(Expected.Fate.LANDED, fateAt(100));
    assertEquals(Expected.Fate.LANDED, fateAt(459));
    assertEquals(Expected.Fate.REMOVED, fateAt(460));
    assertEquals(3, new Expected(AIRPORTS, List.of(EARLY, LATE), 1_000).things());
  }

  private static Expected.Fate fateAt(long end) {
    return new Expected(AIRPORTS, List.of(EARLY), end).fate(EARLY);
  }

  @Test
  void bothAirportsCountALandedFlightAndItsDelay() {
    Map<String, Expected.Tally> tallies =
        new Expected(AIRPORTS, List.of(EARLY, LATE), 1_000).tallies();
    assertEquals(new Expected.Tally(new Counters(1, 0, 10), 2), tallies.get("AAA"));
    assertEquals(new Expected.Tally(new Counters(1, 1, 10), 2), tallies.get("BBB"));
  }

  @Test
  void everyMomentSendsItsOperations() {
    assertEquals(2 + 6 + 2, Replay.operations(AIRPORTS, Feed.of(List.of(EARLY, LATE))));
  }

  @Test
  void quotedCellsKeepTheirCommas() {
    assertEquals(
        List.of("35A", "Union County, Troy Shelton", "", "SC"),
        InputFiles.cells("35A,\"Union County, Troy Shelton\",,SC"));
  }
}
