package dev.unifiedstorage.layout;

/**
 * When the store was sent whole to the Pipeline last.
 *
 * @param seq the event behind which that was, 0 when it never was
 * @param atMs when it was begun, or when it was first looked at whether it should be; 0 for neither
 */
public record SnapshotMark(double seq, double atMs) {
  /** Of a store that has not asked itself yet. */
  public static final SnapshotMark NONE = new SnapshotMark(0, 0);
}
