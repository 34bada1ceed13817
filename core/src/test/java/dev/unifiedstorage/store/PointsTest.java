package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.DataPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The data point of each checkpoint. */
final class PointsTest {
  private static final Path PAGE = Path.of("../docs/reference/metrics.md");
  private static final Path DASHBOARD = Path.of("../docs/monitoring/grafana.json");
  private static final Pattern COLUMN =
      Pattern.compile("(?m)^\\| `double(\\d+)` \\| `unified_storage_(\\w+)` \\| (.+) \\|$");

  private final TestStore store = new TestStore();
  private final List<DataPoint> points = new ArrayList<>();

  @AfterEach
  void close() {
    store.close();
  }

  private static double column(DataPoint point, String metric) {
    return point.doubles().get(Points.DOUBLES.indexOf(metric));
  }

  private void create(String id) {
    store.ask("{'type':'create','id':1,'$type':'Card','data':{'$id':'" + id + "'}}");
  }

  @Test
  void eachCheckpointLeavesOnePointOfWhatIsSoAndWhatHasComeSinceTheLast() {
    store.points = points::add;
    store.start();
    create("a");
    create("b");
    create("b");
    store.post("checkpoint");
    create("c");
    store.post("checkpoint");
    store.post("checkpoint");
    assertEquals(2, points.size());
    DataPoint first = points.get(0);
    DataPoint second = points.get(1);
    assertEquals(List.of("test", "manual", "local", ""), first.blobs());
    assertEquals("test", first.index());
    assertEquals(2, column(first, "entries"));
    assertEquals(3, column(first, "requests_total"));
    assertEquals(1, column(first, "errors_total"));
    assertEquals(3, column(second, "entries"));
    assertEquals(1, column(second, "requests_total"));
    assertEquals(0, column(second, "errors_total"));
    assertEquals(
        store.stats().number("rowsWritten"),
        column(first, "rows_written_total") + column(second, "rows_written_total"));
  }

  @Test
  void anotherInstanceCountsFromItsOwnBeginning() {
    store.points = points::add;
    store.start();
    create("a");
    store.post("checkpoint");
    store.restart();
    create("b");
    store.post("checkpoint");
    assertEquals(1, column(points.get(points.size() - 1), "requests_total"));
  }

  @Test
  void aCheckpointThatFailsLeavesItsReason() {
    store.points = points::add;
    store.start();
    create("a");
    store.sql.setFailing(true);
    store.time.advance(60_000);
    DataPoint failed = points.get(0);
    assertEquals("", failed.blobs().get(1));
    assertTrue(failed.blobs().get(3).contains("as the test wants"), failed.blobs().toString());
  }

  @Test
  void nobodyWhoTakesPointsCanBreakACheckpoint() {
    store.points =
        point -> {
          throw new IllegalStateException("no more points");
        };
    store.start();
    create("a");
    assertTrue(store.post("checkpoint").contains("\"entityCount\":1"));
    create("b");
    assertTrue(store.post("checkpoint").contains("\"entityCount\":1"));
    assertEquals(0, store.stats().number("dirty"));
    List<String> said = store.log.stream().filter(line -> line.contains("no more points")).toList();
    assertEquals(
        List.of(
            "warning: namespace test: a checkpoint's figures could not be left: no more points"),
        said);
  }

  /** It was in no point: the sums over points had less than there was. */
  @Test
  void whatAPointThatWasRefusedHadIsInTheNextOne() {
    boolean[] refuses = {true};
    store.points =
        point -> {
          if (refuses[0]) {
            throw new IllegalStateException("no more points");
          }
          points.add(point);
        };
    store.start();
    create("a");
    store.post("checkpoint");
    refuses[0] = false;
    create("b");
    store.post("checkpoint");
    create("c");
    store.post("checkpoint");
    assertEquals(2, column(points.get(0), "requests_total"));
    assertEquals(store.stats().number("rowsWritten"), sum("rows_written_total"));
  }

  @Test
  void checkpointsForTheCountLeaveOnePointASecond() {
    store.points = points::add;
    store.with("LARGE_COLLECTIONS", "normalized").with("COLUMNAR_THRESHOLD", "0").start();
    create("a");
    store.post("checkpoint");
    for (int i = 0; i < 3_000; i++) {
      create("b" + i);
    }
    double counted = store.stats().object("checkpoints").number("count");
    store.time.advance(60_000);
    long ofCount = points.stream().filter(point -> point.blobs().get(1).equals("count")).count();
    assertTrue(counted > 10, "checkpoints: " + counted);
    assertTrue(ofCount < counted / 2, "points: " + ofCount);
    store.post("checkpoint");
    create("c");
    store.post("checkpoint");
    assertEquals(store.stats().number("rowsWritten"), sum("rows_written_total"));
  }

  private double sum(String metric) {
    return points.stream().mapToDouble(point -> column(point, metric)).sum();
  }

  /** The platform refuses what is longer. */
  @Test
  void theIndexHasNinetySixBytesAtMost() {
    store.namespace = "n".repeat(128);
    store.points = points::add;
    store.start();
    create("a");
    store.post("checkpoint");
    assertEquals("n".repeat(96), points.get(0).index());
    assertEquals("n".repeat(128), points.get(0).blobs().get(0));
  }

  @Test
  void thePageSaysWhatEachNumberIs() throws IOException {
    store.points = points::add;
    store.start();
    create("a");
    store.post("checkpoint");
    List<String> page = new ArrayList<>();
    Matcher row = COLUMN.matcher(Files.readString(PAGE));
    while (row.find()) {
      page.add(row.group(2));
      assertEquals(page.size(), Integer.parseInt(row.group(1)));
      boolean counts = row.group(2).matches(".*_(total|sum|count)");
      assertEquals(counts ? "since the point before" : "as it is", row.group(3), row.group());
    }
    assertEquals(Points.DOUBLES, page);
    assertEquals(Points.DOUBLES.size(), points.get(0).doubles().size());
    assertTrue(Points.DOUBLES.size() <= 20, "a data point has 20 numbers at most");
  }

  @Test
  void theDashboardAsksForColumnsThatThereAre() throws IOException {
    Matcher column = Pattern.compile("\\bdouble(\\d+)\\b").matcher(Files.readString(DASHBOARD));
    int asked = 0;
    while (column.find()) {
      assertTrue(Integer.parseInt(column.group(1)) <= Points.DOUBLES.size(), column.group());
      asked++;
    }
    assertTrue(asked > 10, "asked for " + asked);
  }
}
