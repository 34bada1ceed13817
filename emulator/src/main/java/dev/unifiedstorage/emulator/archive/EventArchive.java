package dev.unifiedstorage.emulator.archive;

import java.io.IOException;
import java.util.concurrent.Executor;

/** What the stream {@code events} becomes some time after it was accepted, and who reads it. */
public interface EventArchive {
  /** Lets events land from now on. */
  void start() throws IOException;

  /** The port of one object, whose callbacks run by {@code loop}. */
  ArchiveReader reader(Executor loop);

  /** Whether every record that the Pipeline holds has landed. */
  boolean hasEverything() throws IOException;

  /** How many records it has dropped since the process began, because they did not fit. */
  long dropped();

  /**
   * Takes note that the objects begin anew: a read is up to date when it shows what the Pipeline
   * held by now.
   */
  void objectsBeginAnew() throws IOException;

  /** Stops it where it is; what has not landed is in the Pipeline. */
  void close() throws InterruptedException;
}
