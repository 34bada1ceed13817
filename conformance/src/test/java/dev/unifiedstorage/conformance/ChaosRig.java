package dev.unifiedstorage.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** A server with its Pipeline, in one of the two durabilities, as the chaos soak handles it. */
sealed interface ChaosRig extends AutoCloseable {
  /** What the Pipeline does to sends. */
  enum Fault {
    OK,
    REJECT,
    HANG,
    DUPLICATE,
    DELAY;

    static final int DELAY_MS = 120;
  }

  StoreServer server();

  /** Starts the dead server again over the same data, perhaps with other vars. */
  void startAgain(Setup setup) throws IOException;

  void pipeline(Fault fault) throws IOException;

  /** Checks what is outside of the store: that it has everything, and leads to the same state. */
  void assertComplete(LoadedStore store) throws Exception;

  @Override
  void close() throws IOException;

  /** Durability {@code local}: the Pipeline is a sink that keeps every record. */
  static ChaosRig local(Setup setup, Path directory) throws IOException {
    PipelineSink sink = new PipelineSink();
    try {
      Setup complete = setup.sendingTo(sink).with("DURABILITY", "local");
      return new Local(StoreServer.start(complete, directory.resolve("data")), sink);
    } catch (IOException | RuntimeException e) {
      sink.close();
      throw e;
    }
  }

  /** Durability {@code pipeline}: what is not checkpointed is in a lagging archive alone. */
  static ChaosRig pipeline(Setup setup, Path directory) throws IOException {
    Setup complete = setup.with("DURABILITY", "pipeline");
    return new Archived(ArchivedServer.start(complete, directory, Archived.LAG));
  }

  /** See {@link #local}. */
  record Local(StoreServer server, PipelineSink sink) implements ChaosRig {
    @Override
    public void startAgain(Setup setup) throws IOException {
      server.startAgain(setup.sendingTo(sink).with("DURABILITY", "local"));
    }

    @Override
    public void pipeline(Fault fault) {
      sink.delay(Duration.ofMillis(fault == Fault.DELAY ? Fault.DELAY_MS : 0));
      sink.mode(
          fault == Fault.DELAY ? PipelineSink.Mode.OK : PipelineSink.Mode.valueOf(fault.name()));
    }

    @Override
    public void assertComplete(LoadedStore store) throws Exception {
      store.assertDelivered(server, () -> sink.log(store.namespace()));
    }

    @Override
    public void close() throws IOException {
      server.close();
      sink.close();
    }
  }

  /** See {@link #pipeline}. */
  record Archived(ArchivedServer archived) implements ChaosRig {
    private static final Duration LAG = Duration.ofSeconds(1);

    @Override
    public StoreServer server() {
      return archived.server();
    }

    @Override
    public void startAgain(Setup setup) throws IOException {
      archived.startAgain(setup.with("DURABILITY", "pipeline"), LAG);
    }

    @Override
    public void pipeline(Fault fault) throws IOException {
      boolean delay = fault == Fault.DELAY;
      archived.faultPipeline(
          delay ? "ok" : fault.name().toLowerCase(Locale.ROOT), delay ? Fault.DELAY_MS : 0);
    }

    @Override
    public void assertComplete(LoadedStore store) throws Exception {
      server().http().json("POST", "/stores/" + store.namespace() + "/rebuild", "");
      store.settle(server());
    }

    @Override
    public void close() throws IOException {
      archived.close();
    }
  }
}
