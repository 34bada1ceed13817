package dev.unifiedstorage.feed;

import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.query.Candidate;
import dev.unifiedstorage.query.Filter;
import dev.unifiedstorage.state.Thing;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which things a subscription follows: those of a type that match, those of some ids, or all.
 *
 * @param type null when it goes by ids, or follows all
 * @param ids null when it goes by type, or follows all
 */
record Selection(
    @Nullable String type, @Nullable List<String> ids, Set<String> idSet, Filter filter) {
  static final Selection ALL = new Selection(null, null, Set.of(), Filter.NONE);

  static Selection of(Operation.Subscribe request) {
    List<String> ids = request.ids();
    return new Selection(
        request.type(), ids, ids == null ? Set.of() : new HashSet<>(ids), request.filter());
  }

  boolean isAll() {
    return type == null && ids == null;
  }

  /** Whether a thing of this id may be among them; null stands for no thing. */
  boolean concerns(String id, @Nullable Thing thing) {
    if (ids != null) {
      return idSet.contains(id);
    }
    return thing != null && (type == null || type.equals(thing.type()));
  }

  /** Whether a thing is among them. */
  boolean matches(Candidate candidate) {
    return concerns(candidate.thing().id(), candidate.thing()) && filter.matches(candidate);
  }
}
