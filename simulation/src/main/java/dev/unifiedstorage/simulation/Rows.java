package dev.unifiedstorage.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What SQLite holds, read without the store's own code: the things in its rows, each in one layout,
 * and how far they reach.
 */
final class Rows {
  private static final int PACKED = 1;
  private static final int LOG = 2;

  private final Disk disk;
  private final Set<String> tables = new HashSet<>();
  private final Map<String, Map<String, Object>> things = new HashMap<>();
  private Map<String, Object> record = Map.of();
  private double recordTx = -1;
  private double loggedSeq;

  private Rows(Disk disk) {
    this.disk = disk;
    for (Object[] row : disk.query("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      tables.add((String) row[0]);
    }
  }

  /** The newest commit record and the log's end, without the things. */
  static Rows reach(Disk disk) {
    Rows rows = new Rows(disk);
    for (String table : rows.tables) {
      if (!table.equals("things")) {
        rows.takeNewest(
            "SELECT tx, head FROM " + table + " WHERE head IS NOT NULL ORDER BY tx DESC LIMIT 1");
      }
    }
    if (rows.tables.contains("segments")) {
      Object last = disk.query("SELECT max(last_seq) FROM segments WHERE kind = " + LOG).get(0)[0];
      rows.loggedSeq = last == null ? 0 : number(last);
    }
    return rows;
  }

  /** Everything. */
  static Rows read(Disk disk) {
    Rows rows = reach(disk);
    rows.readPacked();
    rows.readCollections();
    rows.readThings();
    return rows;
  }

  private void takeNewest(String query) {
    for (Object[] row : disk.query(query)) {
      String head = (String) row[1];
      Map<String, Object> read = Texts.parse(head.substring(0, head.indexOf('\n')));
      // A store does not count a damaged row, so its rebuild can have the same tx.
      boolean rebuild = number(row[0]) == recordTx && number(read.get("rebuilding")) == 1;
      if (number(row[0]) > recordTx || rebuild) {
        recordTx = number(row[0]);
        record = read;
        String lines = head.substring(head.indexOf('\n') + 1);
        // The newest deletions stand before it, each behind a sign.
        while (lines.startsWith("-")) {
          lines = lines.substring(lines.indexOf('\n') + 1);
        }
        record.put("outbox", lines);
      }
    }
  }

  /** The life that the newest commit record names; 0 when there is none. */
  double life() {
    return record.isEmpty() ? 0 : number(record.get("life"));
  }

  /** The life of the event with this seq, as far as the record names those that it goes on from. */
  double lifeOf(double seq) {
    if (record.isEmpty() || seq > number(record.get("parentSeq"))) {
      return life();
    }
    double life = 0;
    List<?> path = (List<?>) record.get("path");
    for (int i = 0; i < path.size() && seq <= number(path.get(i + 1)); i += 2) {
      life = number(path.get(i));
    }
    return life;
  }

  double epoch() {
    return record.isEmpty() ? 0 : number(record.get("epoch"));
  }

  /** Whether only the archive can say what a start over these rows comes to. */
  boolean open() {
    return !record.isEmpty() && number(record.get("open")) == 1;
  }

  boolean recovering() {
    return !record.isEmpty() && number(record.get("recovering")) == 1;
  }

  /** The life that began where the store was deleted last; 0 for never. */
  double emptiedLife() {
    return record.get("emptied") instanceof List<?> emptied ? number(emptied.get(0)) : 0;
  }

  /** When the life was claimed. */
  double claimMs() {
    return record.isEmpty() ? 0 : number(record.get("claimMs"));
  }

  /** The numbers of the probes that a recovery which has not ended has sent. */
  List<?> probes() {
    return record.get("probes") instanceof List<?> probes ? probes : List.of();
  }

  double checkpointSeq() {
    return record.isEmpty() ? 0 : number(record.get("checkpointSeq"));
  }

  /** Whether a start would take nothing from these rows, but everything from the archive. */
  boolean rebuilding() {
    return !record.isEmpty() && number(record.get("rebuilding")) == 1;
  }

  /** The last event that a start brings back from rows alone. */
  double coveredSeq() {
    return Math.max(checkpointSeq(), loggedSeq);
  }

  /** The last event that the commit record or a row says there is. */
  double namedSeq() {
    double named = coveredSeq();
    if (!record.isEmpty()) {
      named = Math.max(named, number(record.get("acceptedSeq")));
      for (String line : record.get("outbox").toString().split("\n")) {
        String[] columns = line.split("\t");
        // It is empty, or damage.
        named = columns.length < 3 ? named : Math.max(named, Double.parseDouble(columns[2]));
      }
    }
    return named;
  }

  /** Whether a start would find something to do: events to send, or a life that did not close. */
  boolean unfinished() {
    return !record.isEmpty()
            && (number(record.get("open")) == 1 || !record.get("outbox").toString().isEmpty())
        || loggedSeq > (record.isEmpty() ? 0 : number(record.get("acceptedSeq")));
  }

  Map<String, Map<String, Object>> things() {
    return things;
  }

  /** What the commit record says of a collection that is not columnar; null when it is. */
  private Map<?, ?> large(String type) {
    return record.isEmpty() ? null : (Map<?, ?>) ((Map<?, ?>) record.get("large")).get(type);
  }

  private void readPacked() {
    if (!tables.contains("segments")) {
      return;
    }
    String query =
        "SELECT tx, body FROM segments WHERE kind = " + PACKED + " AND tx >= ? ORDER BY tx, slot";
    for (Object[] row : disk.query(query, record.isEmpty() ? 0 : record.get("floorTx"))) {
      String type = null;
      for (String line : ((String) row[1]).split("\n")) {
        if (line.startsWith("@")) {
          type = unquote(line.substring(1));
        } else if (line.startsWith("-")) {
          things.remove(unquote(line.substring(1)));
        } else {
          Map<?, ?> large = large(type);
          if (large != null
              && number(large.get("packed")) == 1
              && number(row[0]) >= number(large.get("sinceTx"))) {
            int tab = line.indexOf('\t');
            String id = unquote(line.substring(0, tab));
            things.put(id, thing(id, type, line.substring(tab + 1)));
          }
        }
      }
    }
  }

  private void readCollections() {
    if (!tables.contains("collections")) {
      return;
    }
    for (Object[] row : disk.query("SELECT type, body FROM collections")) {
      String type = unquote((String) row[0]);
      if (large(type) != null) {
        throw new Violation("one layout a thing", "collection " + type + " is large and columnar");
      }
      for (String line : ((String) row[1]).split("\n")) {
        int tab = line.indexOf('\t');
        String id = unquote(line.substring(0, tab));
        putNew(id, thing(id, type, line.substring(tab + 1)));
      }
    }
  }

  private void readThings() {
    if (!tables.contains("things")) {
      return;
    }
    Map<String, Integer> sizes = new HashMap<>();
    for (Object[] row : disk.query("SELECT id, type, line FROM things")) {
      String id = unquote((String) row[0]);
      String type = unquote((String) row[1]);
      Map<?, ?> large = large(type);
      if (large == null || number(large.get("packed")) == 1) {
        throw new Violation("one layout a thing", id + " has a row, its collection has another");
      }
      sizes.merge(type, 1, Integer::sum);
      putNew(id, thing(id, type, (String) row[2]));
    }
    sizes.forEach(
        (type, size) -> {
          if (number(large(type).get("size")) != size) {
            throw new Violation(
                "rows stand for their seq", type + " has " + size + " rows, not " + large(type));
          }
        });
  }

  private void putNew(String id, Map<String, Object> thing) {
    if (things.put(id, thing) != null) {
      throw new Violation("one layout a thing", id + " is in two");
    }
  }

  private static Map<String, Object> thing(String id, String type, String line) {
    String[] parts = line.split("\t", 5);
    Map<String, Object> thing = Texts.parse(parts[4]);
    thing.put("$id", id);
    thing.put("$type", type);
    thing.put("$version", Double.valueOf(parts[0]));
    thing.put("$createdAt", Double.valueOf(parts[1]));
    if (parts[2].startsWith("\u001f")) {
      int end = parts[2].indexOf('\u001f', 1);
      thing.put("$expiresAt", Double.valueOf(parts[2].substring(1, end)));
      parts[2] = parts[2].substring(end + 1);
    }
    thing.put("$updatedAt", Double.valueOf(parts[2].isEmpty() ? parts[1] : parts[2]));
    return thing;
  }

  private static String unquote(String json) {
    return (String) Texts.parse("{\"v\":" + json + "}").get("v");
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}
