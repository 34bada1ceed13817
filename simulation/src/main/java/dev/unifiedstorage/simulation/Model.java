package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every change that was ever tried, as a tree.
 *
 * <p>A change stands on the one before it. A write that is undone, lost in a crash, or made by an
 * instance whose time is over leaves a branch behind; the log of the object is one path from the
 * root, and which one it is shows when the state is recovered.
 */
final class Model {
  /** One change to one thing: the thing as it is after it. */
  static final class Node {
    final Node parent;
    final double seq;
    final String id;
    final String type;

    /** 0 when the thing is deleted. */
    final double version;

    final double createdAtMs;
    double atMs;

    /** From then on it is absent, 0 for never. */
    final double expiresAtMs;

    /** Whether it is a deletion that no request asked for. */
    final boolean expired;

    /** All fields of the thing, null when it is deleted. */
    final Map<String, Object> fields;

    /** What its event says of fields, those that went under {@code $unset}; null for a deletion. */
    final Map<String, Object> changed;

    /** The epoch it was tried in, 0 until that is known. */
    double epoch;

    /** The life it was tried in, 0 until a commit has claimed one. */
    double life;

    /** The request of a session that made it, null for everybody else's. */
    Request by;

    /** Which operation of a session's batch made it, -1 for none. */
    int operation = -1;

    /** The commit that has said that it was undone, so that nothing brings it back; 0 for none. */
    int goneSince;

    private Node(
        Node parent,
        String id,
        String type,
        double version,
        double createdAtMs,
        double atMs,
        double expiresAtMs,
        boolean expired,
        Map<String, Object> fields,
        Map<String, Object> changed) {
      this.parent = parent;
      this.seq = parent == null ? 0 : id == null ? parent.seq : parent.seq + 1;
      this.id = id;
      this.type = type;
      this.version = version;
      this.createdAtMs = createdAtMs;
      this.atMs = atMs;
      this.expiresAtMs = expiresAtMs;
      this.expired = expired;
      this.fields = fields;
      this.changed = changed;
    }

    /** Whether it is an event: the root and the deletion of the store are no events. */
    boolean isEvent() {
      return id != null;
    }

    /** Whether it is the deletion of the whole store, which has the seq of what it stands on. */
    boolean isEmptying() {
      return id == null && parent != null;
    }

    /** Whether there is a thing, expired or not. */
    boolean exists() {
      return version > 0;
    }

    /** Whether a client finds a thing at an instant. */
    boolean exists(double nowMs) {
      return version > 0 && !isExpired(nowMs);
    }

    boolean isExpired(double nowMs) {
      return expiresAtMs != 0 && expiresAtMs <= nowMs;
    }

    String verb() {
      return version == 0 ? "thing.deleted" : version == 1 ? "thing.created" : "thing.updated";
    }

    Node up(double toSeq) {
      Node node = this;
      while (node.seq > toSeq) {
        node = node.parent;
      }
      return node;
    }

    /** Whether any change it stands on is gone. */
    boolean isGone() {
      for (Node node = this; node.parent != null; node = node.parent) {
        if (node.goneSince != 0) {
          return true;
        }
      }
      return false;
    }

    /** What there was at a seq: a store that was deleted there had not been yet. */
    Node then(double untilSeq) {
      Node node = this;
      while (node.seq > untilSeq || (node.isEmptying() && node.seq == untilSeq)) {
        node = node.parent;
      }
      return node;
    }

    boolean standsOn(Node older) {
      Node node = this;
      while (node != older && node.parent != null && node.seq >= older.seq) {
        node = node.parent;
      }
      return node == older;
    }

    /** The thing as a client sees it. */
    Map<String, Object> shown() {
      Map<String, Object> thing = new LinkedHashMap<>();
      thing.put("$id", id);
      thing.put("$type", type);
      thing.put("$version", version);
      thing.putAll(fields);
      thing.put("$createdAt", createdAtMs);
      thing.put("$updatedAt", atMs);
      if (expiresAtMs != 0) {
        thing.put("$expiresAt", expiresAtMs);
      }
      return thing;
    }

    @Override
    public String toString() {
      if (id == null) {
        return "epoch "
            + (long) epoch
            + (parent == null ? ": nothing" : ": deleted")
            + " at "
            + seq;
      }
      return (long) epoch + "." + (long) seq + " " + verb() + " " + id + " v" + (long) version;
    }
  }

