package dev.unifiedstorage.past;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.snapshot.SnapshotChoice;
import dev.unifiedstorage.snapshot.SnapshotHead;
import dev.unifiedstorage.snapshot.SnapshotLook;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether a store could be rebuilt without the rows that came before a moment: a snapshot that was
 * begun since then is whole, and the path of the newest life goes through it.
 *
 * <p>The fences of all times are looked at, so that a snapshot of a life that was left does not
 * count.
 */
public final class SnapshotCover {
  private final IcebergReader archive;
  private final String namespace;
  private final Json json;
  private final SnapshotChoice choice;
  private final Consumer<Optional<String>> told;

  private SnapshotCover(
      IcebergReader archive,
      String namespace,
      double beforeMs,
      Json json,
      Consumer<Optional<String>> told) {
    this.archive = archive;
    this.namespace = namespace;
    this.json = json;
    this.told = told;
    this.choice = SnapshotChoice.since(namespace, beforeMs, json);
  }

  /**
   * Looks.
   *
   * @param told receives, once, why the rows are needed; empty when they are not
   */
  public static void look(
      IcebergReader archive,
      String namespace,
      double beforeMs,
      Json json,
      Consumer<Optional<String>> told) {
    new SnapshotCover(archive, namespace, beforeMs, json, told).look();
  }

  private void look() {
    SnapshotLook.next(
        choice,
        this::pass,
        head -> {
          if (head.isPresent()) {
            lookForPath(head.get());
          } else {
            told.accept(Optional.of("no whole snapshot was begun since"));
          }
        });
  }

  private void lookForPath(SnapshotHead head) {
    Fences fences = new Fences(json);
    fences.notice(head);
    pass(
        IcebergReader.Query.fences(namespace),
        fences::notice,
        () -> {
          double newest = fences.newestOf("");
          double ever = Double.POSITIVE_INFINITY;
          if (fences.missing(newest) == 0 && head.isOnPath(fences.whole(newest), ever)) {
            told.accept(Optional.empty());
          } else {
            choice.passOver();
            look();
          }
        });
  }

  private void pass(IcebergReader.Query query, Consumer<ArchivedEvent> taker, Runnable completed) {
    ArchivePass.End end = ArchivePass.End.of(completed, error -> told.accept(Optional.of(error)));
    new ArchivePass(taker, end).start(archive, query);
  }
}
