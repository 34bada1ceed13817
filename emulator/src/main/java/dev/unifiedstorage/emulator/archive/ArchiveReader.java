package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.IcebergReader;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The archive as one object sees it: core's port, answering on the object's event loop.
 *
 * <p>Its methods are the event loop's.
 */
public final class ArchiveReader implements IcebergReader {
  private final Archive archive;
  private final Executor loop;
  private final Set<ArchiveRead> underWay = new LinkedHashSet<>();

  /**
   * @param loop runs tasks on the object's event loop, in order
   */
  ArchiveReader(Archive archive, Executor loop) {
    this.archive = archive;
    this.loop = loop;
  }

  @Override
  public Read read(Query query, Visitor visitor) {
    ArchiveRead read = new ArchiveRead(query, visitor, loop, underWay::remove);
    underWay.add(read);
    archive.run(read);
    return () -> {
      underWay.remove(read);
      read.cancel();
    };
  }

  /** Ends all reads: the object's event loop runs nothing of this store's any more. */
  public void cancelAll() {
    underWay.forEach(ArchiveRead::cancel);
    underWay.clear();
  }
}
