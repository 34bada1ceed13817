package dev.unifiedstorage.port;

/**
 * The archive: the Iceberg table that the Pipeline's sink fills, some time after the send.
 *
 * <p>A read sees one snapshot of the table. Rows arrive ordered by ({@code epoch}, {@code seq});
 * one may come more than once, because a sink repeats. An absent or unreadable table is an error,
 * never an empty answer; a table without rows of the namespace is a complete, empty answer.
 */
public interface IcebergReader {
  /**
   * Streams the namespace's events with a seq over {@code afterSeq}, and all of its fences.
   *
   * @return a handle that stops the read; no visitor is called after it was cancelled
   */
  Read read(String namespace, double afterSeq, Visitor visitor);

  /** Receives the rows; after {@code completed} or {@code failed} nothing more comes. */
  interface Visitor {
    void event(ArchivedEvent event);

    void completed();

    void failed(String error);
  }

  /** A read under way. */
  interface Read {
    void cancel();
  }
}
