package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.contract.TimersContract;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.fixture.StrictObserver;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.Timers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class StoreInstanceTimersContractTest extends TimersContract {
  @TempDir Path folder;
  private final ManualScheduler scheduler = new ManualScheduler();
  private StoreInstance instance;

  @BeforeEach
  void open() {
    ObjectHost host =
        new ObjectHost(
            "test",
            Map.of("DURABILITY", "local"),
            new StoreFiles(folder),
            new EmulatorAlarms(folder.resolve("platform.sqlite")),
            json -> (records, completion) -> completion.succeeded(),
            scheduler,
            Runnable::run,
            namespace -> new StrictObserver(),
            null,
            more -> {});
    EmulatedDurableObject object =
        new EmulatedDurableObject("timed", host, Siblings.NONE, namespace -> {});
    instance = new StoreInstance(object, "timed", host, dueMs -> {});
    instance.store().onStart(new Ignored());
  }

  private static final class Ignored implements Completion {
    @Override
    public void succeeded() {}

    @Override
    public void failed(String error) {
      throw new AssertionError(error);
    }
  }

  @AfterEach
  void close() {
    instance.drop();
  }

  @Override
  protected Timers timers() {
    return instance;
  }

  @Override
  protected void advance(int ms) {
    scheduler.advance(ms);
  }
}
