package dev.unifiedstorage.query;

import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries from the state as it is at one moment, and keeps the indexes.
 *
 * <p>It changes nothing: what it looks at stays where it is, in memory or in its row. An index is
 * built when a query first wants it, in slices where it is large; the query waits for it and then
 * sees the state of that later moment.
 */
public final class QueryEngine {
  /**
   * An index that is too large, until its things are fewer.
   *
   * @param size how many there were
   */
  private record TooLarge(String type, IndexDefinition definition, int size) {}

  private final Things state;
  private final ThingFinder finder;
  private final IndexDefinitions definitions;
  private final int maxScan;
  private final double mostBytes;
  private final Timers timers;
  private final Upcasts upcasts;
  private final Json json;
  private final Map<String, TypeIndexes> indexes = new HashMap<>();
  private List<IndexBuild> builds = new ArrayList<>();
  private final List<TooLarge> tooLarge = new ArrayList<>();
  private int waiting;
  private double looked;

  /**
   * @param maxScan how many things one query may look at
   * @param mostBytes what things and indexes may take together while one is built of things that
   *     are not all in memory
   */
  public QueryEngine(
      Things state,
      ThingFinder finder,
      IndexDefinitions definitions,
      int maxScan,
      double mostBytes,
      Timers timers,
      Upcasts upcasts) {
    this.state = state;
    this.finder = finder;
    this.definitions = definitions;
    this.maxScan = maxScan;
    this.mostBytes = mostBytes;
    this.timers = timers;
    this.upcasts = upcasts;
    this.json = upcasts.json();
  }

  /** Receives the end of the wait for an index; exactly one of the two is called. */
  public interface Ready {
    /** The index is there. */
    void ready();

    /** It cannot be had. */
    void failed(String error);
  }

  /** Whether no index is being built. */
  public boolean isIdle() {
    return builds.isEmpty();
  }

  /** How many queries wait for an index. */
  public int waiting() {
    return waiting;
  }

  /** How many things queries have looked at. */
  public double looked() {
    return looked;
  }

  /** How many things one query may look at. */
  public int maxScan() {
    return maxScan;
  }

  /** The estimated size of the indexes. */
  public double indexBytes() {
    double bytes = 0;
    for (TypeIndexes ofType : indexes.values()) {
      bytes += ofType.bytes();
    }
    return bytes;
  }

  /** Sees to it that what a query needs is there, now or in a while. */
  public void prepare(Query query, Ready ready) {
    Plan plan = plan(query);
    TypedCollection collection = state.existingCollection(query.type());
    if (plan.definition() == null || collection == null) {
      ready.ready();
      return;
    }
    Index index = index(query.type(), plan.definition());
    if (index != null && index.isComplete()) {
      ready.ready();
      return;
    }
    IndexBuild build = index == null ? begin(plan.definition(), collection) : buildOf(index);
    if (build.hasEnded()) {
      ready.ready();
      return;
    }
    waiting++;
    build.waiting.add(ready);
  }

  private IndexBuild begin(IndexDefinition definition, TypedCollection collection) {
    TypeIndexes ofType = indexes.get(collection.type());
    if (ofType == null) {
      ofType = new TypeIndexes(upcasts, () -> cleared(collection.type()));
      indexes.put(collection.type(), ofType);
      collection.setListener(ofType);
    }
    Index index = new Index(definition, json);
    ofType.add(index);
    IndexBuild build = new IndexBuild(index, collection, finder, upcasts);
    try {
      build.slice();
    } catch (RuntimeException e) {
      ofType.remove(index);
      throw e;
    }
    giveUpIfTooLarge(build);
    if (!build.hasEnded()) {
      builds.add(build);
      timers.after(0, () -> buildOn(build));
    }
    return build;
  }

  /**
   * Gives an index up that would take the memory which the things have left; the queries that wait
   * are answered without.
   */
  private void giveUpIfTooLarge(IndexBuild build) {
    if (!build.hasEnded()
        && build.isOfEvicted()
        && state.estimatedBytes() + indexBytes() + build.bytesToCome() > mostBytes) {
      abandon(build);
      tooLarge.add(new TooLarge(build.type(), build.index().definition(), build.size()));
    }
  }

