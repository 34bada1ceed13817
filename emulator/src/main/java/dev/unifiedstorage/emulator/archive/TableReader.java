package dev.unifiedstorage.emulator.archive;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/** The Iceberg table as one object sees it, answering on the object's event loop. */
final class TableReader implements ArchiveReader {
  private final Archive archive;
  private final Executor loop;
  private final Set<ArchiveRead> underWay = new LinkedHashSet<>();

  /**
   * @param loop runs tasks on the object's event loop, in order
   */
  TableReader(Archive archive, Executor loop) {
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

  @Override
  public void cancelAll() {
    underWay.forEach(ArchiveRead::cancel);
    underWay.clear();
  }
}
