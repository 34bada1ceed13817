package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a store must hold, given what was sent to it and what it acknowledged.
 *
 * <p>Of each entity it knows every state that the requests sent lead through, in order, and how far
 * the replies have confirmed. After a crash the store may show any state from the last confirmed
 * one on, and no other. Every write carries a number of its own, so that no two states look alike
 * but the absent ones.
 *
 * <p>Thread-safe.
 */
final class Oracle {
  /** How an entity looks; {@code version} 0 is absent. */
  record State(int version, long created, long written) {
    static final State ABSENT = new State(0, 0, 0);

    static State of(JsonNode thing) {
      return thing.isMissingNode()
          ? ABSENT
          : new State(
              thing.path("$version").asInt(),
              thing.path("created").asLong(),
              thing.path("written").asLong());
    }

    boolean absent() {
      return version == 0;
    }
  }

  /** One write that was sent: the entity, its place among the entity's writes, what it makes. */
  record Write(String entity, int index, State state) {}

  private static final class Entity {
    /** The state the store is known to hold, then the state after each write sent since. */
    final List<State> states = new ArrayList<>(List.of(State.ABSENT));

    int confirmed;

    /** Whether a write was refused, so that those sent after it met another state than expected. */
    boolean disturbed;
  }

  private final Map<String, Entity> entities = new LinkedHashMap<>();
  private final List<List<Write>> atomicInFlight = new ArrayList<>();
  private final Set<Long> ackedWrites = new TreeSet<>();
  private final Map<String, Integer> ackedDeletes = new HashMap<>();
  private long next = 1;

  /** The state of an entity once everything sent has been applied. */
  synchronized State latest(String entity) {
    List<State> states = entity(entity).states;
    return states.get(states.size() - 1);
  }

  private Entity entity(String id) {
    return entities.computeIfAbsent(id, key -> new Entity());
  }

  synchronized Write created(String entity) {
    long number = next++;
    return sent(entity, new State(1, number, number));
  }

  synchronized Write updated(String entity) {
    State before = latest(entity);
    return sent(entity, new State(before.version() + 1, before.created(), next++));
  }

  synchronized Write deleted(String entity) {
    return sent(entity, State.ABSENT);
  }

  private Write sent(String entity, State state) {
    List<State> states = entity(entity).states;
    states.add(state);
    return new Write(entity, states.size() - 1, state);
  }

  /**
   * The store has refused these writes, for lack of room: they are in the state and in the events,
   * or in neither. What was sent behind them to the same entities may go either way, too.
   */
  synchronized void refused(List<Write> writes) {
    writes.forEach(write -> entity(write.entity()).disturbed = true);
  }

  /** Whether a write of it was refused since the last comparison. */
  synchronized boolean isDisturbed(String entity) {
    return entity(entity).disturbed;
  }

  /** Writes that must appear together or not at all. */
  synchronized void together(List<Write> writes) {
    atomicInFlight.add(writes);
  }

  /** The store has acknowledged this write. */
  synchronized void acknowledged(Write write) {
    Entity entity = entity(write.entity());
    if (entity.disturbed) {
      if (!write.state().absent()) {
        ackedWrites.add(write.state().written());
      }
      return;
    }
    assertTrue(entity.confirmed < write.index(), () -> "acknowledged out of order: " + write);
    boolean removed = write.state().absent() && !entity.states.get(write.index() - 1).absent();
    entity.confirmed = write.index();
    if (removed) {
      ackedDeletes.merge(write.entity(), 1, Integer::sum);
    } else if (!write.state().absent()) {
      ackedWrites.add(write.state().written());
    }
  }

  /** A read has shown this state, so it can no longer be lost. */
  synchronized void shown(String id, State state) {
    Entity entity = entity(id);
    if (state.absent() || entity.disturbed) {
      return;
    }
    int index = entity.states.indexOf(state);
    assertTrue(index >= 0, () -> "a read of " + id + " shows what was never written: " + state);
    entity.confirmed = Math.max(entity.confirmed, index);
  }

