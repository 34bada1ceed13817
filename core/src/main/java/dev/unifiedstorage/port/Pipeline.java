package dev.unifiedstorage.port;

import java.util.List;

/**
 * A Cloudflare Pipeline's stream, or what stands in for it.
 *
 * <p>Success means that every record is durable there. Failure means nothing: the records may have
 * been stored all the same, so the caller repeats them unchanged and readers drop duplicates by
 * ({@code ns}, {@code epoch}, {@code seq}). It may also never answer; the caller keeps its own
 * deadline and ignores what comes after it.
 */
public interface Pipeline {
  /**
   * Sends records, which may be called back for at once or later, on the caller's event loop.
   *
   * @param records one or more; they do not change
   */
  void send(List<? extends PipelineRecord> records, Completion completion);
}
