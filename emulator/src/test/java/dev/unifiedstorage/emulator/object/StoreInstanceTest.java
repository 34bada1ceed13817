package dev.unifiedstorage.emulator.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreInstanceTest {
  @TempDir Path folder;

  private ObjectHost host(Pipeline pipeline) {
    StoreObserver silent = new SilentObserver();
    return new ObjectHost(
        "test",
        Map.of("DURABILITY", "pipeline"),
        new StoreFiles(folder),
        new EmulatorAlarms(folder.resolve("platform.sqlite")),
        json -> pipeline,
        new ManualScheduler(),
        Runnable::run,
        namespace -> silent,
        null,
        more -> {});
  }

  /** Its writes were acknowledged behind the last checkpoint, and gone after the next start. */
  @Test
  void aRequestBehindTheLastCheckpointIsRefused() {
    ObjectHost host = host((records, completion) -> completion.succeeded());
    EmulatedDurableObject object =
        new EmulatedDurableObject("stops", host, Siblings.NONE, namespace -> {});
    List<Integer> statuses = new ArrayList<>();
    Route stats = Route.parse("GET", "/stores/stops/stats", false);
    object.request(HttpRequest.of(stats), (status, type, body) -> statuses.add(status));
    object.prepareStop(saved -> statuses.add((int) saved.rowsWritten()));
    object.request(HttpRequest.of(stats), (status, type, body) -> statuses.add(status));
    assertEquals(List.of(200, 0, 503), statuses);
    object.stop(() -> statuses.add(0));
    assertEquals(4, statuses.size());
  }

  /** The checkpoint may not have had its turn, and what comes must not wake the object again. */
  @Test
  void aRequestBehindAStopWithoutACheckpointIsRefused() {
    ObjectHost host = host((records, completion) -> completion.succeeded());
    EmulatedDurableObject object =
        new EmulatedDurableObject("stops", host, Siblings.NONE, namespace -> {});
    List<Integer> statuses = new ArrayList<>();
    Route stats = Route.parse("GET", "/stores/stops/stats", false);
    object.stop(() -> statuses.add(0));
    object.request(HttpRequest.of(stats), (status, type, body) -> statuses.add(status));
    assertEquals(List.of(0, 503), statuses);
  }

  /** It got no reply, and its client waited without end. */
  @Test
  void aRequestOverWhichTheStoreBreaksIsAnsweredOnce() {
    List<String> replies = new ArrayList<>();
    ObjectHost host =
        host(
            (records, completion) -> {
              throw new StackOverflowError("broken");
            });
    EmulatedDurableObject object =
        new EmulatedDurableObject("broken", host, Siblings.NONE, namespace -> {});
    StoreInstance instance = new StoreInstance(object, "broken", host, dueMs -> {});
    instance
        .store()
        .onStart(
            new Completion() {
              @Override
              public void succeeded() {}

              @Override
              public void failed(String error) {
                throw new AssertionError(error);
              }
            });
    String create = "{\"id\":\"c\",\"type\":\"create\",\"$type\":\"T\",\"data\":{}}";
    assertThrows(
        StackOverflowError.class, () -> instance.message(replies::add, create), "for the log");
    assertEquals(1, replies.size());
    assertTrue(replies.get(0).startsWith("{\"id\":\"c\",\"status\":\"error\""), replies.get(0));
    assertTrue(replies.get(0).contains("\"code\":\"INTERNAL_ERROR\""), replies.get(0));
    instance.message(replies::add, "{\"id\":2,\"type\":\"ping\"}");
    assertEquals("{\"id\":2,\"status\":\"ok\"}", replies.get(1));
    instance.drop();
  }
}
