package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.http.HttpObjects;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonArray;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that die while their sink rolls: the table holds what the log holds, once. */
class ArchiveSigkillTest {
  private static final int DEADLINE_S = 30;
  private static final int ROUNDS = 2;

  @TempDir Path folder;
  private final Set<Long> accepted = new ConcurrentSkipListSet<>();
  private Process process;

  /** The running process's own: none has a connection to the one before. */
  private HttpClient http;

  private String url;

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void theTableHoldsEveryAcceptedRecordOnceHoweverOftenTheProcessDies() throws Exception {
    long seq = 0;
    double rolled = 0;
    for (int round = 0; round < ROUNDS; round++) {
      start();
      // It dies under load, when a part of this round's records is in the table.
      while (status("nextOffset") <= rolled) {
        seq = send(seq);
      }
      rolled = status("nextOffset");
      seq = send(seq);
      process.destroyForcibly();
      assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS));
    }
    start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
    while (status("nextOffset") < status("logEnd")) {
      assertTrue(System.nanoTime() < deadline, get("/archive"));
      TimeUnit.MILLISECONDS.sleep(20);
    }
    List<Long> rows = rows();
    assertEquals(logged(), rows);
    assertTrue(rows.containsAll(accepted));
    assertEquals(seq, accepted.size());

    send(seq);
    long from = System.nanoTime();
    process.destroy();
    assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from) < 5_000);
  }

  private void start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--port",
            "0",
            "--data",
            folder.toString(),
            "--roll-interval",
            "10");
    http = HttpClient.newHttpClient();
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains("health")) {
        url = line.substring(line.indexOf("http")).replace("/health", "");
        return;
      }
    }
    throw new AssertionError("the emulator did not start");
  }

  /** Sends a few records, and returns the last one's seq. */
  private long send(long seq) throws IOException, InterruptedException {
    List<String> records = new ArrayList<>();
    long next = seq;
    for (int i = 0; i < 20; i++) {
      next++;
      records.add(
          """
          {"verb":"thing.deleted","store":"things","payload":{"$id":"c"},"ts":1,"timestamp":"t",\
          "idempotencyKey":"k%d","ns":"a","epoch":1,"seq":%d,"entityId":"c",\
          "entityType":"C","version":1}"""
              .formatted(next, next));
    }
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url + "/pipelines/events"))
                .POST(HttpRequest.BodyPublishers.ofString("[" + String.join(",", records) + "]"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    for (long accept = seq + 1; accept <= next; accept++) {
      accepted.add(accept);
    }
    return next;
  }

  private double status(String field) throws IOException, InterruptedException {
    return new JsoniterJson().parse(get("/archive")).number(field);
  }

  private List<Long> logged() throws IOException, InterruptedException {
    List<Long> seqs = new ArrayList<>();
    while (true) {
      JsonArray records =
          new JsoniterJson().parseArray(get("/pipelines/events?from=" + seqs.size()));
      if (records.size() == 0) {
        return seqs;
      }
      for (int i = 0; i < records.size(); i++) {
        seqs.add((long) records.object(i).number("seq"));
      }
    }
  }

  private List<Long> rows() throws IOException {
    List<Long> seqs = new ArrayList<>();
    try (RESTCatalog catalog = new RESTCatalog()) {
      catalog.initialize(
          "test",
          Map.of(
              "uri",
              url + "/iceberg",
              "io-impl",
              HttpObjects.class.getName(),
              "rest-metrics-reporting-enabled",
              "false"));
      try (CloseableIterable<Record> rows =
          IcebergGenerics.read(catalog.loadTable(TableIdentifier.of("unified_storage", "events")))
              .select("seq")
              .build()) {
        rows.forEach(row -> seqs.add((Long) row.getField("seq")));
      }
    }
    seqs.sort(null);
    return seqs;
  }

  private String get(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(url + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
