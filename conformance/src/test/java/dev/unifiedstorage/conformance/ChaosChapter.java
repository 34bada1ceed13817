package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One data directory's share of the chaos soak: some rounds, each with three stores under load, a
 * Pipeline that misbehaves, objects that are ended one by one where the target has that, and a
 * SIGKILL at its end.
 *
 * <p>An even seed runs in durability {@code local}, an odd one in {@code pipeline}. The seed
 * decides the load, the faults and the moments, not the scheduling of threads: it makes a failure
 * likely again, not certain.
 */
final class ChaosChapter {
  private static final int STORES = 3;
  private static final int SOCKETS = 2;
  private static final int ENTITIES_PER_SOCKET = 60;
  private static final long ASLEEP_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final SplittableRandom random;
  private final long seed;
  private final String repeat;
  private final ChaosFigures figures;
  private final List<LoadedStore> stores = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(STORES);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  /**
   * @param repeat the command that runs this chapter alone
   */
  ChaosChapter(long seed, String repeat, ChaosFigures figures) {
    this.random = new SplittableRandom(seed);
    this.seed = seed;
    this.repeat = repeat;
    this.figures = figures;
    for (int i = 0; i < STORES; i++) {
      String namespace = "chaos-" + i;
      stores.add(
          new LoadedStore(repeat, namespace, SOCKETS, ENTITIES_PER_SOCKET, random.split(), true));
    }
  }

  void run(Path directory, int rounds, int endsARound) throws Exception {
    boolean local = seed % 2 == 0;
    Setup base = Setup.plain();
    if (Target.current().hasEndableObjects()) {
      base = base.withEndableObjects();
    } else {
      base = base.withFaults();
    }
    Setup first = KillRounds.layout(base, 0);
    try (ChaosRig rig =
        local ? ChaosRig.local(first, directory) : ChaosRig.pipeline(first, directory)) {
      for (int round = 0; round < rounds; round++) {
        round(rig, round, endsARound);
        rig.startAgain(KillRounds.layout(base, round + 1));
        together(store -> settle(rig, store));
        figures.count("rounds " + (local ? "local" : "pipeline"));
      }
      rig.pipeline(ChaosRig.Fault.OK);
      together(rig::assertComplete);
      figures.count("chapters");
    } finally {
      threads.shutdownNow();
      clock.shutdownNow();
      stores.forEach(store -> figures.count("acks checked", store.acknowledged()));
    }
  }

  private void round(ChaosRig rig, int round, int endsARound) throws Exception {
    // Only then an object has moments in which nothing keeps it in memory.
    boolean shortTimers = round % 2 == 0;
    boolean sleeps = shortTimers && !Target.current().hasEndableObjects() && random.nextInt(8) == 0;
    together(
        store -> {
          store.startLoad(rig.server());
          store.awaitAcknowledged(40);
        });
    strike(rig, random.split());
    if (sleeps) {
      together(store -> sleep(rig, store));
    } else if (Target.current().hasEndableObjects()) {
      List<SplittableRandom> dice = stores.stream().map(store -> random.split()).toList();
      together(store -> ends(rig, store, endsARound, shortTimers, dice.get(stores.indexOf(store))));
      strike(rig, random.split());
    }
    LockSupport.parkNanos(random.nextLong(300_000_000));
    if (Target.current().hasEmulatorRoutes() && random.nextBoolean()) {
      crash(rig);
    } else {
      rig.server().process().kill();
      figures.count("kills");
    }
    together(LoadedStore::awaitLoadsEnd);
  }

  /** Makes the Pipeline misbehave for a moment, which may end after the next kill. */
  private void strike(ChaosRig rig, SplittableRandom dice) throws IOException {
    ChaosRig.Fault fault = ChaosRig.Fault.values()[dice.nextInt(ChaosRig.Fault.values().length)];
    if (fault == ChaosRig.Fault.OK) {
      return;
    }
    rig.pipeline(fault);
    figures.count("fault " + fault.name().toLowerCase(Locale.ROOT));
    clock.schedule(
        () -> {
          try {
            rig.pipeline(ChaosRig.Fault.OK);
          } catch (IOException e) {
            // The Pipeline died with its process, and its fault with it.
          }
        },
        dice.nextInt(1_500),
        TimeUnit.MILLISECONDS);
  }

  /** Ends one object again and again, under load. */
  private void ends(
      ChaosRig rig, LoadedStore store, int times, boolean shortTimers, SplittableRandom dice)
      throws Exception {
    for (int i = 0; i < times; i++) {
      store.awaitAcknowledged(5 + dice.nextInt(40));
      if (shortTimers && dice.nextInt(3) > 0) {
        evict(rig, store);
      } else {
        LockSupport.parkNanos(dice.nextLong(50_000_000));
        end(rig, store, "abort");
        figures.count("aborts, sockets lost");
        store.awaitLoadsEnd();
        settle(rig, store);
        store.startLoad(rig.server());
      }
    }
  }

  /** The object leaves memory as in hibernation, and its sockets stay. */
  private void evict(ChaosRig rig, LoadedStore store) throws Exception {
    store.pause();
    String before = bootId(rig, store);
    end(rig, store, "evict");
    assertNotEquals(before, bootId(rig, store), repeat);
    assertEquals(SOCKETS, store.openSockets(), "sockets survive an eviction: " + repeat);
    settle(rig, store);
    figures.count("evictions, sockets kept");
    store.resume();
  }

  private void end(ChaosRig rig, LoadedStore store, String way) throws IOException {
    String path = "/chaos/" + store.namespace() + "/" + way;
    String answer = rig.server().http().request("POST", path, "").body();
    assertEquals("ended", answer, repeat);
  }

  /**
   * Lets an idle object fall asleep: a fixed time, because to ask would wake it.
   *
   * @see HibernationTest
   */
  private void sleep(ChaosRig rig, LoadedStore store) throws Exception {
    store.pause();
    // Until the timers of the last writes have done their work.
    JsonNode before =
        Until.within(Duration.ofSeconds(60))
            .sees(
                "nothing left to do: " + repeat,
                () -> rig.server().http().stats(store.namespace()),
                stats ->
                    stats.path("dirty").asInt(-1) == 0
                        && stats.path("pipeline").path("queued").asInt(-1) == 0);
    LockSupport.parkNanos(ASLEEP_WITHIN_NANOS);
    assertNotEquals(before.path("bootId").asText(), bootId(rig, store), "is awake: " + repeat);
    assertEquals(SOCKETS, store.openSockets(), "sockets survive sleep: " + repeat);
    settle(rig, store);
    figures.count("hibernations, sockets kept");
    store.resume();
  }

  private static String bootId(ChaosRig rig, LoadedStore store) throws IOException {
    return rig.server().http().stats(store.namespace()).path("bootId").asText();
  }

  private void crash(ChaosRig rig) throws IOException {
    try {
      rig.server().http().faults("{\"crash\":\"now\"}");
    } catch (IOException e) {
      // It died before it could answer.
    }
    rig.server().process().awaitExit(Duration.ofSeconds(10));
    figures.count("crashes on request");
  }

  private void settle(ChaosRig rig, LoadedStore store) throws Exception {
    store.settle(rig.server());
    figures.count("comparisons with the oracle");
  }

  /** What is done with one store, beside the others. */
  private interface Step {
    void with(LoadedStore store) throws Exception;
  }

  private void together(Step step) throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (LoadedStore store : stores) {
      running.add(
          threads.submit(
              () -> {
                step.with(store);
                return null;
              }));
    }
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError(repeat, e.getCause());
      }
    }
  }
}
