package dev.unifiedstorage.benchmark.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One message from text to reply, its event printed on the way, over 10,000 things.
 *
 * <p>A create's things pile up, so each iteration begins anew.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MessageBenchmark {
  private static final int THINGS = 10_000;

  private CoreUnderTest core;
  private int next;

  /** Makes the things. */
  @Setup(Level.Iteration)
  public void fill() {
    core = new CoreUnderTest();
    for (int i = 0; i < THINGS; i++) {
      core.create("thing_" + i, i);
    }
    core.checkpoint();
  }

  /** Lets go of them. */
  @TearDown(Level.Iteration)
  public void close() {
    core.close();
  }

  /** A new thing of 200 bytes. */
  @Benchmark
  public int create() {
    return core.create("sensor_" + next, next++ % 1_000);
  }

  /** Two fields of one of the things. */
  @Benchmark
  public int update() {
    next = (next + 7_919) % THINGS;
    return core.update("thing_" + next, next);
  }

  /** One of the things. */
  @Benchmark
  public int read() {
    next = (next + 7_919) % THINGS;
    return core.read("thing_" + next);
  }
}