  /** The end of one path, and the last change to each thing on it. */
  final class Head {
    private Node tip;
    private final Map<String, Node> last = new HashMap<>();

    private Head(Node tip) {
      moveTo(tip);
    }

    Node tip() {
      return tip;
    }

    /** The last change to a thing; null when there was none. */
    Node of(String id) {
      return last.get(id);
    }

    Map<String, Node> last() {
      return last;
    }

    Node create(
        String id, String type, Map<String, Object> data, double expiresAtMs, double nowMs) {
      return add(new Node(tip, id, type, 1, nowMs, nowMs, expiresAtMs, false, data, data));
    }

    /**
     * The next version of a thing.
     *
     * @param changed what its event says of fields
     */
    Node update(
        Node older,
        Map<String, Object> fields,
        Map<String, Object> changed,
        double expiresAtMs,
        double nowMs) {
      return add(
          new Node(
              tip,
              older.id,
              older.type,
              older.version + 1,
              older.createdAtMs,
              nowMs,
              expiresAtMs,
              false,
              fields,
              changed));
    }

    Node delete(Node older, double nowMs) {
      return add(new Node(tip, older.id, older.type, 0, 0, nowMs, 0, false, null, null));
    }

    /** Deletes a thing because it has expired. */
    Node expire(Node older, double nowMs) {
      return add(new Node(tip, older.id, older.type, 0, 0, nowMs, 0, true, null, null));
    }

    /** Of the things that expire, the one that does first; null when none does. */
    Node nextToExpire() {
      Node first = null;
      for (Node node : last.values()) {
        boolean sooner =
            first == null
                || node.expiresAtMs < first.expiresAtMs
                || (node.expiresAtMs == first.expiresAtMs && node.id.compareTo(first.id) < 0);
        first = node.expiresAtMs != 0 && sooner ? node : first;
      }
      return first;
    }

    /** The whole store is deleted. */
    Node empty(double nowMs) {
      tip = new Node(tip, null, null, 0, 0, nowMs, 0, false, null, null);
      last.clear();
      bySeq.computeIfAbsent(tip.seq, key -> new ArrayList<>()).add(tip);
      return tip;
    }

    private Node add(Node node) {
      tip = node;
      last.put(node.id, node);
      bySeq.computeIfAbsent(node.seq, key -> new ArrayList<>()).add(node);
      ids.add(node.id);
      return node;
    }

    /** Goes back, or over to another path. */
    void moveTo(Node node) {
      tip = node;
      last.clear();
      for (Node at = node; at.isEvent(); at = at.parent) {
        last.putIfAbsent(at.id, at);
      }
    }

    /** Takes back a deletion of the store that was refused. */
    void forget(Node emptying) {
      bySeq.get(emptying.seq).remove(emptying);
      moveTo(emptying.parent);
    }

    /** Takes back what was never tried. */
    void forget(double toSeq) {
      while (tip.seq > toSeq) {
        bySeq.get(tip.seq).remove(tip);
        tip = tip.parent;
      }
      moveTo(tip);
    }
  }

  private final Node origin = new Node(null, null, null, 0, 0, 0, 0, false, null, null);
  private final Map<Double, List<Node>> bySeq = new HashMap<>();
  private final TreeSet<String> ids = new TreeSet<>();
  private int uuids;

  Model() {
    bySeq.put(0.0, new ArrayList<>(List.of(origin)));
  }

  Head root() {
    return new Head(origin);
  }

  Head at(Node node) {
    return new Head(node);
  }

  /** Every change that was ever tried. */
  Iterable<Node> all() {
    return () -> bySeq.values().stream().flatMap(List::stream).iterator();
  }

  /** Every change that was tried as the {@code seq}th, oldest first. */
  List<Node> tried(double seq) {
    return bySeq.getOrDefault(seq, List.of());
  }

  /** Every id there ever was, in order. */
  Set<String> allIds() {
    return ids;
  }

  /** Every id there ever was. */
  Iterable<String> ids() {
    return ids;
  }

  /** How many uuids were given out. */
  int uuids() {
    return uuids;
  }

  String nextUuid() {
    return uuid(++uuids);
  }

  /** The uuid that is given out {@code after} others; negative for one that was. */
  String comingUuid(int after) {
    return uuid(uuids + 1 + after);
  }

  private static String uuid(int number) {
    return String.format("00000000-0000-4000-8000-%012d", number);
  }
}
