package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.query.Answer;
import org.jspecify.annotations.Nullable;

/**
 * What became of one operation.
 *
 * <p>The seq is the last event whose effect the outcome shows: the reply waits until it is durable.
 */
public sealed interface Outcome {
  double seq();

  /** A create, an update or a put was applied. */
  record Written(String id, double version, double seq) implements Outcome {}

  /**
   * The same, and the reply shows the thing.
   *
   * @param thing the thing, or null when the reply has no room for it
   */
  record Returned(String id, double version, @Nullable JsonWriter thing, double seq)
      implements Outcome {}

  /**
   * What a read shows.
   *
   * @param things a JSON object: things by id
   */
  record Found(JsonWriter things, double seq) implements Outcome {}

  /**
   * What a query found.
   *
   * @param at the moment that the answer is of, as a client names it
   */
  record Answered(Answer answer, boolean explain, String at, double seq) implements Outcome {}

  /**
   * A subscription was begun.
   *
   * @param changes whether it goes on from a moment, and does not begin with everything
   */
  record Subscribed(String sub, boolean changes) implements Outcome {
    @Override
    public double seq() {
      return 0;
    }
  }

  /** A delete was applied, or found nothing to delete; or a check held; or a ping. */
  record Done(double seq) implements Outcome {}

  record Refused(Refusal refusal, double seq) implements Outcome {}
}
