package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.LatencyHistogram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
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
  private static final String MEASURED = "measured";
  private static final int ROUNDS_OF_A_CHECK = 2;

  /** Latencies of one situation. */
  private record Figures(LatencyHistogram writes, LatencyHistogram reads) {
    Figures() {
      this(new LatencyHistogram(), new LatencyHistogram());
    }
  }

  private final int requests;
  private final Duration every;
  private final int things;

  /**
   * @param requests how many are measured in each situation
   * @param every how often; zero for each when the one before is answered
   * @param things how many the floods' queries look at
   */
  NeighbourRun(int requests, Duration every, int things) {
    this.requests = requests;
    this.every = every;
    this.things = things;
  }

  /** Every flood on one new server, without figures. */
  void check(Path directory) throws Exception {
    try (PipelineSink sink = forgetting();
        StoreServer server = start(sink, directory.resolve("neighbours"))) {
      for (Flood flood : Flood.values()) {
        flood.prepare(server, things);
        try (Measured measured = new Measured(server)) {
          measured.beside(flood, server, new Figures(), ROUNDS_OF_A_CHECK);
        }
      }
      assertTrue(server.http().healthy(), "the server is not well");
    }
  }

  /**
   * Every flood, with a table of figures on stdout. Each has servers of its own: they may go on for
   * long with what they have been sent.
   */
  void measure(Path directory) throws Exception {
    System.out.println(
        "beside a flood, on "
            + Target.current()
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
          measured.beside(flood, other, elsewhere, Integer.MAX_VALUE);
          other.process().kill();
          answers = measured.beside(flood, server, here, Integer.MAX_VALUE);
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

  private static StoreServer start(PipelineSink sink, Path data) throws IOException {
    Setup setup = Setup.plain();
    return StoreServer.start(
        Target.current().hasEmulatorRoutes() ? setup : setup.sendingTo(sink), data);
  }

  /** The client of the namespace that is measured; it is connected before anything is flooded. */
  private final class Measured implements AutoCloseable {
    private final Session session;
    private long written;

    Measured(StoreServer server) throws IOException {
      session = server.open(MEASURED);
      session.call("{'type':'put','$type':'Sum','$id':'sum','data':{'n':0}}").ack();
      session.call("{'type':'put','$type':'Still','$id':'still','data':{'n':0}}").ack();
    }

    /**
     * Measures beside a flood of a server.
     *
     * @return how many answers a second the flood got
     */
    String beside(Flood flood, StoreServer flooded, Figures figures, int rounds) throws Exception {
      int port = flooded.process().port();
      try (FloodingClient client = new FloodingClient(flood, port, rounds)) {
        Until.within(DEADLINE).sees("answers to " + flood, client::answers, n -> n > 0);
        long before = client.answers();
        long start = System.nanoTime();
        alone(figures);
        double seconds = (System.nanoTime() - start) / 1e9;
        String answers = "%,.0f".formatted((client.answers() - before) / seconds);
        return client.isAtWork() ? answers : answers + ", until it was closed";
      }
    }

    void alone(Figures figures) throws Exception {
      AtomicInteger answered = new AtomicInteger();
      long due = System.nanoTime();
      CompletableFuture<?> last = CompletableFuture.completedFuture(null);
      for (int i = 0; i < requests; i++) {
        if (every.isZero()) {
          last.join();
          due = System.nanoTime();
        } else {
          due += every.toNanos();
          LockSupport.parkNanos(due - System.nanoTime());
        }
        boolean writes = i % 2 == 0;
        written += writes ? 1 : 0;
        last = ask(session, writes, due, figures, answered);
      }
      Until.within(DEADLINE).sees("its answers", answered::get, n -> n == requests);
      assertEquals(written, session.thing("sum").path("n").asLong(), "the sum of its writes");
    }

    @Override
    public void close() {
      session.close();
    }
  }

  private static CompletableFuture<?> ask(
      Session s, boolean writes, long due, Figures figures, AtomicInteger answered) {
    ObjectNode request =
        Session.json(
            writes
                ? "{'type':'update','$id':'sum','increment':{'n':1}}"
                : "{'type':'read','$ids':['still']}");
    return s.socket()
        .send(request)
        .thenAccept(
            reply -> {
              (writes ? figures.writes() : figures.reads()).record(System.nanoTime() - due);
              check(reply, writes);
              answered.incrementAndGet();
            });
  }

  private static void check(JsonNode reply, boolean writes) {
    if (writes) {
      new Reply(reply).ack();
    } else {
      new Reply(reply).ok();
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
