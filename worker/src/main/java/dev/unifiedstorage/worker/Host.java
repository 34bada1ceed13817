package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/**
 * The Durable Object around the core, as {@code js-glue} brings it.
 *
 * <p>No method throws: an exception of the platform comes back as the text of an error, because an
 * exception that crosses the two languages is the one thing the two compiled forms do differently.
 */
interface Host extends JSObject {
  /** The platform's id of the object. */
  String writer();

  /** Starts one statement of {@code storage.sql}; {@code bindings} is an array. */
  SqlRun sqlExec(String sql, JSObject bindings);

  /**
   * Runs {@code body} in {@code transactionSync}, which is rolled back when it returns false.
   *
   * @return the platform's error, or null
   */
  String sqlTransaction(TransactionBody body);

  /**
   * Hands an array of records to the Pipeline, or to the dead-letter one.
   *
   * @param needed whether it is an error that none is bound
   */
  void send(boolean deadLetters, JSObject records, Ending ending, boolean needed);

  boolean hasDeadLetters();

  JSObject startTimer(double delayMs, Task task);

  void stopTimer(JSObject timer);

  /** False when the object's class has no {@code alarm()}. */
  boolean setAlarm(double epochMs);

  boolean hasArchive();

  /**
   * Starts a read of the archive; the handle is for {@link #stopArchive}.
   *
   * @param entityIds an array, or null for all
   */
  JSObject readArchive(
      String namespace,
      double afterSeq,
      double untilSeq,
      HostArray entityIds,
      boolean positionsOnly,
      double sinceMs,
      ArchiveRows rows,
      ArchiveProgress progress,
      Ending ending);

  void stopArchive(JSObject read);

  /** Visits the sockets that the platform keeps for the object. */
  void eachSocket(SocketVisitor visitor);

  /** Hands a text to the object of another namespace. */
  void tell(String namespace, String text, Told told);

  /** Null where no JSON Web Tokens are taken. */
  Tokens tokens();

  /** Whether a directory of all stores is bound. */
  boolean hasDirectory();

  /** Has the directory list a store, or no more. */
  void tellDirectory(boolean listed, String namespace, double createdAtMs, Ending ending);

  /** Whether a dataset of figures is bound. */
  boolean hasMetrics();

  /**
   * Hands a row of figures to it.
   *
   * @param blobs an array of texts
   * @param doubles an array of numbers
   * @return the platform's error, or null
   */
  String writePoint(String index, HostArray blobs, HostArray doubles);

  /** Whether spans are followed. */
  boolean hasTracing();

  /** Begins a span; a span that does nothing when the platform refuses. */
  HostSpan beginSpan(String name);

  /** Writes to the Worker's log: 0 is information, 1 a warning, 2 an error. */
  void log(int level, String message);
}
