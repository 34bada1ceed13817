package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The store of a second namespace beside the world's own: it has a database, a Pipeline, an archive
 * and an alarm of its own.
 *
 * <p>Its platform is a smaller one. The Pipeline takes what is sent and the archive has it at once,
 * one instance lives at a time, and what goes wrong is a crash at any port call, a statement that
 * SQLite refuses, and a lost file. What it was told and what it holds {@link Forks} looks at.
 */
final class OtherStore {
  static final String NAMESPACE = "fork";

  /** The death of an instance, on its way out of the store. */
  private static final class Crash extends Error {
    Crash() {
      super("crash", null, false, false);
    }
  }

  private final World world;
  private final Random random;
  private final UnifiedStoreConfig config;
  private final boolean archive;
  private final Disk disk = Disk.other();
  private final List<ArchivedEvent> rows = new ArrayList<>();
  private final List<ArchivedEvent> snapshots = new ArrayList<>();
  private final List<JsonObject> records = new ArrayList<>();
  private Instance instance;
  private VirtualTime.Task alarm;
  private int crashIn;
  private int refuseIn;

  OtherStore(World world, long seed) {
    this.world = world;
    this.random = new Random(seed);
    Map<String, String> vars = new HashMap<>(world.setup.unlimited().vars());
    vars.remove("MAX_STORE_BYTES");
    vars.remove("ARCHIVE_LAG_LIMIT");
    vars.put("DURABILITY", world.setup.archive() && seed % 2 == 0 ? "pipeline" : "local");
    this.config = UnifiedStoreConfig.fromVars(NAMESPACE, vars);
    this.archive = world.setup.archive();
  }

  // ---- what is asked of it

  /**
   * Tells it something, which may bring an instance to life.
   *
   * @param answer told once, or never when it dies before
   */
  void tell(String text, Consumer<String> answer) {
    Instance told = alive();
    told.event(
        () ->
            told.store.onTold(
                text,
                answered -> {
                  told.requireAlive();
                  answer.accept(answered);
                }));
  }

  /** Sends it a message as a client does. */
  void ask(Map<String, Object> message, Consumer<Map<String, Object>> reply) {
    Instance asked = alive();
    Connection connection =
        text -> {
          asked.requireAlive();
          reply.accept(Texts.parse(text));
        };
    String text = Texts.print(message);
    note("ask " + text);
    asked.event(() -> asked.store.onMessage(connection, text));
  }

  /** Deletes everything. */
  void delete(HttpReply reply) {
    Instance asked = alive();
    String path = "/stores/" + NAMESPACE;
    HttpRequest request = new HttpRequest(Route.parse("DELETE", path, false), HttpHeaders.NONE, "");
    asked.event(() -> asked.store.onRequest(request, reply));
  }

  /** How many things it says it has. */
  double entries() {
    String[] body = new String[1];
    Route stats = Route.parse("GET", "/stores/" + NAMESPACE + "/stats", false);
    instance.store.onRequest(stats, (status, type, text) -> body[0] = text);
    return world.json.parse(body[0]).number("entries");
  }

  /** What the Pipeline has of it, in its order. */
  List<JsonObject> records() {
    return records;
  }

  // ---- what happens to it

  /** Whether an instance lives and has its state. */
  boolean runs() {
    return instance != null && instance.running && !instance.store.isFailed();
  }

  /** Whether everything that it has acknowledged is in the Pipeline too. */
  boolean isAtRest() {
    return runs() && instance.store.isIdle();
  }

  /** Crashes at the {@code nth} moment before or after a port call from now. */
  void armCrash(int nth) {
    crashIn = nth;
  }

  /** Has SQLite refuse the {@code nth} statement from now that writes. */
  void armRefusal(int nth) {
    refuseIn = nth;
  }

  void crash() {
    if (instance != null) {
      instance.die();
    }
  }

  /** Loses the file of a store that is at rest. */
  void loseFile() {
    crash();
    disk.wipe();
  }

  /** Whether it comes back without its file. */
  boolean hasArchive() {
    return archive;
  }

  /** From now on nothing goes wrong. */
  void heal() {
    crashIn = 0;
    refuseIn = 0;
  }

  void close() {
    disk.wipe();
  }

  private Instance alive() {
    if (instance == null || instance.store.isFailed()) {
      crash();
      note("start");
      instance = new Instance();
      Instance starting = instance;
      starting.event(() -> starting.store.onStart(List.of(), starting));
      if (instance == null) {
        // It died at its start; the next one is asked.
        return alive();
      }
    }
    return instance;
  }

  /** Sees to it that there is an instance. */
  void wake() {
    alive();
  }

  private void setAlarm(double epochMs) {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    if (epochMs != 0) {
      alarm = world.time.after(Math.max(0, epochMs - world.time.wallMs()), this::ring);
    }
  }

  private void ring() {
    alarm = null;
    Instance rung = alive();
    rung.event(rung.store::onAlarm);
    if (!rung.alive && alarm == null) {
      // A handler that failed is called again.
      alarm = world.time.after(2_000, this::ring);
    }
  }

