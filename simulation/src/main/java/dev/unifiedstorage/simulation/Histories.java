package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the clients saw of each thing, and whether one order explains it.
 *
 * <p>Every operation took effect at one moment between request and reply; one without a reply, or
 * with an unclear one, at any later moment or never. The search is Wing and Gong's, a thing at a
 * time: a state is a version and the value that was written with it.
 */
final class Histories {
  /** How many states one search may visit before it counts as undecided. */
  private static final int BUDGET = 200_000;

  /** A thing as the search sees it; version 0 when it does not exist. */
  private record State(double version, Object value) {
    static final State ABSENT = new State(0, null);
  }

  /**
   * One operation on one thing.
   *
   * @param result what the client was told, null when that is unclear
   */
  private record Seen(
      Operation operation, String id, Map<?, ?> result, long invokedAt, long returnedAt) {}

  private final World world;
  private final Figures figures;
  private final Map<String, List<Seen>> byId = new LinkedHashMap<>();
  private Map<String, State> initial = new HashMap<>();

  Histories(World world) {
    this.world = world;
    this.figures = world.figures;
  }

  /** Takes what a client was told about each operation of a request. */
  void replied(Request request, List<? extends Map<?, ?>> results, long now) {
    for (int i = 0; i < request.operations.size(); i++) {
      Operation operation = request.operations.get(i);
      Map<?, ?> result = results.get(i);
      if (operation.type().equals("read")) {
        Map<?, ?> things = (Map<?, ?>) result.get("things");
        for (String id : operation.ids()) {
          Map<?, ?> thing = (Map<?, ?>) things.get(id);
          add(new Seen(operation, id, thing == null ? Map.of() : thing, request.invokedAt, now));
        }
      } else if (!operation.type().equals("ping")) {
        Object made = result.get("$id");
        String id = operation.id() == null ? (String) made : operation.id();
        if (id != null) {
          add(new Seen(operation, id, result, request.invokedAt, now));
        }
      }
    }
  }

  /** Takes a request whose reply never came, or said that its end is unclear. */
  void unclear(Request request) {
    for (Operation operation : request.operations) {
      if (operation.id() != null) {
        add(new Seen(operation, operation.id(), null, request.invokedAt, Long.MAX_VALUE));
      }
    }
  }

  /** Takes something without a reply to wait for: it took effect from now on, or never. */
  void happened(Operation operation) {
    add(new Seen(operation, operation.id(), null, world.replies.nextMoment(), Long.MAX_VALUE));
  }

  /** The store was deleted, at one moment. */
  void emptied() {
    Set<String> ids = new TreeSet<>(byId.keySet());
    ids.addAll(initial.keySet());
    for (String id : ids) {
      long now = world.replies.nextMoment();
      Map<String, Object> ok = Map.of("status", "ok");
      add(new Seen(Operation.deletion(id), id, ok, now, world.replies.nextMoment()));
    }
  }

  private void add(Seen seen) {
    if (Workload.mayExpire(seen.id)) {
      // It changes by itself.
      return;
    }
    byId.computeIfAbsent(seen.id, key -> new ArrayList<>()).add(seen);
  }

  /** Checks what there is and begins anew: a store that may lose has lost. */
  void beginEra(Model.Head head) {
    check();
    initial = new HashMap<>();
    for (Model.Node node : head.last().values()) {
      if (node.exists()) {
        initial.put(node.id, new State(node.version, number(node.fields.get("w"))));
      }
    }
  }

  void check() {
    byId.forEach(
        (id, history) -> {
          figures.histories++;
          int[] budget = {BUDGET};
          State start = initial.getOrDefault(id, State.ABSENT);
          if (!search(history, earliest(history), new BitSet(), start, new HashSet<>(), budget)) {
            if (budget[0] > 0) {
              StringBuilder lines = new StringBuilder();
              history.forEach(
                  seen ->
                      lines
                          .append("\n  ")
                          .append(seen.invokedAt)
                          .append("..")
                          .append(seen.returnedAt == Long.MAX_VALUE ? "" : seen.returnedAt)
                          .append(" ")
                          .append(seen.operation)
                          .append(" -> ")
                          .append(seen.result));
              throw new Violation("histories are linearizable", id + " from " + start + lines);
            }
            figures.undecided++;
          }
        });
    byId.clear();
  }

