package dev.unifiedstorage.emulator.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPipelineTest {
  @TempDir Path folder;
  private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
  private EmbeddedPipeline pipeline;

  /** A record and what becomes of its send: "ok" or the error. */
  private static final class Outcome extends CompletableFuture<String> implements Completion {
    @Override
    public void succeeded() {
      assertTrue(complete("ok"));
    }

    @Override
    public void failed(String error) {
      assertTrue(complete(error));
    }

    String await() throws Exception {
      return get(10, TimeUnit.SECONDS);
    }
  }

  private record TextRecord(String text) implements PipelineRecord {
    @Override
    public JsonObject toObject(Json json) {
      return json.parse(text);
    }

    @Override
    public void writeTo(JsonWriter writer) {
      writer.raw(text);
    }
  }

  @BeforeEach
  void open() {
    pipeline = new EmbeddedPipeline(folder, observer());
  }

  @AfterEach
  void close() throws InterruptedException {
    pipeline.close();
    assertEquals(List.of(), errors);
  }

  @Test
  void acceptedSendsAreReadBackAlsoByTheNextProcess() throws Exception {
    Pipeline events = pipeline.stream(EmbeddedPipeline.EVENTS, new JsoniterJson());
    Outcome first = new Outcome();
    events.send(List.of(new TextRecord("{\"a\":1}"), new TextRecord("{\"a\":2}")), first);
    assertEquals("ok", first.await());
    assertEquals(List.of("{\"a\":1}", "{\"a\":2}"), all());
    assertEquals(
        "{\"a\":1}\n{\"a\":2} \n",
        Files.readString(folder.resolve("events/00000000000000000000.jsonl")));
    pipeline.close();
    Outcome late = new Outcome();
    events.send(List.of(new TextRecord("{}")), late);
    assertEquals("the Pipeline is shut down", late.await());
    open();
    assertEquals(List.of("{\"a\":1}", "{\"a\":2}"), all());
  }

  @Test
  void sendsOfManyObjectsShareTheLogAndKeepTheirOrder() throws Exception {
    List<Thread> objects = new ArrayList<>();
    for (int o = 0; o < 8; o++) {
      int object = o;
      objects.add(
          new Thread(
              () -> {
                List<Outcome> outcomes = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                  Outcome outcome = new Outcome();
                  outcomes.add(outcome);
                  pipeline.send(
                      "events", List.of("{\"o\":" + object + ",\"i\":" + i + "}"), outcome);
                }
                outcomes.forEach(outcome -> assertEquals("ok", outcome.join()));
              }));
    }
    objects.forEach(Thread::start);
    for (Thread object : objects) {
      object.join();
    }
    List<String> all = all();
    assertEquals(1600, new HashSet<>(all).size());
    for (int o = 0; o < 8; o++) {
      String prefix = "{\"o\":" + o + ",";
      List<String> own = all.stream().filter(record -> record.startsWith(prefix)).toList();
      for (int i = 0; i < 200; i++) {
        assertEquals(prefix + "\"i\":" + i + "}", own.get(i));
      }
    }
  }

  @Test
  void aStreamWithoutASendIsEmptyAndMakesNoFile() throws IOException {
    assertEquals(List.of(), pipeline.read("nothing", 0, 10, 1000));
    assertFalse(Files.exists(folder.resolve("nothing")));
  }

  @Test
  void aStreamThatCannotBeWrittenFailsItsSends() throws Exception {
    Files.writeString(folder.resolve("blocked"), "a file where the folder should be");
    Outcome outcome = new Outcome();
    pipeline.send("blocked", List.of("{}"), outcome);
    assertTrue(outcome.await().contains("stream blocked"), outcome.await());
    assertEquals(1, errors.size());
    errors.clear();
    Outcome other = new Outcome();
    pipeline.send("fine", List.of("{}"), other);
    assertEquals("ok", other.await());
  }

  @Test
  void faultsStandBeforeEverySend() throws Exception {
    ManualScheduler scheduler = new ManualScheduler();
    Faults faults = new Faults(scheduler);
    Pipeline events = faults.before(pipeline.stream(EmbeddedPipeline.EVENTS, new JsoniterJson()));

    faults.pipeline(Faults.PipelineMode.REJECT, 0);
    assertTrue(send(events, 1).await().startsWith("503"));
    assertEquals(List.of(), all());

    faults.pipeline(Faults.PipelineMode.DUPLICATE, 0);
    assertTrue(send(events, 2).await().startsWith("503"));
    assertEquals(List.of("{\"n\":2}"), all());

    faults.pipeline(Faults.PipelineMode.HANG, 0);
    Outcome hung = send(events, 3);
    faults.pipeline(Faults.PipelineMode.REJECT, 500);
    Outcome late = send(events, 4);
    scheduler.advance(499);
    assertFalse(late.isDone());
    scheduler.advance(1);
    assertTrue(late.await().startsWith("503"));
    assertFalse(hung.isDone());

    faults.pipeline(Faults.PipelineMode.OK, 0);
    assertEquals("ok", send(events, 5).await());
    assertEquals(List.of("{\"n\":2}", "{\"n\":5}"), all());
  }

  private static Outcome send(Pipeline events, int n) {
    Outcome outcome = new Outcome();
    events.send(List.of(new TextRecord("{\"n\":" + n + "}")), outcome);
    return outcome;
  }

  private List<String> all() throws IOException {
    return pipeline.read(EmbeddedPipeline.EVENTS, 0, 10_000, 1 << 20);
  }

  private StoreObserver observer() {
    return new StoreObserver() {
      @Override
      public void info(String message) {}

      @Override
      public void warning(String message) {}

      @Override
      public void error(String message) {
        errors.add(message);
      }
    };
  }
}
