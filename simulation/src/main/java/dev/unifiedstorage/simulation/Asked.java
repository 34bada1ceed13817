package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One query or count as a client sends it, and what the model answers.
 *
 * @param limit 0 for a count
 * @param select the fields to show, null for all
 * @param cursor what the page before ended with, null for the first
 * @param last the last thing of that page as it was then, null without a cursor
 */
record Asked(
    String type,
    Map<String, Object> where,
    List<String> orderBy,
    int limit,
    List<String> select,
    String cursor,
    Map<String, Object> last) {

  boolean isCount() {
    return limit == 0;
  }

  /** The same question for the next page. */
  Asked goingOn(String next, Map<String, Object> lastThing, int newLimit) {
    return new Asked(type, where, orderBy, newLimit, select, next, lastThing);
  }

  Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", isCount() ? "count" : "query");
    message.put("$type", type);
    message.put("where", where);
    if (!isCount()) {
      message.put("orderBy", orderBy);
      message.put("limit", limit);
    }
    if (select != null) {
      message.put("select", select);
    }
    if (cursor != null) {
      message.put("cursor", cursor);
    }
    return message;
  }

  /** What matches and comes behind the cursor. */
  private List<Map<String, Object>> found(Model.Head head, double nowMs) {
    List<Map<String, Object>> things = new ArrayList<>();
    for (Model.Node node : head.last().values()) {
      if (node.exists(nowMs)) {
        things.add(node.shown());
      }
    }
    List<Map<String, Object>> found = PlainQuery.all(things, type, where, orderBy);
    if (last != null) {
      found.removeIf(thing -> PlainQuery.order(orderBy).compare(thing, last) <= 0);
    }
    return found;
  }

  /**
   * What the reply must be, with {@code more} in the place of a cursor.
   *
   * @param nowMs what has expired by then is absent
   */
  Map<String, Object> expected(Model.Head head, double nowMs) {
    List<Map<String, Object>> found = found(head, nowMs);
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("status", "ok");
    if (isCount()) {
      reply.put("count", found.size());
      return reply;
    }
    int end = 0;
    int bytes = 0;
    List<Map<String, Object>> page = new ArrayList<>();
    while (end < found.size() && end < limit && bytes < 1 << 20) {
      Map<String, Object> thing = found.get(end++);
      page.add(select == null ? thing : PlainQuery.selected(thing, select));
      bytes += Texts.utf8Length(page.get(page.size() - 1));
    }
    reply.put("things", page);
    reply.put("more", end < found.size());
    return reply;
  }

  /** The last thing that the page shows, whole; null when it shows none. */
  Map<String, Object> lastShown(Model.Head head, int shown, double nowMs) {
    return shown == 0 ? null : found(head, nowMs).get(shown - 1);
  }

  /** The newest change to anything of the type: what matches depends on all of them. */
  Model.Node newest(Model.Head head) {
    Model.Node node = head.tip();
    while (node.isEvent() && !node.type.equals(type)) {
      node = node.parent;
    }
    return node;
  }
}