  private void abandon(IndexBuild build) {
    Objects.requireNonNull(indexes.get(build.type())).remove(build.index());
    build.abandon();
  }

  /** Whether an index was too large for as many things; it is tried again when half have gone. */
  private boolean isTooLarge(String type, IndexDefinition definition) {
    for (TooLarge one : tooLarge) {
      if (one.definition == definition && one.type.equals(type)) {
        TypedCollection collection = state.existingCollection(type);
        if (collection != null && collection.size() > one.size / 2) {
          return true;
        }
        tooLarge.remove(one);
        return false;
      }
    }
    return false;
  }

  /** The indexes of a type that are there, or may be built. */
  private List<IndexDefinition> usable(String type) {
    List<IndexDefinition> all = definitions.of(type);
    if (tooLarge.isEmpty()) {
      return all;
    }
    List<IndexDefinition> some = new ArrayList<>(all);
    some.removeIf(one -> isTooLarge(type, one));
    return some;
  }

  private IndexBuild buildOf(Index index) {
    for (IndexBuild build : builds) {
      if (build.index() == index) {
        return build;
      }
    }
    throw new IllegalStateException("an index is neither complete nor being built");
  }

  private void buildOn(IndexBuild build) {
    if (build.hasEnded()) {
      return;
    }
    try {
      build.slice();
    } catch (RuntimeException e) {
      abandon(build);
      end(build, String.valueOf(e.getMessage()));
      return;
    }
    giveUpIfTooLarge(build);
    if (build.hasEnded()) {
      end(build, null);
    } else {
      timers.after(0, () -> buildOn(build));
    }
  }

  private void end(IndexBuild build, @Nullable String error) {
    builds.remove(build);
    waiting -= build.waiting.size();
    for (Ready one : build.waiting) {
      if (error == null) {
        one.ready();
      } else {
        one.failed(error);
      }
    }
  }

  /** The state begins anew: every index is void. */
  private void cleared(String type) {
    indexes.remove(type);
    List<IndexBuild> abandoned = new ArrayList<>(builds);
    for (IndexBuild build : abandoned) {
      if (build.type().equals(type)) {
        build.abandon();
        end(build, "the state is being read anew");
      }
    }
  }

  private @Nullable Index index(String type, IndexDefinition definition) {
    TypeIndexes ofType = indexes.get(type);
    return ofType == null ? null : ofType.of(definition);
  }

  private Plan plan(Query query) {
    Plan plan = Plan.of(query, usable(query.type()));
    TypedCollection collection = state.existingCollection(query.type());
    boolean all = query.isUnfiltered() && !query.isCount() && query.orderBy().isEmpty();
    if (plan.definition() == null && all && collection != null && collection.size() > maxScan) {
      boolean built = index(query.type(), IndexDefinition.BY_ID) != null;
      if (built
          || (collection.evicted() == 0 && !isTooLarge(query.type(), IndexDefinition.BY_ID))) {
        return Plan.of(query, List.of(IndexDefinition.BY_ID));
      }
    }
    return plan;
  }

  /**
   * Answers from the state as it is now, after {@link #prepare}; an index that has gone since is
   * done without.
   *
   * @param nowMs what expires until then is left out; 0 when all is shown that no event has deleted
   */
  public Answer answer(Query query, double nowMs) {
    TypedCollection collection = state.existingCollection(query.type());
    int size = collection == null ? 0 : collection.size();
    if (query.isCount() && query.isUnfiltered()) {
      if (collection != null && size > 0) {
        looked += finder.walksForExpired(collection, nowMs) ? size : 0;
        size -= finder.countExpired(collection, nowMs);
      }
      return new Answer.Count(size, new Answer.Explanation(null, 0, size));
    }
    Plan plan = plan(query);
    Index index = plan.definition() == null ? null : index(query.type(), plan.definition());
    Search search = new Search(query, nowMs);
    if (index != null && index.isComplete()) {
      search.byIndex(index, plan);
    } else if (size > maxScan) {
      boolean isDeclared = Plan.of(query, definitions.of(query.type())).definition() != null;
      return new Answer.TooExpensive(size, isDeclared ? null : Plan.helpful(query));
    } else if (collection != null) {
      search.scan(collection);
    }
    return search.answer();
  }

