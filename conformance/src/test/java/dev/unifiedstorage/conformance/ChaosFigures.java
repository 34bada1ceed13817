package dev.unifiedstorage.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a soak has done so far, by name. Thread-safe. */
final class ChaosFigures {
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();

  void count(String what) {
    count(what, 1);
  }

  synchronized void count(String what, int more) {
    counts.merge(what, more, Integer::sum);
  }

  synchronized void failed(String repeat, Throwable failure) {
    failures.add(repeat + "  # " + failure);
  }

  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** The figures as a table, and as one line of JSON. */
  synchronized String report(String target, long seed, double minutes) {
    ObjectNode line = StoreSocket.JSON.createObjectNode();
    line.put("soak", "chaos").put("target", target).put("seed", seed);
    line.put("minutes", Math.rint(minutes * 10) / 10);
    counts.forEach(line::put);
    line.set("failures", StoreSocket.JSON.valueToTree(failures));
    StringBuilder table = new StringBuilder("| " + target + " | |\n| --- | ---: |\n");
    counts.forEach((what, n) -> table.append("| ").append(what).append(" | ").append(n + " |\n"));
    failures.forEach(failure -> table.append("FAILED ").append(failure).append('\n'));
    return table + line.toString();
  }
}
