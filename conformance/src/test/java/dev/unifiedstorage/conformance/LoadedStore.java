package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One namespace under mixed load from several sockets, and the oracle that knows what it must hold.
 *
 * <p>The load runs until its connections go, by its own end or by the server's; then the store is
 * compared with the oracle, and the next load can begin.
 */
final class LoadedStore {
  private static final long JOIN_MILLIS = 30_000;
  private static final Duration ACKS_DEADLINE = Duration.ofSeconds(60);
  private static final Duration DELIVERY_DEADLINE = Duration.ofMinutes(2);

  private final String name;
  private final String namespace;
  private final int sockets;
  private final int entitiesPerSocket;
  private final SplittableRandom random;
  private final boolean mayBeRefused;
  private final Oracle oracle = new Oracle();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<MixedLoad> loads = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param name what to call it when it fails: the test, and how to repeat it
   * @param mayBeRefused whether the store may say that it is overloaded
   */
  LoadedStore(
      String name,
      String namespace,
      int sockets,
      int entitiesPerSocket,
      SplittableRandom random,
      boolean mayBeRefused) {
    this.name = name;
    this.namespace = namespace;
    this.sockets = sockets;
    this.entitiesPerSocket = entitiesPerSocket;
    this.random = random;
    this.mayBeRefused = mayBeRefused;
  }

  String namespace() {
    return namespace;
  }

  Oracle oracle() {
    return oracle;
  }

  int acknowledged() {
    return acknowledged.get();
  }

  void startLoad(StoreServer server) throws IOException {
    for (int i = 0; i < sockets; i++) {
      Session session = server.open(namespace);
      // A load is not told to come back: a store that reads its archive is waited for here.
      session.read("any");
      MixedLoad load =
          new MixedLoad(
              session,
              oracle,
              random.split(),
              i,
              entitiesPerSocket,
              acknowledged,
              failure,
              mayBeRefused);
      Thread thread = new Thread(load, "load-" + namespace + "-" + i);
      thread.start();
      loads.add(load);
      threads.add(thread);
    }
  }

  /** Waits for so many acknowledgements of writes from now on. */
  void awaitAcknowledged(int more) throws Exception {
    int before = acknowledged.get();
    Until.within(ACKS_DEADLINE)
        .sees(
            "acknowledgements of " + namespace + ", " + name,
            acknowledged::get,
            n -> n > before + more || failure.get() != null);
    checkLoad();
  }

  /** Sends nothing more for now, and waits for the replies to what was sent. */
  void pause() throws InterruptedException {
    for (MixedLoad load : loads) {
      load.pause();
    }
  }

  void resume() {
    loads.forEach(MixedLoad::resume);
  }

  /** How many of the load's sockets are open. */
  int openSockets() {
    return (int) loads.stream().filter(MixedLoad::connected).count();
  }

  /** Ends the load by closing what is left of its sockets, and waits for its threads. */
  void endLoad() throws InterruptedException {
    loads.forEach(MixedLoad::disconnect);
    awaitLoadsEnd();
  }

  /** Waits for the load to end, because its connections go. */
  void awaitLoadsEnd() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join(JOIN_MILLIS);
      assertTrue(!thread.isAlive(), () -> "the load does not end, " + name);
    }
    loads.clear();
    threads.clear();
    checkLoad();
  }

  private void checkLoad() {
    if (failure.get() != null) {
      throw new AssertionError(name + ", " + namespace, failure.get());
    }
  }

  /** Compares what the store holds with what it may hold; the load stands still meanwhile. */
  void settle(StoreServer server) throws Exception {
    Map<String, Oracle.State> found = new HashMap<>();
    try (Session s = server.open(namespace)) {
      List<String> ids = oracle.ids();
      ObjectNode request = Session.json("{'type':'read'}");
      ids.forEach(request.withArray("$ids")::add);
      Reply reply = s.call(request).ok();
      ids.forEach(id -> found.put(id, Oracle.State.of(reply.thing(id))));
      try {
        oracle.settle(found);
      } catch (AssertionError e) {
        throw new AssertionError(name + ", " + namespace + ", stats " + s.stats(), e);
      }
    }
  }

  /** Waits until the Pipeline has every acknowledged event, and checks where they lead to. */
  void assertDelivered(StoreServer server, Callable<EventLog> log) throws Exception {
    EventLog complete =
        Until.within(DELIVERY_DEADLINE)
            .sees("every acknowledged event, " + name, log, l -> isDelivered(server, l));
    oracle.assertReplays(complete);
  }

  private boolean isDelivered(StoreServer server, EventLog log) {
    try (Session s = server.open(namespace)) {
      return oracle.missingFrom(log).isEmpty()
          && log.events().size() == s.stats().path("appliedSeq").asInt(-1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
