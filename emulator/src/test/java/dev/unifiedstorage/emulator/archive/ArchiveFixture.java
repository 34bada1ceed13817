package dev.unifiedstorage.emulator.archive;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** A Pipeline with an archive behind it, whose sink runs when a test calls it. */
final class ArchiveFixture {
  static final long DEADLINE_MS = 20_000;

  final ManualScheduler scheduler = new ManualScheduler();
  final Faults faults = new Faults(scheduler);
  final List<String> log = new CopyOnWriteArrayList<>();
  final Path folder;
  final EmbeddedPipeline pipeline;
  final Archive archive;
  private final ExecutorService loop = Executors.newSingleThreadExecutor();

  ArchiveFixture(Path folder) {
    this(folder, 1 << 20);
  }

  ArchiveFixture(Path folder, long readBufferBytes) {
    this.folder = folder;
    pipeline = new EmbeddedPipeline(folder.resolve("pipeline"), observer());
    Archive.Settings normal = Archive.Settings.in(folder, 1_000);
    archive =
        new Archive(
            new Archive.Settings(
                normal.database(), normal.warehouse(), normal.scratch(), 1_000, readBufferBytes),
            pipeline,
            faults,
            scheduler,
            observer());
  }

  /** A sink as a new process has it. */
  Sink sink() throws IOException {
    return new Sink(archive.table(), pipeline, faults, new Sightings(0), scheduler, observer());
  }

  /** Sends records and moves them into the table, as one file. */
  void archive(String... records) throws Exception {
    send(records);
    sink().roll(() -> true);
  }

  void send(String... records) throws Exception {
    CompletableFuture<String> outcome = new CompletableFuture<>();
    pipeline.send(
        EmbeddedPipeline.EVENTS,
        List.of(records),
        new Completion() {
          @Override
          public void succeeded() {
            outcome.complete("ok");
          }

          @Override
          public void failed(String error) {
            outcome.complete(error);
          }
        });
    assertTrue(outcome.get(10, TimeUnit.SECONDS).equals("ok"), outcome.join());
  }

  /** A record as a store sends it. */
  static String updated(String ns, long epoch, long seq) {
    return updated(ns, epoch, seq, "\"v\":" + seq);
  }

  static String updated(String ns, long epoch, long seq, String fields) {
    return """
        {"verb":"thing.updated","store":"things","payload":{"$id":"c1",%s},\
        "timestamp":"2026-01-31T12:00:00.000Z","idempotencyKey":"c1:updated:1:%d.%d",\
        "_meta":{"namespace":"%s"},"ns":"%s","epoch":%d,"seq":%d,"entityId":"c1",\
        "entityType":"Customer","version":%d,"ts":1769860800000}"""
        .formatted(fields, epoch, seq, ns, ns, epoch, seq, seq);
  }

  /** A record of three events, as a store sends it with {@code RECORDS=packed}. */
  static String packed(String ns, long epoch, long seq) {
    return """
        {"verb":"store.events","store":"things","payload":{"lastSeq":%d,"events":\
        [["C",0,1,"T","c1",{}],["D",1,1,"T","c1",{}],["C",2,1,"T","c1",{}]]},\
        "timestamp":"2026-01-31T12:00:00.000Z","idempotencyKey":"store:events-%d:1:%d.%d.7",\
        "_meta":{"namespace":"%s"},"ns":"%s","epoch":%d,"seq":%d,"life":7,"events":3,\
        "ts":1769860800000}"""
        .formatted(seq + 2, seq + 2, epoch, seq, ns, ns, epoch, seq);
  }

  static String fence(String ns, long epoch) {
    return """
        {"verb":"store.fence","store":"things","payload":{},\
        "timestamp":"2026-01-31T12:00:00.000Z","idempotencyKey":"store:fence:1:%d.0",\
        "_meta":{"namespace":"%s"},"ns":"%s","epoch":%d,"seq":0,"ts":1769860800000}"""
        .formatted(epoch, ns, ns, epoch);
  }

  /** What the port gives, "epoch.seq" an event, and "completed" or the error at the end. */
  List<String> read(String namespace, double afterSeq) throws Exception {
    return read(IcebergReader.Query.events(namespace, afterSeq));
  }

  List<String> read(IcebergReader.Query query) throws Exception {
    List<String> seen = new ArrayList<>();
    CompletableFuture<List<String>> end = new CompletableFuture<>();
    read(
        query,
        new IcebergReader.Visitor() {
          @Override
          public void event(ArchivedEvent event) {
            seen.add((long) event.epoch() + "." + (long) event.seq());
          }

          @Override
          public void progress(double rows) {}

          @Override
          public void completed(boolean upToDate) {
            seen.add("completed");
            end.complete(seen);
          }

          @Override
          public void failed(String error) {
            seen.add(error);
            end.complete(seen);
          }
        });
    return end.get(DEADLINE_MS, TimeUnit.MILLISECONDS);
  }

  /** The events that the port gives; an error of its own is the test's. */
  List<ArchivedEvent> events(IcebergReader.Query query) throws Exception {
    List<ArchivedEvent> events = new ArrayList<>();
    CompletableFuture<List<ArchivedEvent>> end = new CompletableFuture<>();
    read(
        query,
        new IcebergReader.Visitor() {
          @Override
          public void event(ArchivedEvent event) {
            events.add(event);
          }

          @Override
          public void progress(double rows) {}

          @Override
          public void completed(boolean upToDate) {
            end.complete(events);
          }

          @Override
          public void failed(String error) {
            end.completeExceptionally(new AssertionError(error));
          }
        });
    return end.get(DEADLINE_MS, TimeUnit.MILLISECONDS);
  }

  /** Reads on the event loop, where an object would. */
  void read(IcebergReader.Query query, IcebergReader.Visitor visitor) {
    ArchiveReader reader = archive.reader(loop);
    loop.execute(() -> reader.read(query, visitor));
  }

  Table table() throws IOException {
    return archive.table().load();
  }

  /** All rows, as Iceberg's own reader finds them: "ns epoch.seq". */
  List<String> rows() throws IOException {
    List<String> rows = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(table()).build()) {
      for (Record record : records) {
        rows.add(
            record.getField("ns") + " " + record.getField("epoch") + "." + record.getField("seq"));
      }
    }
    rows.sort(null);
    return rows;
  }

  /** The Parquet files there are, in the table or not. */
  List<Path> dataFiles() throws IOException {
    try (Stream<Path> files = Files.walk(archive.warehouse())) {
      return files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
  }

  void close() throws InterruptedException {
    archive.close();
    pipeline.close();
    loop.shutdownNow();
  }

  private StoreObserver observer() {
    return new StoreObserver() {
      @Override
      public void info(String message) {
        log.add("info " + message);
      }

      @Override
      public void warning(String message) {
        log.add("warning " + message);
      }

      @Override
      public void error(String message) {
        log.add("error " + message);
      }
    };
  }
}