  synchronized List<String> ids() {
    return List.copyOf(entities.keySet());
  }

  synchronized int acknowledgedWrites() {
    return ackedWrites.size();
  }

  /** Compares with what the store holds after a crash, and takes that as the new known state. */
  synchronized void settle(Map<String, State> found) {
    List<String> wrong = new ArrayList<>();
    entities.forEach(
        (id, entity) -> {
          State state = found.get(id);
          List<State> possible = entity.states.subList(entity.confirmed, entity.states.size());
          boolean right =
              entity.disturbed
                  ? possible.stream().anyMatch(p -> p.written() == state.written())
                  : possible.contains(state);
          if (!right) {
            wrong.add(
                id
                    + " is "
                    + state
                    + " but confirmed were "
                    + entity.states
                    + " up to "
                    + entity.confirmed);
          }
        });
    for (List<Write> writes : atomicInFlight) {
      if (writes.stream().anyMatch(w -> entity(w.entity()).disturbed)) {
        continue;
      }
      boolean some = writes.stream().anyMatch(w -> certainlyApplied(w, found.get(w.entity())));
      boolean all = writes.stream().noneMatch(w -> certainlyMissing(w, found.get(w.entity())));
      if (some && !all) {
        wrong.add("half of an atomic batch: " + writes + " in " + found);
      }
    }
    assertEquals(List.of(), wrong);
    atomicInFlight.clear();
    entities.forEach(
        (id, entity) -> {
          entity.states.clear();
          entity.states.add(found.get(id));
          entity.confirmed = 0;
          entity.disturbed = false;
        });
  }

  private boolean certainlyApplied(Write write, State found) {
    return !found.absent() && entity(write.entity()).states.indexOf(found) >= write.index();
  }

  private boolean certainlyMissing(Write write, State found) {
    return !found.absent() && entity(write.entity()).states.indexOf(found) < write.index();
  }

  /** Why a log does not hold every acknowledged event yet; empty when it does. */
  synchronized String missingFrom(EventLog log) {
    Set<Long> missing = new TreeSet<>(ackedWrites);
    Map<String, Integer> deletes = new HashMap<>();
    for (JsonNode event : log.events()) {
      missing.remove(event.path("payload").path("written").asLong(-1));
      if ("thing.deleted".equals(event.path("verb").asText())) {
        deletes.merge(event.path("entityId").asText(), 1, Integer::sum);
      }
    }
    List<String> fewDeletes =
        ackedDeletes.entrySet().stream()
            .filter(e -> deletes.getOrDefault(e.getKey(), 0) < e.getValue())
            .map(Map.Entry::getKey)
            .toList();
    return missing.isEmpty() && fewDeletes.isEmpty()
        ? ""
        : "writes " + missing + " and deletes of " + fewDeletes;
  }

  /** Replaying a complete log must lead to exactly the state the store holds. */
  synchronized void assertReplays(EventLog log) {
    Map<String, State> replayed = new HashMap<>();
    for (JsonNode event : log.events()) {
      String id = event.path("entityId").asText();
      State before = replayed.getOrDefault(id, State.ABSENT);
      State after = apply(event, before);
      assertEquals(
          before.version() + 1,
          after.absent() ? before.version() + 1 : after.version(),
          () -> "versions of " + id + " jump at " + event);
      replayed.put(id, after);
    }
    for (Map.Entry<String, Entity> entry : entities.entrySet()) {
      State held = entry.getValue().states.get(0);
      assertEquals(held, replayed.getOrDefault(entry.getKey(), State.ABSENT), entry::getKey);
    }
  }

  private static State apply(JsonNode event, State before) {
    JsonNode payload = event.path("payload");
    return switch (event.path("verb").asText()) {
      case "thing.created" -> State.of(payload);
      case "thing.updated" ->
          new State(
              payload.path("$version").asInt(), before.created(), payload.path("written").asLong());
      case "thing.deleted" -> State.ABSENT;
      default -> throw new AssertionError("what is this event? " + event);
    };
  }
}
