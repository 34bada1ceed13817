package dev.unifiedstorage.junit5;

import dev.unifiedstorage.emulator.CannotStartException;
import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import dev.unifiedstorage.emulator.pipeline.Faults.SinkMode;
import dev.unifiedstorage.jvm.json.JsonValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * An emulator for the tests of a class, with a clock that tests move.
 *
 * <p>As a static field with {@code @RegisterExtension} it starts before the first test of the class
 * and ends after the last; as an instance field every test has its own. With
 * {@code @ExtendWith(UnifiedStorageExtension.class)} tests take it as a parameter. It starts with
 * {@link EmulatorOptions#builder()}'s defaults and a virtual clock: any port of 127.0.0.1, a
 * temporary folder, the Pipeline and the archive in memory.
 *
 * <p>Safe for use from every thread but the emulator's own.
 */
public final class UnifiedStorageExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {

  /** How long something is waited for, by the stores' clock. */
  private static final Duration PATIENCE = Duration.ofHours(1);

  private static final Duration REAL_PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration REAL_LOOK_EVERY = Duration.ofMillis(20);
  private static final List<String> DATABASE_FILES = List.of("", "-wal", "-shm");

  private final EmulatorOptions options;
  private final List<StoreClient> clients = new ArrayList<>();
  private @Nullable Emulator emulator;
  private int classes;
  private int bookmarks;

  /** With the defaults. */
  public UnifiedStorageExtension() {
    this(options -> {});
  }

  /**
   * With other options.
   *
   * @param change told the defaults, to change what it wants
   * @throws IllegalArgumentException when an option is out of its range
   */
  public UnifiedStorageExtension(Consumer<EmulatorOptions.Builder> change) {
    EmulatorOptions.Builder builder = EmulatorOptions.builder().virtualClock();
    change.accept(builder);
    options = builder.build();
  }

  // ---- life cycle

  @Override
  public void beforeAll(ExtensionContext context) throws CannotStartException {
    if (classes++ == 0) {
      start(options);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) throws CannotStartException {
    if (classes == 0) {
      start(options);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (classes == 0) {
      stop();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (--classes == 0) {
      stop();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == UnifiedStorageExtension.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return this;
  }

  private synchronized void start(EmulatorOptions with) throws CannotStartException {
    emulator = Emulator.start(with);
  }

  private synchronized void stop() {
    clients.forEach(StoreClient::close);
    clients.clear();
    Objects.requireNonNull(emulator).close();
    emulator = null;
  }

  /**
   * Begins anew: no store, no event, no fault, the clock where it was at first, and the same port.
   * Clients made before are closed.
   *
   * @throws IllegalStateException when the data are in a folder of the test's, which this would not
   *     empty
   * @throws UncheckedIOException when the port has been taken meanwhile
   */
  public synchronized void reset() {
    if (options.data() != null) {
      throw new IllegalStateException(
          "expected a temporary folder, found " + options.data() + ", which is not emptied");
    }
    EmulatorOptions again = options.onPort(emulator().port());
    stop();
    try {
      start(again);
    } catch (CannotStartException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- what a test uses

  /** A client of a store; it is closed after the test, or by {@link #reset()}. */
  public synchronized StoreClient client(String namespace) {
    StoreClient client = new StoreClient(emulator(), namespace);
    clients.add(client);
    return client;
  }

  /** Where HTTP is spoken, without a slash at the end. */
  public URI url() {
    return emulator().url();
  }

  /** The WebSocket of a store, for a service that has a client of its own. */
  public URI socketUrl(String namespace) {
    return emulator().socketUrl(namespace);
  }

  /** What the stores' clock says. */
  public Instant now() {
    return emulator().now();
  }

  /**
   * Moves the clock on: what falls due meanwhile has happened when this returns, in all stores, in
   * the Pipeline and in the archive.
   *
   * @throws IllegalStateException when the clock is the machine's
   */
  public void advance(Duration by) {
    emulator().advance(by);
  }

  /**
   * Makes every store lose its memory, as the end of its process would. What is in SQLite, in the
   * Pipeline and in the archive stays; the next request starts a store anew.
   */
  public void crash() {
    emulator().crash();
  }

  /** Makes a store leave the memory as an idle one does: it writes what it has not yet written. */
  public void evict(String namespace) {
    emulator().evict(namespace);
  }

  /**
   * Waits, an hour of virtual time or 30 s of real time at most, until SQLite has everything that
   * the store has in memory.
   *
   * @throws IllegalStateException when it does not within that time, with the store's figures
   */
  public void awaitCheckpoint(String namespace) {
    await(
        "a checkpoint of everything",
        namespace,
        () -> {
          Map<String, Object> stats = stats(namespace);
          return Double.valueOf(0).equals(stats.get("dirty"))
              && Objects.requireNonNull(stats.get("checkpointSeq")).equals(stats.get("appliedSeq"));
        });
  }

  /**
   * Waits, an hour of virtual time or 30 s of real time at most, until everything that the store
   * sent is in the archive.
   *
   * @throws IllegalStateException when it is not within that time, with the store's figures; at
   *     once when the sink stands still
   */
  public void awaitArchive(String namespace) {
    if (emulator().faults().sinkMode() == SinkMode.STALL) {
      throw new IllegalStateException("the sink stands still: archive().resume() ends that");
    }
    await(
        "the archive to have everything",
        namespace,
        () -> queued(namespace) == 0 && emulator().isArchived());
  }

  private double queued(String namespace) {
    return stats(namespace).get("pipeline") instanceof Map<?, ?> pipeline
            && pipeline.get("queued") instanceof Double queued
        ? queued
        : 0;
  }

  private void await(String what, String namespace, BooleanSupplier condition) {
    boolean virtual = options.virtualStart() != null;
    Duration patience = virtual ? PATIENCE : REAL_PATIENCE;
    Instant until = now().plus(patience);
    while (!condition.getAsBoolean()) {
      if (!now().isBefore(until)) {
        throw new IllegalStateException(
            "namespace "
                + namespace
                + ": expected "
                + what
                + " within "
                + patience
                + ", found "
                + stats(namespace));
      }
      emulator().await(emulator().after(virtual ? LOOK_EVERY : REAL_LOOK_EVERY));
    }
  }

  /** The figures of a store, as {@code GET /stores/{namespace}/stats} gives them. */
  public Map<String, Object> stats(String namespace) {
    return JsonValues.parse(emulator().stats(namespace));
  }

  /** The records of a store that the Pipeline accepted, in their order, fences among them. */
  public List<Map<String, Object>> events(String namespace) {
    return emulator().events(0).stream()
        .map(JsonValues::parse)
        .filter(record -> namespace.equals(record.get("ns")))
        .toList();
  }

  /** How the Pipeline is to behave. */
  public PipelineFaults pipeline() {
    return new PipelineFaults(emulator().faults());
  }

  /** How the sink is to behave that fills the archive. */
  public ArchiveFaults archive() {
    return new ArchiveFaults(emulator().faults());
  }

  /** Copies a store's SQLite file as it is at this moment. */
  public Bookmark bookmark(String namespace) {
    Bookmark bookmark;
    synchronized (this) {
      bookmark = new Bookmark(namespace, emulator().data().resolve("bookmarks/" + bookmarks++));
    }
    emulator()
        .withDatabase(
            namespace,
            false,
            file -> {
              for (String suffix : List.of("", "-wal")) {
                copy(with(file, suffix), bookmark.folder().resolve("copy" + suffix));
              }
            });
    return bookmark;
  }

  /**
   * Puts a copy of a store's SQLite file back. The store loses its memory; the Pipeline and the
   * archive keep what they have, also what came after the copy.
   */
  public void restore(Bookmark bookmark) {
    emulator()
        .withDatabase(
            bookmark.namespace(),
            true,
            file -> {
              for (String suffix : DATABASE_FILES) {
                delete(with(file, suffix));
                copy(bookmark.folder().resolve("copy" + suffix), with(file, suffix));
              }
            });
  }

  private static Path with(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      if (Files.exists(from)) {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The emulator itself.
   *
   * @throws IllegalStateException before the tests and after them
   */
  public synchronized Emulator emulator() {
    if (emulator == null) {
      throw new IllegalStateException(
          "there is no emulator: it runs from before the tests until after them");
    }
    return emulator;
  }
}
