package dev.unifiedstorage.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.LatencyHistogram;
import dev.unifiedstorage.driver.SocketLoop;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests to a server, in a closed loop or in an open one.
 *
 * <p>In a closed loop every socket keeps so many outstanding, and a reply sends the next: it says
 * how much a server can do. In an open loop each request has its time, whatever became of those
 * before it, and its latency counts from that time: it says how long who comes at a moderate rate
 * has to wait, a wait behind a stall included. All sockets share one thread.
 *
 * <p>The load is bounded by construction: there is never more in flight than sockets times
 * outstanding, however slow the server is. A sender of the open loop that finds no room waits, and
 * gives up some seconds after its last request was due; what it has not sent by then is counted.
 */
final class Load {
  /** How long after its last request's time an open loop goes on trying to send. */
  private static final long GRACE_NANOS = 5_000_000_000L;

  /** How long an open loop waits for what it is owed in the end. */
  private static final int REPLY_SECONDS = 10;

  private final Settings settings;
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final LatencyHistogram lateness = new LatencyHistogram();
  private final LongAdder operations = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong(1);
  private volatile long endNanos;

  /** When the last reply came, and the longest time between two; the loop's thread only writes. */
  private volatile long lastReplyNanos;

  private volatile long longestGapNanos;

  Load(Settings settings) {
    this.settings = settings;
  }

  /**
   * What is sent.
   *
   * @param prepared whether an earlier load has made the things that this one changes
   * @param things how many things a mix changes and reads
   * @param rate requests a second of an open loop, 0 for a closed one
   */
  record Settings(
      Workload.Kind kind,
      int sockets,
      int outstanding,
      int bytes,
      long maxRequests,
      boolean prepared,
      int things,
      int rate) {}

  /**
   * What a load measured; the latencies are of whole requests, to the reply: from sending in a
   * closed loop, from its time in an open one.
   *
   * @param lateness how long after their time the requests of an open loop were sent
   * @param unsent requests of an open loop that had not been sent when it gave up
   * @param longestGapMillis the longest time in which no reply came
   */
  record Result(
      double seconds,
      long operations,
      LatencyHistogram latencies,
      LatencyHistogram lateness,
      long unsent,
      double longestGapMillis,
      Map<String, Long> errors,
      double cpuShare) {
    double perSecond() {
      return operations / seconds;
    }
  }

  Result run(URI socket, double seconds) throws IOException, InterruptedException {
    String run = Long.toString(System.currentTimeMillis(), 36);
    try (SocketLoop loop = new SocketLoop()) {
      List<StoreSocket> opened = new ArrayList<>();
      List<Workload> workloads = new ArrayList<>();
      for (int i = 0; i < settings.sockets(); i++) {
        opened.add(loop.connect(socket, settings.outstanding()));
        workloads.add(new Workload(settings.kind(), run, i, settings.bytes(), settings.things()));
      }
      if (!settings.prepared()) {
        prepare(opened.get(0), workloads.get(0));
      }
      long startNanos = System.nanoTime();
      long cpuBefore = cpuNanos();
      lastReplyNanos = startNanos;
      long unsent =
          settings.rate() > 0
              ? openLoop(opened, workloads, seconds)
              : closedLoop(opened, workloads, seconds);
      long wall = System.nanoTime() - startNanos;
      Map<String, Long> errorCounts = new TreeMap<>();
      errors.forEach((code, count) -> errorCounts.put(code, count.sum()));
      double share = (double) (cpuNanos() - cpuBefore) / wall;
      return new Result(
          wall / 1e9,
          operations.sum(),
          latencies,
          lateness,
          unsent,
          longestGapNanos / 1e6,
          errorCounts,
          share);
    }
  }

  private void prepare(StoreSocket socket, Workload workload) throws IOException {
    for (String request : workload.preparation(settings.sockets())) {
      String id = StoreSocket.JSON.readTree(request).get("id").textValue();
      if ("error".equals(StoreSocket.await(socket.sendJson(request, id)).path("status").asText())) {
        count("not prepared");
      }
    }
  }

  private long closedLoop(List<StoreSocket> opened, List<Workload> workloads, double seconds)
      throws InterruptedException {
    CountDownLatch idle = new CountDownLatch(settings.sockets() * settings.outstanding());
    endNanos = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; i < settings.sockets(); i++) {
      for (int j = 0; j < settings.outstanding(); j++) {
        sendNext(opened.get(i), workloads.get(i), idle);
      }
    }
    if (!idle.await((long) seconds + 60L, TimeUnit.SECONDS)) {
      count("no reply within a minute of the end");
    }
    return 0;
  }

  private void sendNext(StoreSocket socket, Workload workload, CountDownLatch idle) {
    long start = System.nanoTime();
    if (start > endNanos || sent.sum() >= settings.maxRequests()) {
      idle.countDown();
      return;
    }
    sent.increment();
    send(socket, workload)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                count("connection lost");
                idle.countDown();
                return;
              }
              replied(answer, workload, start);
              sendNext(socket, workload, idle);
            });
  }

  /** Sends each request at its time, and says how many it did not get to. */
  private long openLoop(List<StoreSocket> opened, List<Workload> workloads, double seconds)
      throws InterruptedException {
    long total = Math.min(settings.maxRequests(), (long) (settings.rate() * seconds));
    double intervalNanos = 1e9 / settings.rate();
    long startNanos = System.nanoTime();
    long giveUpNanos = startNanos + (long) (total * intervalNanos) + GRACE_NANOS;
    Semaphore answered = new Semaphore(0);
    long number = 0;
    for (; number < total; number++) {
      long due = startNanos + (long) (number * intervalNanos);
      long now = System.nanoTime();
      while (now < due) {
        LockSupport.parkNanos(due - now);
        now = System.nanoTime();
      }
      if (now > giveUpNanos) {
        break;
      }
      lateness.record(now - due);
      int socket = (int) (number % settings.sockets());
      Workload workload = workloads.get(socket);
      send(opened.get(socket), workload)
          .whenComplete(
              (answer, failure) -> {
                if (failure != null) {
                  count("connection lost");
                } else {
                  replied(answer, workload, due);
                }
                answered.release();
              });
    }
    if (!answered.tryAcquire((int) number, REPLY_SECONDS, TimeUnit.SECONDS)) {
      count("no reply within " + REPLY_SECONDS + " s of the end");
    }
    return total - number;
  }

  private CompletableFuture<JsonNode> send(StoreSocket socket, Workload workload) {
    // Making and sending are one step: the first requests come from another thread than the rest,
    // and an update must not overtake its create.
    synchronized (workload) {
      String id = Long.toString(nextId.getAndIncrement());
      return socket.sendJson(workload.next(id), id);
    }
  }

  private void replied(JsonNode answer, Workload workload, long fromNanos) {
    long now = System.nanoTime();
    latencies.record(now - fromNanos);
    longestGapNanos = Math.max(longestGapNanos, now - lastReplyNanos);
    lastReplyNanos = now;
    countReply(answer, workload);
  }

  private void countReply(JsonNode reply, Workload workload) {
    if ("error".equals(reply.path("status").textValue())) {
      count(reply.path("code").asText());
    } else {
      operations.add(workload.operationsPerRequest());
    }
  }

  private void count(String error) {
    errors.computeIfAbsent(error, code -> new LongAdder()).increment();
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : 0;
  }
}
