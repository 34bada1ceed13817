package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.contract.PipelineContract;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Pipeline;
import java.util.List;

class MemoryPipelineContractTest extends PipelineContract {
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Faults faults = new Faults(scheduler);
  private final MemoryPipeline pipeline = new MemoryPipeline(scheduler);

  @Override
  protected Pipeline pipeline() {
    return faults.before(pipeline.stream(EmbeddedPipeline.EVENTS, new JsoniterJson()));
  }

  @Override
  protected void breakIt() {
    faults.pipeline(Faults.PipelineMode.REJECT, 0);
  }

  @Override
  protected List<String> stored() {
    return pipeline.read(EmbeddedPipeline.EVENTS, 0, 10_000, 100_000_000);
  }
}
