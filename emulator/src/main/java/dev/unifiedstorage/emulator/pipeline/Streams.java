package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Pipeline;
import java.io.IOException;
import java.util.List;

/** The streams of an account: what was accepted by each, in order, with an offset a record. */
public interface Streams {
  /** One stream as the port, for objects that live in the same process. */
  Pipeline stream(String stream, Json json);

  /** Sends records that are JSON texts without raw line breaks, each of one object. */
  void send(String stream, List<String> records, Completion completion);

  /** Accepted records of a stream from an offset on, as their JSON texts. */
  List<String> read(String stream, long from, int limit, long maxBytes) throws IOException;

  /** The offset of the oldest record that a stream still has. */
  long first(String stream) throws IOException;

  /** The offset that the next accepted record of a stream gets. */
  long end(String stream) throws IOException;

  /** Ends it; what is sent afterwards fails. */
  void close() throws InterruptedException;
}
