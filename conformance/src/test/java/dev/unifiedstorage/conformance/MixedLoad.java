package dev.unifiedstorage.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * One socket's share of a load of creates, updates, deletes, reads and batches over entities of its
 * own, until the connection goes.
 *
 * <p>Writes to one entity are pipelined on its one socket, which is where the contract promises
 * their order. What is sent and what is acknowledged goes to the oracle; a reply that is neither an
 * acknowledgement nor expected fails the load.
 */
final class MixedLoad implements Runnable {
  private static final List<String> TYPES = List.of("Order", "Person", "Sensor");
  private static final int OUTSTANDING = 24;

  private final Session session;
  private final Oracle oracle;
  private final RandomGenerator random;
  private final int share;
  private final int entities;

  /** Fair, so that a pause comes to its turn. */
  private final Semaphore window = new Semaphore(OUTSTANDING, true);

  private final AtomicInteger acknowledged;
  private final AtomicReference<Throwable> failure;
  private final boolean mayBeRefused;
  private volatile long restUntilNanos = System.nanoTime();

  /**
   * @param mayBeRefused whether the store may say that it is overloaded
   */
  MixedLoad(
      Session session,
      Oracle oracle,
      RandomGenerator random,
      int share,
      int entities,
      AtomicInteger acknowledged,
      AtomicReference<Throwable> failure,
      boolean mayBeRefused) {
    this.session = session;
    this.oracle = oracle;
    this.random = random;
    this.share = share;
    this.entities = entities;
    this.acknowledged = acknowledged;
    this.failure = failure;
    this.mayBeRefused = mayBeRefused;
  }

  @Override
  public void run() {
    try {
      while (!session.socket().closeCode().isDone() && failure.get() == null) {
        window.acquire();
        LockSupport.parkNanos(restUntilNanos - System.nanoTime());
        step().whenComplete((reply, lost) -> window.release());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | AssertionError e) {
      failure.compareAndSet(null, e);
    }
  }

  /** Waits for the replies to what was sent; nothing more is sent until {@link #resume}. */
  void pause() throws InterruptedException {
    window.acquire(OUTSTANDING);
  }

  void resume() {
    window.release(OUTSTANDING);
  }

  boolean connected() {
    return !session.socket().closeCode().isDone();
  }

  /** Drops the connection, as a client does that vanishes. */
  void disconnect() {
    session.socket().abort();
  }

  private CompletableFuture<?> step() {
    int dice = random.nextInt(20);
    if (dice < 2) {
      return batch(false);
    }
    if (dice < 4) {
      return batch(true);
    }
    return dice < 7 ? read(anyEntity()) : one();
  }

  private String anyEntity() {
    return "s%d:%d".formatted(share, random.nextInt(entities));
  }

  /** An entity whose state the oracle knows; null when there is hardly one. */
  private String pick() {
    for (int i = 0; i < entities; i++) {
      String id = anyEntity();
      if (!oracle.isDisturbed(id)) {
        return id;
      }
    }
    return null;
  }

  /** Takes note when the store has no room, and does as it says; false when it has. */
  private boolean isRefused(JsonNode reply, List<Oracle.Write> writes) {
    if (!mayBeRefused || !"OVERLOADED".equals(reply.path("code").asText())) {
      return false;
    }
    oracle.refused(writes);
    long waitMs = reply.path("details").path("retryAfterMs").asLong();
    restUntilNanos = System.nanoTime() + waitMs * 1_000_000;
    return true;
  }

  private CompletableFuture<?> one() {
    String id = pick();
    if (id == null) {
      return read(anyEntity());
    }
    ObjectNode request = Session.json("{}");
    Oracle.Write write = fill(request, id);
    return session.socket().send(request).thenAccept(reply -> guarded(() -> ack(reply, write)));
  }

  /** Makes a request that is right for what the entity will be when it arrives. */
  private Oracle.Write fill(ObjectNode request, String id) {
    Oracle.State before = oracle.latest(id);
    if (before.absent()) {
      Oracle.Write write = oracle.created(id);
      String type = TYPES.get(Math.floorMod(id.hashCode(), TYPES.size()));
      ObjectNode data = request.put("type", "create").put("$type", type).putObject("data");
      data.put("$id", id).put("created", write.state().created());
      data.put("written", write.state().written());
      data.put("filler", "f".repeat(random.nextInt(300)));
      return write;
    }
    if (random.nextInt(5) == 0) {
      request.put("type", "delete").put("$id", id);
      return oracle.deleted(id);
    }
    Oracle.Write write = oracle.updated(id);
    request.put("type", "update").put("$id", id);
    request.putObject("data").put("written", write.state().written());
    return write;
  }

  private CompletableFuture<?> batch(boolean atomic) {
    ObjectNode request = Session.json("{'type':'batch','operations':[]}").put("atomic", atomic);
    Map<String, Oracle.Write> writes = new TreeMap<>();
    List<Oracle.Write> order = new ArrayList<>();
    int size = 2 + random.nextInt(8);
    for (int i = 0; i < size; i++) {
      String id = pick();
      if (id != null && !writes.containsKey(id)) {
        Oracle.Write write = fill(request.withArray("operations").addObject(), id);
        writes.put(id, write);
        order.add(write);
      }
    }
    if (atomic) {
      oracle.together(order);
    }
    return session
        .socket()
        .send(request)
        .thenAccept(
            reply ->
                guarded(
                    () -> {
                      if (isRefused(reply, order)) {
                        return;
                      }
                      boolean disturbed = disturbed(order);
                      if (atomic && disturbed && reply.path("status").asText().equals("error")) {
                        oracle.refused(order);
                        return;
                      }
                      new Reply(reply).ack();
                      for (int i = 0; i < order.size(); i++) {
                        ackResult(reply.path("results").path(i), order.get(i));
                      }
                    }));
  }

  /** Whether what a request does was sent behind something that was refused. */
  private boolean disturbed(List<Oracle.Write> writes) {
    return writes.stream().anyMatch(write -> oracle.isDisturbed(write.entity()));
  }

  private CompletableFuture<?> read(String id) {
    ObjectNode request = Session.json("{'type':'read'}");
    request.putArray("$ids").add(id);
    return session
        .socket()
        .send(request)
        .thenAccept(
            reply ->
                guarded(() -> oracle.shown(id, Oracle.State.of(new Reply(reply).ok().thing(id)))));
  }

  private void ack(JsonNode reply, Oracle.Write write) {
    if (isRefused(reply, List.of(write))) {
      return;
    }
    if (!oracle.isDisturbed(write.entity())) {
      assertAnswered(reply, write);
    }
    ackResult(reply, write);
  }

  private static void assertAnswered(JsonNode reply, Oracle.Write write) {
    if (write.state().absent()) {
      new Reply(reply).ok();
    } else {
      new Reply(reply).ack();
    }
  }

  private void ackResult(JsonNode result, Oracle.Write write) {
    if (oracle.isDisturbed(write.entity())) {
      if (result.has("$version")) {
        oracle.acknowledged(write);
      } else {
        oracle.refused(List.of(write));
      }
      return;
    }
    boolean right =
        write.state().absent()
            ? "ok".equals(result.path("status").asText())
            : write.state().version() == result.path("$version").asInt()
                && write.entity().equals(result.path("$id").asText());
    if (!right) {
      throw new AssertionError("expected " + write + " but the reply is " + result);
    }
    oracle.acknowledged(write);
    acknowledged.incrementAndGet();
  }

  private void guarded(Runnable check) {
    try {
      check.run();
    } catch (RuntimeException | AssertionError e) {
      failure.compareAndSet(null, e);
    }
  }
}
