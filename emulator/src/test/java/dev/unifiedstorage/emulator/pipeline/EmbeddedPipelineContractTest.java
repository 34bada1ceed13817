package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.contract.PipelineContract;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.fixture.StrictObserver;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Pipeline;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPipelineContractTest extends PipelineContract {
  @TempDir Path folder;
  private final Faults faults = new Faults(new ManualScheduler());
  private EmbeddedPipeline pipeline;

  @BeforeEach
  void open() {
    pipeline = new EmbeddedPipeline(folder, new StrictObserver());
  }

  @AfterEach
  void close() throws InterruptedException {
    pipeline.close();
  }

  @Override
  protected Pipeline pipeline() {
    return faults.before(pipeline.stream(EmbeddedPipeline.EVENTS, new JsoniterJson()));
  }

  @Override
  protected void breakIt() {
    faults.pipeline(Faults.PipelineMode.REJECT, 0);
  }

  @Override
  protected List<String> stored() throws Exception {
    return pipeline.read(EmbeddedPipeline.EVENTS, 0, 10_000, 100_000_000);
  }
}
