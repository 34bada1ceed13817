package dev.unifiedstorage.port;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The archive: the Iceberg table that the Pipeline's sink fills, some time after the send.
 *
 * <p>A read sees one snapshot of the table. Rows arrive ordered by ({@code epoch}, {@code seq},
 * {@code life}); one may come more than once, because a sink repeats. An absent or unreadable table
 * is an error, never an empty answer; a table without rows of the namespace is a complete, empty
 * answer.
 */
public interface IcebergReader {
  /**
   * Streams what a query asks for.
   *
   * @return a handle that stops the read; no visitor is called after it was cancelled
   */
  Read read(Query query, Visitor visitor);

  /**
   * Which rows of a namespace; its fences always come too, whatever the bounds on seqs and ids say.
   *
   * @param afterSeq rows with a seq over this one; of a packed row it is the first event's
   * @param untilSeq and up to this one; infinite for all
   * @param entityIds events of these only, and every packed row, because a reader does not look
   *     into those; null for all
   * @param positionsOnly whether {@code epoch}, {@code life}, {@code seq} and {@code events} are
   *     enough: everything else is then null or 0, and the read is much cheaper
   * @param sinceMs rows that came into the table before this moment need not come, fences included;
   *     0 for all. Files and partitions that are older are not opened, so that a read costs the
   *     same however old the table is
   */
  record Query(
      String namespace,
      double afterSeq,
      double untilSeq,
      @Nullable Set<String> entityIds,
      boolean positionsOnly,
      double sinceMs) {

    /** Whenever they came. */
    public Query(
        String namespace,
        double afterSeq,
        double untilSeq,
        @Nullable Set<String> entityIds,
        boolean positionsOnly) {
      this(namespace, afterSeq, untilSeq, entityIds, positionsOnly, 0);
    }

    /** Whether bounds and ids let a row of the namespace come. */
    public boolean wants(ArchivedEvent row) {
      return row.seq() == 0
          || row.seq() > afterSeq
              && row.seq() <= untilSeq
              && (row.events() > 0 || isOneOf(row.entityId()));
    }

    private boolean isOneOf(@Nullable String entityId) {
      return entityIds == null || entityId != null && entityIds.contains(entityId);
    }

    /** The same of the rows that came since a moment. */
    public Query since(double ms) {
      return new Query(namespace, afterSeq, untilSeq, entityIds, positionsOnly, ms);
    }

    /** Where the events after {@code afterSeq} are. */
    public static Query positions(String namespace, double afterSeq) {
      return new Query(namespace, afterSeq, Double.POSITIVE_INFINITY, null, true);
    }

    /** The fences alone. */
    public static Query fences(String namespace) {
      return new Query(namespace, 0, 0, null, false);
    }

    /** The events after {@code afterSeq}. */
    public static Query events(String namespace, double afterSeq) {
      return new Query(namespace, afterSeq, Double.POSITIVE_INFINITY, null, false);
    }

    /** The events of some things up to {@code untilSeq}. */
    public static Query of(String namespace, @Nullable Set<String> entityIds, double untilSeq) {
      return new Query(namespace, 0, untilSeq, entityIds, false);
    }
  }

  /** Receives the rows; after {@code completed} or {@code failed} nothing more comes. */
  interface Visitor {
    /** One row. */
    void event(ArchivedEvent event);

    /**
     * The read is at work, although no row may have come yet: a reader that sorts says so now and
     * then.
     *
     * @param rows how many rows of the table it has looked at so far
     */
    void progress(double rows);

    /**
     * Every row of the snapshot has come.
     *
     * @param upToDate whether that is known to be all that the Pipeline had accepted when this
     *     process began; a reader that cannot know says true
     */
    void completed(boolean upToDate);

    /**
     * The archive could not be read whole.
     *
     * @param error a sentence that names what is wrong
     */
    void failed(String error);
  }

  /** A read under way. */
  interface Read {
    /** Ends it; what was on its way may still come, and is to be passed over. */
    void cancel();
  }
}
