package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.JsonWriter;

/**
 * What became of one operation.
 *
 * <p>The seq is the last event whose effect the outcome shows: the reply waits until it is durable.
 */
public sealed interface Outcome {
  double seq();

  /** A create or an update was applied. */
  record Written(String id, double version, double seq) implements Outcome {}

  /**
   * What a read shows.
   *
   * @param things a JSON object: things by id
   */
  record Found(JsonWriter things, double seq) implements Outcome {}

  /** A delete was applied, or found nothing to delete; or a ping. */
  record Done(double seq) implements Outcome {}

  record Refused(Refusal refusal, double seq) implements Outcome {}
}
