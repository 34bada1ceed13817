package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.driver.LatencyHistogram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * What each {@link Flood} of one namespace does to the answers of another.
 *
 * <p>A client of the measured namespace writes and reads in turn, at a low fixed rate, each from
 * the moment that it was due: what waits for a late answer counts as late too. It does so alone and
 * beside each flood, in turn, so that both meet the same machine. Then the same flood goes to a
 * second server on that machine: what is slower beside that one has to do with the machine alone.
 *
 * <p>Whatever is sent: everything that the measured client asks is answered, and its writes count.
 */
final class NeighbourRun {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** A flood ends by then, whatever is answered beside it. */
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private static final String MEASURED = "measured";

  /** Latencies of one situation. */
  private record Figures(LatencyHistogram writes, LatencyHistogram reads) {
    Figures() {
      this(new LatencyHistogram(), new LatencyHistogram());
    }
  }

  private final Setup setup;
  private final int requests;
  private final Duration every;
  private final int things;

  /**
   * @param setup of every server
   * @param requests how many are measured in each situation
   * @param every how often
   * @param things how many the floods' queries look at
   */
  NeighbourRun(Setup setup, int requests, Duration every, int things) {
    this.setup = setup.measuring();
    this.requests = requests;
    this.every = every;
    this.things = things;
  }

  /**
   * Every flood, with a table of figures on stdout. Each has servers of its own: they may go on for
   * long with what they have been sent.
   */
  void measure(Path directory) throws Exception {
    System.out.println(
        "beside a flood, on "
            + Target.current()
            + " "
            + setup.vars()
            + ": write p50 / p99 ms, times alone; read p50 / p99 ms, times alone; answers/s");
    try (PipelineSink sink = forgetting()) {
      for (Flood flood : Flood.values()) {
        String data = flood.toString();
        Figures alone = new Figures();
        Figures here = new Figures();
        Figures elsewhere = new Figures();
        String answers;
        try (StoreServer server = start(sink, directory.resolve(data));
            StoreServer other = start(sink, directory.resolve(data + "-other"));
            Measured measured = new Measured(server)) {
          flood.prepare(server, things);
          flood.prepare(other, things);
          // The first one is for the compilers.
          measured.alone(new Figures());
          measured.alone(alone);
          measured.beside(flood, other, elsewhere);
          other.process().kill();
          answers = measured.beside(flood, server, here);
        }
        System.out.print(
            row("alone", alone, alone, "")
                + row(flood + ", on another server", elsewhere, alone, "")
                + row(flood.toString(), here, alone, answers));
      }
    }
  }

  private static PipelineSink forgetting() throws IOException {
    PipelineSink sink = new PipelineSink();
    sink.mode(PipelineSink.Mode.FORGET);
    return sink;
  }

  private StoreServer start(PipelineSink sink, Path data) throws IOException {
    return StoreServer.start(
        Target.current().hasEmulatorRoutes() ? setup : setup.sendingTo(sink), data);
  }

  /** The client of the namespace that is measured; it is connected before anything is flooded. */
  private final class Measured implements AutoCloseable {
    private final Session session;
    private final List<String> refused = new CopyOnWriteArrayList<>();
    private long written;

    Measured(StoreServer server) throws IOException {
      session = server.open(MEASURED);
      session.call("{'type':'put','$type':'Sum','$id':'sum','data':{'n':0}}").ack();
      session.call("{'type':'put','$type':'Still','$id':'still','data':{'n':0}}").ack();
    }

    /**
     * Measures beside a flood of a server. What is not answered beside it is once it has ended.
     *
     * @return how many answers a second the flood got
     */
    String beside(Flood flood, StoreServer flooded, Figures figures) throws Exception {
      AtomicInteger answered;
      String answers;
      int port = flooded.process().port();
      try (FloodingClient client = new FloodingClient(flood, port)) {
        Until.within(DEADLINE).sees("answers to " + flood, client::answers, n -> n > 0);
        long before = client.answers();
        long start = System.nanoTime();
        answered = askAll(figures);
        while (answered.get() < requests && System.nanoTime() - start < PATIENCE.toNanos()) {
          LockSupport.parkNanos(1_000_000);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        answers = "%,.0f".formatted((client.answers() - before) / seconds);
        answers += client.isAtWork() ? "" : ", until it was closed";
      }
      awaitAll(answered);
      return answers;
    }

    void alone(Figures figures) throws Exception {
      awaitAll(askAll(figures));
    }

    private AtomicInteger askAll(Figures figures) throws Exception {
      AtomicInteger answered = new AtomicInteger();
      long due = System.nanoTime();
      for (int i = 0; i < requests; i++) {
        due += every.toNanos();
        LockSupport.parkNanos(due - System.nanoTime());
        boolean writes = i % 2 == 0;
        written += writes ? 1 : 0;
        ask(writes, due, figures, answered);
      }
      return answered;
    }

    private void ask(boolean writes, long due, Figures figures, AtomicInteger answered) {
      String request =
          writes
              ? "{'type':'update','$id':'sum','increment':{'n':1}}"
              : "{'type':'read','$ids':['still']}";
      session
          .send(request)
          .thenAccept(
              reply -> {
                LatencyHistogram latencies = writes ? figures.writes() : figures.reads();
                latencies.record(System.nanoTime() - due);
                if (!reply.path("status").asText().equals(writes ? "ack" : "ok")) {
                  refused.add(reply.toString());
                }
                answered.incrementAndGet();
              });
    }

    private void awaitAll(AtomicInteger answered) throws Exception {
      Until.within(DEADLINE).sees("its answers", answered::get, n -> n == requests);
      assertEquals(List.of(), refused);
      assertEquals(written, session.thing("sum").path("n").asLong(), "the sum of its writes");
    }

    @Override
    public void close() {
      session.close();
    }
  }

  private static String row(String name, Figures found, Figures alone, String answers) {
    return "| %s | %s | %s | %s |%n"
        .formatted(
            name.toLowerCase(Locale.ROOT).replace('_', ' '),
            cells(found.writes(), alone.writes()),
            cells(found.reads(), alone.reads()),
            answers);
  }

  private static String cells(LatencyHistogram found, LatencyHistogram alone) {
    double p50 = found.percentileMillis(50);
    double p99 = found.percentileMillis(99);
    return "%.1f / %.1f | %.1f / %.1f"
        .formatted(p50, p99, p50 / alone.percentileMillis(50), p99 / alone.percentileMillis(99));
  }
}
