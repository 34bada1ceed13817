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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A closed loop of requests: every socket keeps so many outstanding, and a reply sends the next.
 *
 * <p>The load is bounded by construction: there is never more in flight than sockets times
 * outstanding, however slow the server is. All sockets share one thread.
 */
final class Load {
  private final Workload.Kind kind;
  private final int sockets;
  private final int outstanding;
  private final int bytes;
  private final long maxRequests;
  private final boolean prepared;
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final LongAdder operations = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong(1);
  private volatile long endNanos;

  /**
   * @param prepared whether an earlier load has made the things that this one changes
   */
  Load(
      Workload.Kind kind,
      int sockets,
      int outstanding,
      int bytes,
      long maxRequests,
      boolean prepared) {
    this.kind = kind;
    this.sockets = sockets;
    this.outstanding = outstanding;
    this.bytes = bytes;
    this.maxRequests = maxRequests;
    this.prepared = prepared;
  }

  /** What a load measured; the latencies are of whole requests, from sending to the reply. */
  record Result(
      double seconds,
      long operations,
      LatencyHistogram latencies,
      Map<String, Long> errors,
      double cpuShare) {
    double perSecond() {
      return operations / seconds;
    }
  }

  Result run(URI socket, double seconds) throws IOException, InterruptedException {
    CountDownLatch idle = new CountDownLatch(sockets * outstanding);
    String run = Long.toString(System.currentTimeMillis(), 36);
    try (SocketLoop loop = new SocketLoop()) {
      List<StoreSocket> opened = new ArrayList<>();
      List<Workload> workloads = new ArrayList<>();
      for (int i = 0; i < sockets; i++) {
        opened.add(loop.connect(socket, outstanding));
        workloads.add(new Workload(kind, run, i, bytes));
      }
      if (!prepared) {
        prepare(opened.get(0), workloads.get(0));
      }
      long startNanos = System.nanoTime();
      endNanos = startNanos + (long) (seconds * 1e9);
      long cpuBefore = cpuNanos();
      for (int i = 0; i < sockets; i++) {
        for (int j = 0; j < outstanding; j++) {
          sendNext(opened.get(i), workloads.get(i), idle);
        }
      }
      if (!idle.await((long) seconds + 60L, TimeUnit.SECONDS)) {
        count("no reply within a minute of the end");
      }
      long wall = System.nanoTime() - startNanos;
      Map<String, Long> errorCounts = new TreeMap<>();
      errors.forEach((code, count) -> errorCounts.put(code, count.sum()));
      double share = (double) (cpuNanos() - cpuBefore) / wall;
      return new Result(wall / 1e9, operations.sum(), latencies, errorCounts, share);
    }
  }

  private void prepare(StoreSocket socket, Workload workload) throws IOException {
    for (String request : workload.preparation(sockets)) {
      String id = StoreSocket.JSON.readTree(request).get("id").textValue();
      StoreSocket.await(socket.sendJson(request, id));
    }
  }

  private void sendNext(StoreSocket socket, Workload workload, CountDownLatch idle) {
    long start = System.nanoTime();
    if (start > endNanos || sent.sum() >= maxRequests) {
      idle.countDown();
      return;
    }
    sent.increment();
    CompletableFuture<JsonNode> reply;
    // Making and sending are one step: the first requests come from another thread than the rest,
    // and an update must not overtake its create.
    synchronized (workload) {
      String id = Long.toString(nextId.getAndIncrement());
      reply = socket.sendJson(workload.next(id), id);
    }
    reply.whenComplete(
        (answer, failure) -> {
          if (failure != null) {
            count("connection lost");
            idle.countDown();
            return;
          }
          latencies.record(System.nanoTime() - start);
          countReply(answer, workload);
          sendNext(socket, workload, idle);
        });
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
