package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.access.Admission;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.protocol.Health;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.UnifiedStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The objects there are: one a namespace, made when first needed and forgotten when nothing of it
 * is left in memory.
 *
 * <p>An object is reached only under its namespace's lock, so that none is forgotten while someone
 * is on the way to it.
 */
public final class DurableObjects {
  private static final long CLOSE_TIMEOUT_MS = 500;

  private final ConcurrentHashMap<String, EmulatedDurableObject> objects =
      new ConcurrentHashMap<>();
  private final ObjectHost host;

  public DurableObjects(ObjectHost host) {
    this.host = host;
  }

  /** Arms every alarm that outlived the process that set it. */
  public void armAlarms() {
    host.alarms()
        .load()
        .forEach((namespace, dueMs) -> with(namespace, object -> object.armAlarm(dueMs)));
  }

  /** Hands a request to its object. */
  public void request(HttpRequest request, HttpReply reply) {
    with(request.route().namespace(), object -> object.request(request, reply));
  }

  /**
   * Decides on a client who is about to connect to a namespace; {@code then} is given the socket,
   * null with a refusal.
   */
  public void admit(
      String namespace,
      HttpHeaders headers,
      String target,
      BiConsumer<Admission, ObjectSocket> then) {
    with(namespace, object -> object.admit(headers, target, then));
  }

  /** An open socket of a namespace, for a client in this process. */
  public DirectSocket connect(String namespace, DirectSocket.Listener listener) {
    DirectSocket[] socket = new DirectSocket[1];
    with(namespace, object -> socket[0] = object.newDirectSocket(listener));
    return socket[0];
  }

  /** Has one take part in every life of a namespace's store, from the present one on. */
  public void join(String namespace, Consumer<UnifiedStore> one) {
    with(namespace, object -> object.join(one));
  }

  /** Asks a namespace's store on its event loop; {@code failed} is told why it was not. */
  public void ask(
      String namespace, Consumer<UnifiedStore> question, Consumer<RuntimeException> failed) {
    with(namespace, object -> object.ask(question, failed));
  }

  /**
   * Tells the objects that are awake how the archive stands.
   *
   * @param reports gives the report of a namespace, null when that cannot be told
   */
  public void archiveLooked(Function<String, ArchiveReport> reports) {
    objects.forEach(
        (namespace, object) -> {
          ArchiveReport report = reports.apply(namespace);
          if (report != null) {
            object.archiveLooked(report);
          }
        });
  }

  /** How well those that are awake are: nothing is waited for, and none is woken. */
  public List<Health> health() {
    List<Health> awake = new ArrayList<>();
    for (EmulatedDurableObject object : objects.values()) {
      Health health = object.health();
      if (health != null) {
        awake.add(health);
      }
    }
    return awake;
  }

  /** Makes every object lose its memory, as the end of the process would; returns when all have. */
  public void crash() throws InterruptedException {
    List<EmulatedDurableObject> all = List.copyOf(objects.values());
    CountDownLatch awake = new CountDownLatch(all.size());
    all.forEach(object -> object.crash(awake::countDown));
    awake.await();
  }

  /** Makes one object leave the memory as an idle one does; {@code done} is told when it has. */
  public void evict(String namespace, Completion done) {
    with(namespace, object -> object.evict(done));
  }

  /**
   * Runs {@code body} with a namespace's database file while nothing of its object happens.
   *
   * @param closed whether the object loses its memory before, so that the file is not open
   */
  public void withFile(String namespace, boolean closed, Consumer<Path> body) {
    with(namespace, object -> object.withFile(closed, body));
  }

  /**
   * What the end of the objects has written.
   *
   * @param stores those that had something
   * @param inTime whether all were done within the time that there was
   */
  public record Stopped(int stores, int things, int rows, boolean inTime) {
    public String sentence() {
      return "saved " + things + " things of " + stores + " stores in " + rows + " rows";
    }

    /** The same for programs. */
    public String line() {
      return "{\"step\":\"%s\",\"stores\":%d,\"things\":%d,\"rows\":%d}"
          .formatted(LifeStep.STOPPED.label(), stores, things, rows);
    }
  }

  /** Checkpoints every object that is awake, and then closes their sockets and files. */
  public Stopped stopAll(long timeoutMs) throws InterruptedException {
    List<EmulatedDurableObject> all = List.copyOf(objects.values());
    CountDownLatch unwritten = new CountDownLatch(all.size());
    AtomicInteger stores = new AtomicInteger();
    AtomicInteger things = new AtomicInteger();
    AtomicInteger rows = new AtomicInteger();
    for (EmulatedDurableObject object : all) {
      object.prepareStop(
          saved -> {
            stores.addAndGet(saved.rowsWritten() > 0 ? 1 : 0);
            things.addAndGet(saved.entityCount());
            rows.addAndGet((int) saved.rowsWritten());
            unwritten.countDown();
          });
    }
    boolean written = unwritten.await(timeoutMs, TimeUnit.MILLISECONDS);
    CountDownLatch open = new CountDownLatch(all.size());
    all.forEach(object -> object.stop(open::countDown));
    boolean closed = open.await(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    return new Stopped(stores.get(), things.get(), rows.get(), written && closed);
  }

  /** Called by an object, on its event loop, when it sleeps and has no sockets. */
  void forget(String namespace) {
    objects.computeIfPresent(namespace, (name, object) -> object.isForgettable() ? null : object);
  }

  private void with(String namespace, Visit visit) {
    objects.compute(
        namespace,
        (name, known) -> {
          EmulatedDurableObject object =
              known == null
                  ? new EmulatedDurableObject(name, host, this::tell, this::forget)
                  : known;
          visit.to(object);
          return object;
        });
  }

  private void tell(String namespace, String text, Siblings.Answer answer) {
    with(namespace, object -> object.told(text, answer));
  }

  /** What is done with an object while it cannot be forgotten. */
  private interface Visit {
    void to(EmulatedDurableObject object);
  }
}
