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

/** A checkpoint of 10,000 dirty things, and a start over 100,000: what stalls an object. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 20)
@Measurement(iterations = 30)
@Fork(1)
public class CheckpointBenchmark {
  private static final int THINGS = 100_000;
  private static final int DIRTY = 10_000;

  private CoreUnderTest core;
  private int next;

  /** Makes the things. */
  @Setup(Level.Trial)
  public void fill() {
    core = new CoreUnderTest();
    for (int i = 0; i < THINGS; i++) {
      core.create("thing_" + i, i);
    }
    core.checkpoint();
  }

  /** Makes some of them dirty. */
  @Setup(Level.Invocation)
  public void touch() {
    for (int i = 0; i < DIRTY; i++) {
      next = (next + 7_919) % THINGS;
      core.update("thing_" + next, i);
    }
  }

  /** Lets go of them. */
  @TearDown(Level.Trial)
  public void close() {
    core.close();
  }

  /** 10,000 of 100,000 things to rows. */
  @Benchmark
  public String checkpointOfTenThousand() {
    return core.checkpoint();
  }

  /** 100,000 things from rows; the dirty ones are those of the last life. */
  @Benchmark
  public int loadOfHundredThousand() {
    core.start();
    return core.read("thing_1");
  }
}