  /**
   * Answers from things that are given, in any order: those of a moment in the past.
   *
   * @param nowMs what expires until then is left out
   */
  public Answer answer(Query query, Iterable<Thing> things, double nowMs) {
    Search search = new Search(query, nowMs);
    for (Thing thing : things) {
      if (!search.look(new Candidate(thing, upcasts))) {
        return new Answer.TooExpensive(search.looked, null);
      }
    }
    return search.answer();
  }

  /** One walk through what a query has to look at. */
  private final class Search {
    private final Query query;
    private final @Nullable PageBuilder page;
    private final double nowMs;
    private @Nullable List<String> used;
    private int looked;
    private int matched;
    private boolean tooMany;

    Search(Query query, double nowMs) {
      this.query = query;
      this.nowMs = nowMs;
      this.page = query.isCount() ? null : new PageBuilder(query, json);
    }

    Answer answer() {
      if (tooMany) {
        List<String> helpful = Plan.helpful(query);
        boolean known = helpful != null && used != null && used.equals(helpful);
        return new Answer.TooExpensive(looked, known ? null : helpful);
      }
      Answer.Explanation explanation = new Answer.Explanation(used, looked, matched);
      return page == null ? new Answer.Count(matched, explanation) : page.page(explanation);
    }

    void scan(TypedCollection collection) {
      collection.forEach(entry -> look(new Candidate(entry.thing(), upcasts)));
      if (collection.evicted() > 0) {
        finder.forEachEvicted(collection.type(), thing -> look(new Candidate(thing, upcasts)));
      }
    }

    /** Counts it at once: what fails on the way has looked too. */
    private void countLook() {
      looked++;
      QueryEngine.this.looked++;
    }

    private boolean matches(Candidate candidate) {
      return !candidate.thing().isExpired(nowMs) && query.filter().matches(candidate);
    }

    /** Looks at a thing, in any order; false when it is one too many. */
    private boolean look(Candidate candidate) {
      countLook();
      if (looked > maxScan) {
        tooMany = true;
        return false;
      }
      if (matches(candidate)) {
        matched++;
        if (page != null) {
          page.offer(candidate);
        }
      }
      return true;
    }

    void byIndex(Index index, Plan plan) {
      IndexDefinition definition = Objects.requireNonNull(plan.definition());
      used = definition.names();
      List<IndexWalk> walks = new ArrayList<>();
      for (Range range : plan.ranges()) {
        Object[] after = plan.ordered() ? plan.after(query, range) : null;
        boolean[] descending = plan.descending();
        walks.add(
            new IndexWalk(
                index.entries(),
                range,
                descending != null ? descending : new boolean[definition.levels()],
                after));
      }
      if (plan.ordered()) {
        MergedWalk merged = new MergedWalk(walks, plan);
        each(merged, this::lookInOrder);
      } else {
        for (IndexWalk walk : walks) {
          if (!each(walk, this::look)) {
            return;
          }
        }
      }
    }

    /** Gives the things of a walk to one who says whether to go on; false when it did not end. */
    private boolean each(Entries walk, Predicate<Candidate> looking) {
      for (IndexEntry entry = walk.next(); entry != null; entry = walk.next()) {
        Thing thing = finder.peek(entry.id());
        if (thing == null) {
          throw new IllegalStateException("thing " + entry.id() + " is in an index alone");
        }
        if (!looking.test(new Candidate(thing, upcasts))) {
          return false;
        }
      }
      return true;
    }

    /** Whether a page's things are simply the next ones: it looks at no more than it shows. */
    private boolean isOfEverything() {
      return query.isUnfiltered() && query.orderBy().isEmpty();
    }

    private boolean lookInOrder(Candidate candidate) {
      if (looked == maxScan && !isOfEverything()) {
        if (Objects.requireNonNull(page).isFull()) {
          // What is on the page is whole; whether something follows, the next request finds out.
          page.moreFollow();
        } else {
          countLook();
          tooMany = true;
        }
        return false;
      }
      countLook();
      if (!matches(candidate)) {
        return true;
      }
      matched++;
      return Objects.requireNonNull(page).append(candidate);
    }
  }
}
