package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.query.Candidate;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has become of one thing since the last push, or what it is now.
 *
 * <p>It is parsed and printed at most once for all subscriptions.
 */
final class Change {
  private final String id;
  private final @Nullable Candidate before;
  private @Nullable Candidate after;
  private @Nullable String member;
  private int bytes;

  /**
   * @param before null when there was none, as {@code after} when there is none now
   */
  Change(String id, @Nullable Thing before, @Nullable Thing after, Upcasts upcasts) {
    this.id = id;
    this.before = before == null ? null : new Candidate(before, upcasts);
    become(after, upcasts);
  }

  /** There is a later version. */
  void become(@Nullable Thing thing, Upcasts upcasts) {
    after = thing == null ? null : new Candidate(thing, upcasts);
  }

  String id() {
    return id;
  }

  @Nullable Thing thing() {
    return after == null ? null : after.thing();
  }

  boolean concerns(Selection selection) {
    return selection.concerns(id, thing())
        || (before != null && selection.concerns(id, before.thing()));
  }

  /** Whether there is a thing that is selected, and shown to a client. */
  boolean matches(Selection selection, Grant grant) {
    return after != null && grant.tellsOf(after.thing().type()) && selection.matches(after);
  }

  /** Whether a client who knows what was before has it. */
  boolean matched(Selection selection, Grant grant) {
    return before != null && grant.tellsOf(before.thing().type()) && selection.matches(before);
  }

  /** The thing as a member of a message. */
  String member(Json json) {
    if (member == null) {
      JsonWriter writer = json.writer().string(id).raw(":");
      Objects.requireNonNull(after).thing().writeTo(writer, json);
      member = writer.text();
      bytes = json.utf8Length(member);
    }
    return member;
  }

  /** The length of {@link #member}, once that was asked for. */
  int bytes() {
    return bytes;
  }
}
