package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link AttackRun} for as long as asked, {@link CrowdRun} and {@link NeighbourRun}: {@code make
 * attack}.
 *
 * <p>Its name keeps it out of the suite.
 */
class AttackSoak {
  private static final long SEED = Long.getLong("attack.seed", System.currentTimeMillis());
  private static final double MINUTES =
      Double.parseDouble(System.getProperty("attack.minutes", "1"));

  /** How much the servers of the measurement let a client ask; null for as much as it likes. */
  private static final String RATE = System.getProperty("attack.rate");

  private static final int NAMESPACES = 10;

  /** The default. */
  private static final int MAX_SOCKETS = 1_000;

  /** What a process has open beside sockets, at most. */
  private static final long OTHER_FILES = 500;

  private static final int REQUESTS = 600;
  private static final Duration EVERY = Duration.ofMillis(20);

  /** As many as a query may look at. */
  private static final int THINGS = 20_000;

  @Test
  @Timeout(value = 2, unit = TimeUnit.DAYS)
  void nothingThatAClientSendsHarmsAnother(@TempDir Path directory) throws Exception {
    System.out.println("attacks: seeds from " + SEED + " on");
    AttackRun.run(directory, SEED, 2, Duration.ofMillis((long) (MINUTES * 60_000)));
  }

  /** Ten thousand, or as many as a process of this machine may have open. */
  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void socketsThatWantNothingHarmNoClient(@TempDir Path directory) throws Exception {
    assumeTrue(MINUTES > 0);
    var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long files = system.getMaxFileDescriptorCount() - OTHER_FILES;
    long sockets = files / Target.current().filesASocket();
    int most = (int) Math.min(MAX_SOCKETS, sockets / NAMESPACES);
    CrowdRun.run(directory, NAMESPACES, most, most / 5);
  }

  /** It takes some minutes more; a run that repeats one attack leaves it out. */
  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void whatAFloodDoesToTheAnswersOfAnother(@TempDir Path directory) throws Exception {
    assumeTrue(MINUTES > 0);
    Setup setup = RATE == null ? Setup.plain() : Setup.plain().with("RATE_LIMIT", RATE);
    new NeighbourRun(setup, REQUESTS, EVERY, THINGS).measure(directory);
  }
}