  private void note(String line) {
    world.trace.note((long) world.time.nowMs() + " " + NAMESPACE + ": " + line);
  }

  /** One instance in memory. */
  private final class Instance implements Completion {
    final UnifiedStore store;
    boolean alive = true;
    boolean running;

    Instance() {
      store = new UnifiedStore(config, ports());
    }

    @Override
    public void succeeded() {
      running = true;
      note("runs");
    }

    @Override
    public void failed(String error) {
      note("start failed: " + error);
    }

    void requireAlive() {
      if (!alive) {
        throw new Crash();
      }
    }

    void die() {
      note("crashed");
      alive = false;
      instance = instance == this ? null : instance;
      disk.crash();
    }

    void event(Runnable body) {
      if (!alive) {
        return;
      }
      try {
        body.run();
      } catch (Crash e) {
        return;
      } catch (RuntimeException e) {
        throw new Violation("no exception escapes", NAMESPACE + ": " + Violation.told(e));
      }
    }

    private void point() {
      requireAlive();
      if (crashIn > 0 && --crashIn == 0) {
        die();
        throw new Crash();
      }
    }

    private StorePorts ports() {
      Ids ids =
          new Ids() {
            @Override
            public String uuid() {
              return thingId(NAMESPACE);
            }

            @Override
            public double number() {
              return world.nextNumber();
            }

            @Override
            public String thingId(String type) {
              return type + "_" + (long) world.nextNumber();
            }
          };
      Platform platform =
          new Platform(
              world.json,
              Life.clock(world),
              new InstanceTimers(),
              ids,
              Life.observer(OtherStore.this::note));
      return StorePorts.builder(platform, "writer")
          .pipeline(this::send)
          .sendEvents(world.setup.sendEvents())
          .sql(new Sql())
          .archive(archive ? this::read : null)
          .build();
    }

    private void send(List<? extends PipelineRecord> sent, Completion completion) {
      point();
      for (PipelineRecord record : sent) {
        JsonWriter writer = world.json.writer();
        record.writeTo(writer);
        JsonObject stored = world.json.parse(writer.text());
        boolean own = stored.string("ns").equals(NAMESPACE);
        if (!own && !stored.string("ns").startsWith(NAMESPACE + "/")) {
          throw new Violation("records name their namespace", writer.text());
        }
        note("stored " + stored.number("life") + " " + stored.string("verb"));
        records.add(stored);
        (own ? rows : snapshots).add(world.sink.row(stored));
      }
      world.time.after(random.nextInt(50), () -> event(completion::succeeded));
      point();
    }

    private IcebergReader.Read read(IcebergReader.Query query, IcebergReader.Visitor visitor) {
      point();
      boolean[] cancelled = {false};
      world.time.after(
          random.nextInt(50),
          () ->
              event(
                  () -> {
                    List<ArchivedEvent> found = new ArrayList<>();
                    for (ArchivedEvent row :
                        query.namespace().equals(NAMESPACE) ? rows : snapshots) {
                      if (query.wants(row)) {
                        found.add(query.positionsOnly() ? row.position() : row);
                      }
                    }
                    found.sort(
                        Comparator.comparingDouble(ArchivedEvent::epoch)
                            .thenComparingDouble(ArchivedEvent::seq)
                            .thenComparingDouble(ArchivedEvent::life));
                    for (ArchivedEvent row : found) {
                      if (cancelled[0]) {
                        return;
                      }
                      point();
                      visitor.event(row);
                    }
                    if (!cancelled[0]) {
                      visitor.completed(true);
                    }
                  }));
      return () -> cancelled[0] = true;
    }

    private final class InstanceTimers implements Timers {
      @Override
      public Timer after(double delayMs, Runnable task) {
        point();
        VirtualTime.Task armed = world.time.after(delayMs, () -> event(task));
        return armed::cancel;
      }

      @Override
      public void setAlarm(double epochMs) {
        point();
        OtherStore.this.setAlarm(epochMs);
      }
    }

    private final class Sql implements SqlStorage {
      private double rowsWritten;

      @Override
      public SqlCursor exec(String sql, Object... bindings) {
        point();
        List<Object[]> found = List.of();
        if (sql.startsWith("SELECT")) {
          found = disk.query(sql, bindings);
        } else {
          if (refuseIn > 0 && --refuseIn == 0) {
            throw new SqlException("disk I/O error while writing", false);
          }
          int changed = disk.update(sql, bindings);
          rowsWritten += sql.startsWith("CREATE") ? 1 : changed;
        }
        point();
        return new LifeSql.ReadRows(found);
      }

      @Override
      public void transaction(Runnable body) {
        requireAlive();
        disk.begin();
        boolean done = false;
        try {
          body.run();
          point();
          disk.commit();
          done = true;
        } finally {
          if (!done && alive) {
            disk.rollback();
          }
        }
        point();
      }

      @Override
      public double rowsWritten() {
        return rowsWritten;
      }

      @Override
      public String setAside() {
        return null;
      }

      @Override
      public String name() {
        return "the SQLite of " + NAMESPACE;
      }
    }
  }
}
