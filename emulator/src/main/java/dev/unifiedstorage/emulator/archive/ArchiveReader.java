package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.IcebergReader;

/** The archive as one object sees it; its methods are the event loop's. */
public interface ArchiveReader extends IcebergReader {
  /** Ends all reads: the object's event loop runs nothing of this store's any more. */
  void cancelAll();
}
