package dev.unifiedstorage.port;

/** Where a store leaves its figures, one row a checkpoint. */
public interface DataPoints {
  /**
   * Takes a row; what becomes of it is not told.
   *
   * @throws RuntimeException when it cannot be taken: no reply waits for it, so a lost row is only
   *     a line in the log
   */
  void write(DataPoint point);
}
