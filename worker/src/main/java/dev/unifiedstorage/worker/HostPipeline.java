package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.List;

/** A Pipeline binding: one {@code send()} a batch. */
final class HostPipeline implements Pipeline {
  private final Host host;
  private final Life life;
  private final Json json;
  private final boolean deadLetters;
  private final boolean needed;

  /**
   * @param needed whether a send fails where nothing is bound; its records go nowhere otherwise
   */
  HostPipeline(Host host, Life life, Json json, boolean deadLetters, boolean needed) {
    this.host = host;
    this.life = life;
    this.json = json;
    this.deadLetters = deadLetters;
    this.needed = needed;
  }

  @Override
  public void send(List<? extends PipelineRecord> records, Completion completion) {
    HostArray array = HostArray.create();
    for (PipelineRecord record : records) {
      array.push(((HostObject) record.toObject(json)).value());
    }
    host.send(deadLetters, array, life.ending(completion), needed);
  }
}
