package dev.unifiedstorage.benchmark.cost;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Simulates a day of every workload and prints what each setting of the store is billed.
 *
 * <p>The simulations know nothing of one another and run on all processors; nothing in them depends
 * on real time, so two runs print the same.
 */
public final class CostCommand {
  private final double minutes;
  private final List<ObjectNode> lines = new ArrayList<>();

  /**
   * @param minutes how much of a steady day is simulated
   */
  public CostCommand(double minutes) {
    this.minutes = minutes;
  }

  /** Runs everything and writes the figures as JSON lines. */
  public void run(Path results) throws IOException, InterruptedException {
    ExecutorService executor =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      Map<Day, List<Future<Simulation.Result>>> stores = new EnumMap<>(Day.class);
      Map<Day, List<Future<Simulation.Result>>> framed = new EnumMap<>(Day.class);
      Map<Day, List<Future<Usage>>> naive = new EnumMap<>(Day.class);
      for (Day day : Day.values()) {
        naive.put(day, new ArrayList<>());
        for (int frame : new int[] {1, Simulation.FRAME}) {
          Simulation any = new Simulation(day, Simulation.Setting.PIPELINE, minutes, frame);
          naive.get(day).add(executor.submit(() -> any.naive()));
        }
        stores.put(day, new ArrayList<>());
        framed.put(day, new ArrayList<>());
        for (Simulation.Setting setting : Simulation.Setting.priced()) {
          Simulation alone = new Simulation(day, setting, minutes);
          Simulation inFrames = new Simulation(day, setting, minutes, Simulation.FRAME);
          stores.get(day).add(executor.submit(alone::run));
          framed.get(day).add(executor.submit(inFrames::run));
        }
      }
      // The one whose packed rows are cleaned up now and then: the others have no longer rhythm.
      Simulation tripled = new Simulation(Day.SENSORS, Simulation.Setting.PIPELINE, 3 * minutes);
      Future<Simulation.Result> proof = executor.submit(tripled::run);
      List<Future<Simulation.Result>> examples = new ArrayList<>();
      for (Simulation.Setting setting : Targets.EXAMPLES) {
        examples.add(executor.submit(new Simulation(Day.HOT, setting, minutes)::run));
      }
      System.out.printf(
          "a day of each workload; of steady ones %s minutes are simulated, times %s%n",
          number(minutes), number(24 * 60 / minutes));
      for (Day day : Day.values()) {
        print(day, naive.get(day), stores.get(day), framed.get(day));
      }
      prove(stores.get(Day.SENSORS).get(0).get(), proof.get());
      check(stores, framed, examples);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      executor.shutdownNow();
    }
    Files.createDirectories(results.toAbsolutePath().getParent());
    Files.write(results, lines.stream().map(ObjectNode::toString).toList());
  }

  private void print(
      Day day,
      List<Future<Usage>> naives,
      List<Future<Simulation.Result>> stores,
      List<Future<Simulation.Result>> framed)
      throws ExecutionException, InterruptedException {
    System.out.printf(
        "%n%-40s%14s%9s%12s%12s%10s%12s%12s%12s%n",
        day.label(),
        "rows",
        "alarms",
        "requests",
        "GB-s",
        "GB sent",
        "dollars",
        "of naive",
        "in frames");
    Usage naive = naives.get(0).get();
    printRow("one row a write", naive, naive, naives.get(1).get());
    line(day, "naive", naive, naives.get(1).get())
        .put("factor", day.isSteady() ? 24 * 60 / minutes : 1);
    for (int i = 0; i < stores.size(); i++) {
      Simulation.Result result = stores.get(i).get();
      Usage inFrames = framed.get(i).get().store();
      String setting = result.simulation().setting().label();
      printRow("this store, " + setting, result.store(), naive, inFrames);
      ObjectNode line = line(day, setting, result.store(), inFrames);
      line.put("factor", result.factor()).put("writes", result.writes());
      if (!Double.isNaN(result.checkpointRows())) {
        line.put("checkpointRows", result.checkpointRows());
      }
    }
  }

  private static void printRow(String name, Usage usage, Usage naive, Usage framed) {
    System.out.printf(
        Locale.ROOT,
        "  %-38s%,14.0f%,9.0f%,12.0f%,12.1f%10.3f%12.5f%11.2f%%%12.5f%n",
        name,
        usage.rows(),
        usage.alarms(),
        usage.requests(),
        usage.gbSeconds(),
        usage.pipelineBytes() / 1e9,
        usage.dollars(),
        100 * usage.dollars() / naive.dollars(),
        framed.dollars());
  }

  private ObjectNode line(Day day, String setting, Usage usage, Usage framed) {
    ObjectNode line = StoreSocket.JSON.createObjectNode();
    line.put("kind", "day").put("workload", day.label()).put("setting", setting);
    line.put("rows", usage.rows()).put("alarms", usage.alarms());
    line.put("requests", usage.requests()).put("gbSeconds", usage.gbSeconds());
    line.put("pipelineGb", usage.pipelineBytes() / 1e9).put("starts", usage.starts());
    line.put("dollars", usage.dollars());
    line.put("framedRequests", framed.requests());
    line.put("framedPipelineGb", framed.pipelineBytes() / 1e9);
    line.put("framedDollars", framed.dollars());
    lines.add(line);
    return line;
  }

  /** A stretch three times as long must give the same day. */
  private void prove(Simulation.Result once, Simulation.Result tripled) {
    double rows = tripled.store().rows() / once.store().rows() - 1;
    double dollars = tripled.store().dollars() / once.store().dollars() - 1;
    System.out.printf(
        Locale.ROOT,
        "%nscaling: %s from %s minutes and from %s: rows differ by %.3f%%, dollars by %.4f%%%n",
        once.simulation().day().label(),
        number(minutes),
        number(3 * minutes),
        100 * rows,
        100 * dollars);
    ObjectNode line = StoreSocket.JSON.createObjectNode();
    line.put("kind", "scaling").put("workload", once.simulation().day().label());
    line.put("minutes", minutes).put("rows", once.store().rows());
    line.put("threefoldRows", tripled.store().rows());
    line.put("dollars", once.store().dollars()).put("threefoldDollars", tripled.store().dollars());
    lines.add(line);
  }

  private void check(
      Map<Day, List<Future<Simulation.Result>>> stores,
      Map<Day, List<Future<Simulation.Result>>> framed,
      List<Future<Simulation.Result>> examples)
      throws ExecutionException, InterruptedException {
    Targets targets = new Targets();
    targets.addSeedsDay(stores.get(Day.GROWING).get(0).get());
    targets.addSeedsDay(stores.get(Day.HOT).get(0).get());
    for (Future<Simulation.Result> example : examples) {
      targets.addExample(example.get());
    }
    int packed = Simulation.Setting.priced().indexOf(Simulation.Setting.PACKED);
    targets.addDollars(stores.get(Day.HOT).get(packed).get(), 3.20);
    targets.addDollars(framed.get(Day.HOT).get(packed).get(), 1.20);
    targets.addPureGrowth();
    targets.addBursts();
    System.out.printf("%ntargets%n");
    for (Targets.Check check : targets.checks()) {
      System.out.printf(
          "  %-6s  %s: %s%n", check.met() ? "met" : "MISSED", check.target(), check.measured());
      ObjectNode line = StoreSocket.JSON.createObjectNode();
      line.put("kind", "target").put("target", check.target());
      lines.add(line.put("measured", check.measured()).put("met", check.met()));
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
