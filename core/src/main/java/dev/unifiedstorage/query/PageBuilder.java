package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The page that grows while a query looks at things.
 *
 * <p>Things come in the query's order, by {@link #append}, or in any, by {@link #offer}. Whatever
 * comes, it keeps no more than one page and a bounded number of those that may be on it.
 */
final class PageBuilder {
  /** A page ends behind the thing that reaches this. */
  private static final int PAGE_BYTES = 1024 * 1024;

  /** What may be kept of things in any order before those that cannot be shown are dropped. */
  private static final double KEPT_BYTES = 8.0 * PAGE_BYTES;

  /** One thing that matches, as text or still to be printed. */
  private static final class Match {
    private final Object[] keys;
    private final String id;
    private @Nullable Thing thing;
    private @Nullable String text;
    private int bytes;

    private Match(Object[] keys, Thing thing) {
      this.keys = keys;
      this.id = thing.id();
      this.thing = thing;
    }
  }

  private final Query query;
  private final Json json;
  private List<Match> matches = new ArrayList<>();

  /** Bytes of what is on the page already, when things come in order. */
  private double shown;

  private boolean more;

  /** Of things in any order: estimated bytes of those kept since the last pruning. */
  private double kept;

  /** The last of those that may be on the page or directly behind it, once there are so many. */
  private @Nullable Match worst;

  PageBuilder(Query query, Json json) {
    this.query = query;
    this.json = json;
  }

  /** Whether another thing would not be on the page. */
  boolean isFull() {
    return matches.size() >= query.limit() || shown >= PAGE_BYTES;
  }

  /**
   * Takes the next thing in the query's order.
   *
   * @return whether it is on the page; if not, the page is done
   */
  boolean append(Candidate candidate) {
    if (isFull()) {
      more = true;
      return false;
    }
    Match match = new Match(keys(candidate), candidate.thing());
    print(match, candidate);
    shown += match.bytes;
    matches.add(match);
    return true;
  }

  /** Says that there may be more, although it was not looked for. */
  void moreFollow() {
    more = true;
  }

  /** Takes a thing that is not behind its place in any order. */
  void offer(Candidate candidate) {
    Match match = new Match(keys(candidate), candidate.thing());
    if (!isBehindCursor(match) || (worst != null && compare(match, worst) > 0)) {
      return;
    }
    if (query.select() != null) {
      // Its fields are parsed now; to print it later would parse them again.
      print(match, candidate);
    }
    matches.add(match);
    kept += match.text != null ? match.bytes : candidate.thing().bytes();
    if (matches.size() > 2 * query.limit() + 64 || kept > KEPT_BYTES) {
      prune();
    }
  }

  private Object[] keys(Candidate candidate) {
    Object[] keys = new Object[query.orderBy().size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = OrderKey.of(query.orderBy().get(i).path().in(candidate));
    }
    return keys;
  }

  private int compare(Match one, Match other) {
    return compare(one, other.keys, other.id);
  }

  private int compare(Match one, Object[] keys, String id) {
    for (int i = 0; i < keys.length; i++) {
      int order = query.orderBy().get(i).compare(one.keys[i], keys[i]);
      if (order != 0) {
        return order;
      }
    }
    return one.id.compareTo(id);
  }

  private boolean isBehindCursor(Match match) {
    Cursor cursor = query.cursor();
    return cursor == null || compare(match, cursor.keys(), cursor.id()) > 0;
  }

  /** Drops what can neither be on the page nor be the first behind it. */
  private void prune() {
    matches.sort(this::compare);
    if (matches.size() > query.limit() + 1) {
      matches = new ArrayList<>(matches.subList(0, query.limit() + 1));
    }
    boolean oneMore = matches.size() > query.limit();
    double bytes = 0;
    for (int i = 0; kept > KEPT_BYTES && i < matches.size(); i++) {
      if (bytes >= PAGE_BYTES) {
        oneMore = true;
        matches = new ArrayList<>(matches.subList(0, i + 1));
        break;
      }
      print(matches.get(i), null);
      bytes += matches.get(i).bytes;
    }
    worst = oneMore ? matches.get(matches.size() - 1) : null;
    kept = 0;
  }

  /**
   * Prints a match, once.
   *
   * @param candidate the thing with its fields, or null when they are not needed parsed
   */
  private String print(Match match, @Nullable Candidate candidate) {
    if (match.text != null) {
      return match.text;
    }
    Thing thing = Objects.requireNonNull(match.thing);
    JsonWriter writer = json.writer();
    if (query.select() == null) {
      thing.writeTo(writer, json);
    } else {
      JsonObject selected = json.object();
      Candidate parsed = Objects.requireNonNull(candidate);
      for (String name : query.select()) {
        if (Value.of(parsed.fields(), name) != Value.MISSING) {
          selected.copy(name, parsed.fields());
        }
      }
      if (Value.of(parsed.fields(), Upcasts.FORM) != Value.MISSING) {
        // System fields always come, and this one is among the others.
        selected.copy(Upcasts.FORM, parsed.fields());
      }
      thing.writeTo(writer, json.writer().object(selected).text());
    }
    String text = writer.text();
    match.text = text;
    match.bytes = json.utf8Length(text);
    match.thing = null;
    return text;
  }

  /** The page, after the last thing. */
  Answer.Page page(Answer.Explanation explanation) {
    matches.sort(this::compare);
    JsonWriter things = json.writer().raw("[");
    String separator = "";
    double bytes = 0;
    int count = 0;
    while (count < matches.size() && count < query.limit() && bytes < PAGE_BYTES) {
      Match match = matches.get(count++);
      things.raw(separator).raw(print(match, null));
      separator = ",";
      bytes += match.bytes;
    }
    String cursor = null;
    if (count < matches.size() || more) {
      Match last = matches.get(count - 1);
      cursor = new Cursor(last.keys, last.id).text(Objects.requireNonNull(query.binding()), json);
    }
    return new Answer.Page(things.raw("]"), cursor, explanation);
  }
}
