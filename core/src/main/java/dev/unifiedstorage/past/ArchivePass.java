package dev.unifiedstorage.past;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One pass over rows of the archive.
 *
 * <p>It ends once: completed, failed, or cancelled; nothing is passed on behind its end. A row that
 * cannot be taken fails it. Who waits for it looks at {@link #rows} and {@link #takeHeard}, because
 * a pass may be slow but not silent.
 */
public final class ArchivePass {

  /** Where a pass ends: at most one of its methods is called, once. */
  public interface End {
    /**
     * Every row has been passed on.
     *
     * @param upToDate whether the sink had written everything that was in the Pipeline before
     */
    void completed(boolean upToDate);

    void failed(String error);

    /** One to which it is the same how far the sink has come. */
    static End of(Runnable completed, Consumer<String> failed) {
      return new End() {
        @Override
        public void completed(boolean upToDate) {
          completed.run();
        }

        @Override
        public void failed(String error) {
          failed.accept(error);
        }
      };
    }
  }

  private Optional<IcebergReader.Read> read = Optional.empty();
  private double rows;
  private boolean heard;
  private boolean ended;

  private final Rows visitor;

  public ArchivePass(Consumer<ArchivedEvent> taker, End end) {
    this.visitor = new Rows(taker, end);
  }

  /** Reads; the end may come before this returns. */
  public void start(IcebergReader archive, IcebergReader.Query query) {
    read = Optional.of(archive.read(query, visitor));
  }

  /** How many rows the reader has looked at, as far as it says. */
  public double rows() {
    return rows;
  }

  /** Whether anything was heard since the last call. */
  public boolean takeHeard() {
    boolean was = heard;
    heard = false;
    return was;
  }

  public void cancel() {
    ended = true;
    if (read.isPresent()) {
      read.get().cancel();
    }
  }

  private final class Rows implements IcebergReader.Visitor {
    private final Consumer<ArchivedEvent> taker;
    private final End end;

    Rows(Consumer<ArchivedEvent> taker, End end) {
      this.taker = taker;
      this.end = end;
    }

    @Override
    public void event(ArchivedEvent event) {
      heard = true;
      if (ended) {
        return;
      }
      try {
        taker.accept(event);
      } catch (RuntimeException e) {
        fail(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public void progress(double looked) {
      heard = true;
      rows = looked;
    }

    @Override
    public void completed(boolean upToDate) {
      heard = true;
      if (!ended) {
        ended = true;
        end.completed(upToDate);
      }
    }

    @Override
    public void failed(String error) {
      fail("the archive could not be read: " + error);
    }

    private void fail(String error) {
      if (!ended) {
        ended = true;
        end.failed(error);
      }
    }
  }
}
