package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.emulator.archive.ArchiveReader;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.StoreObserver;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * What all objects of one emulator share.
 *
 * @param writer what identifies the emulator's data among all that write to the same stream
 * @param vars the Worker's vars, as given by {@code --set}
 * @param pipeline the Pipeline for one object, which renders records with the object's own JSON
 * @param observers the log of one namespace
 * @param archive the archive's reader for one object, given the object's event loop; null for none
 * @param waiting told how many more requests wait for an answer whose senders cannot move virtual
 *     time, or, negative, how many fewer
 * @param access who may, for one object, given the object's event loop; gives null where no token
 *     is asked for
 * @param directory where stores are listed; null for nowhere
 */
public record ObjectHost(
    String writer,
    Map<String, String> vars,
    StoreFiles files,
    EmulatorAlarms alarms,
    Function<Json, Pipeline> pipeline,
    Scheduler scheduler,
    Executor executor,
    Function<String, StoreObserver> observers,
    Function<Executor, ArchiveReader> archive,
    IntConsumer waiting,
    Function<Executor, AccessPolicy> access,
    EmulatorDirectory directory) {

  /** Objects whose clients are asked for nothing. */
  public ObjectHost(
      String writer,
      Map<String, String> vars,
      StoreFiles files,
      EmulatorAlarms alarms,
      Function<Json, Pipeline> pipeline,
      Scheduler scheduler,
      Executor executor,
      Function<String, StoreObserver> observers,
      Function<Executor, ArchiveReader> archive,
      IntConsumer waiting) {
    this(
        writer,
        vars,
        files,
        alarms,
        pipeline,
        scheduler,
        executor,
        observers,
        archive,
        waiting,
        loop -> null,
        null);
  }
}
