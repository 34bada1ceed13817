package dev.unifiedstorage.snapshot;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds the next snapshot of a choice of which all parts are there. */
public final class SnapshotLook {
  /** Reads the archive for who looks. */
  public interface Passes {
    /**
     * One pass over rows.
     *
     * @param completed is run behind the last row, unless the pass has failed
     */
    void pass(IcebergReader.Query query, Consumer<ArchivedEvent> rows, Runnable completed);
  }

  private final SnapshotChoice choice;
  private final Passes passes;
  private final Consumer<Optional<SnapshotHead>> ended;

  private SnapshotLook(
      SnapshotChoice choice, Passes passes, Consumer<Optional<SnapshotHead>> ended) {
    this.choice = choice;
    this.passes = passes;
    this.ended = ended;
  }

  /**
   * Looks.
   *
   * @param ended receives the one that is chosen then, or that there is none
   */
  public static void next(
      SnapshotChoice choice, Passes passes, Consumer<Optional<SnapshotHead>> ended) {
    new SnapshotLook(choice, passes, ended).look();
  }

  private void look() {
    if (choice.mustLook()) {
      passes.pass(choice.heads(), choice::notice, this::look);
    } else if (choice.chosen().isEmpty()) {
      ended.accept(Optional.empty());
    } else {
      passes.pass(choice.positions(), choice::noticePart, this::counted);
    }
  }

  private void counted() {
    if (choice.isWhole()) {
      ended.accept(choice.chosen());
    } else {
      choice.lacksParts();
      look();
    }
  }
}