  private record Visited(BitSet done, State state) {}

  /** When the first of those from a place on was asked, for each place. */
  private static long[] earliest(List<Seen> history) {
    long[] earliest = new long[history.size()];
    long first = Long.MAX_VALUE;
    for (int i = earliest.length - 1; i >= 0; i--) {
      first = Math.min(first, history.get(i).invokedAt);
      earliest[i] = first;
    }
    return earliest;
  }

  /** Those with an answer stand in the order of their answers, and what has none among them. */
  private static boolean search(
      List<Seen> history,
      long[] earliest,
      BitSet done,
      State state,
      Set<Visited> visited,
      int[] budget) {
    long firstReturn = Long.MAX_VALUE;
    int i = done.nextClearBit(0);
    while (i < history.size() && firstReturn == Long.MAX_VALUE) {
      firstReturn = history.get(i).returnedAt;
      i = done.nextClearBit(i + 1);
    }
    if (firstReturn == Long.MAX_VALUE) {
      return true;
    }
    if (--budget[0] < 0 || !visited.add(new Visited(done, state))) {
      return false;
    }
    for (i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
      if (earliest[i] >= firstReturn) {
        return false;
      }
      Seen seen = history.get(i);
      State next = seen.invokedAt < firstReturn ? step(seen, state) : null;
      if (next == null) {
        continue;
      }
      BitSet more = (BitSet) done.clone();
      more.set(i);
      if (search(history, earliest, more, next, visited, budget)) {
        return true;
      }
      boolean deletes = seen.operation.type().equals("delete");
      if (next.equals(state) && seen.result != null && !deletes) {
        // It changes nothing wherever it is possible, so taking it first cannot have been the
        // mistake. A deletion is possible where there is nothing, and where there is something.
        return false;
      }
    }
    return false;
  }

  /** The state after an operation, null when it cannot have happened in this state. */
  private static State step(Seen seen, State state) {
    Operation operation = seen.operation;
    if (operation.type().equals("read")) {
      if (seen.result == null) {
        return null;
      }
      State shown =
          seen.result.isEmpty()
              ? State.ABSENT
              : new State(number(seen.result.get("$version")), number(seen.result.get("w")));
      return shown.equals(state) ? state : null;
    }
    String code = seen.result == null ? null : (String) seen.result.get("code");
    if ("VALIDATION_ERROR".equals(code) || "QUOTA_EXCEEDED".equals(code)) {
      boolean possible =
          switch (operation.type()) {
            case "create" -> state.version == 0;
            case "put" -> true;
            default -> state.version > 0;
          };
      return possible ? state : null;
    }
    if ("CONFLICT".equals(code)) {
      Object version = ((Map<?, ?>) seen.result.get("details")).get("version");
      boolean possible = version == null ? state.version > 0 : number(version) == state.version;
      return possible ? state : null;
    }
    if (operation.type().equals("check")) {
      return seen.result != null && operation.meets(state.version) ? state : null;
    }
    if ("NOT_FOUND".equals(code)) {
      return state.version == 0 ? state : null;
    }
    State next = effect(operation, state);
    if (seen.result == null) {
      return next.equals(state) ? null : next;
    }
    Object version = seen.result.get("$version");
    boolean told = operation.type().equals("delete") || number(version) == next.version;
    return told && (next != state || state.version == 0) ? next : null;
  }

  private static State effect(Operation operation, State state) {
    boolean matches = operation.meets(state.version);
    return switch (operation.type()) {
      case "create" -> state.version == 0 ? new State(1, valueOf(operation, state)) : state;
      case "put" -> {
        boolean mayCreate = state.version > 0 || operation.ifVersion() <= 0;
        yield mayCreate && matches
            ? new State(state.version + 1, valueOf(operation, state))
            : state;
      }
      case "update" ->
          state.version > 0 && matches
              ? new State(state.version + 1, valueOf(operation, state))
              : state;
      default -> state.version > 0 && matches ? State.ABSENT : state;
    };
  }

  /** What an operation writes; one without data leaves the value as it is. */
  private static Object valueOf(Operation operation, State state) {
    return operation.data() == null ? state.value : number(operation.data().get("w"));
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}
