package dev.unifiedstorage.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.cost.PriceSheet;
import java.io.PrintStream;

/**
 * The table at the end: what was stored, what it cost, and what one row a write would have cost.
 *
 * <p>The naive store is a table with a {@code TEXT PRIMARY KEY} and a row a thing. It is counted in
 * its own favour: two rows an insert (the table's and the key's index), one an update, and one a
 * delete. Both stores receive the same messages and are in memory for the same time. A write counts
 * as a message: the frames in which the client sends several are not counted.
 *
 * @param pipelineBytes what the Pipeline was sent, which the naive store has not
 */
record Report(Replay.Result replay, JsonNode stats, long things, long rows, double pipelineBytes) {

  long naiveRows() {
    return 2 * replay.creates() + replay.updates() + replay.deletes();
  }

  double savedPercent() {
    return 100.0 * (naiveRows() - rows) / naiveRows();
  }

  void print(PrintStream out) {
    out.println();
    row(out, "", "this store", "one row a write");
    row(out, "things at the end", number(things), number(things));
    row(out, "writes acknowledged", number(replay.operations()), number(replay.operations()));
    row(
        out,
        "  creates, updates, deletes",
        "%,d, %,d, %,d".formatted(replay.creates(), replay.updates(), replay.deletes()),
        "");
    row(out, "events sent", number(stats.path("pipeline").path("sent").asLong()), "0");
    row(out, "rows written", number(rows), number(naiveRows()));
    bill(out);
    row(out, "rows saved", "%.2f%%".formatted(savedPercent()), "");
    row(out, "writes a second", "%,.0f".formatted(replay.operations() / replay.seconds()), "");
    row(
        out,
        "latency of an ack, p50 / p99",
        "%.1f / %.1f ms"
            .formatted(
                replay.latencies().percentileMillis(50), replay.latencies().percentileMillis(99)),
        "");
    row(out, "durability", stats.path("durability").asText(), "");
    out.println();
    out.println("The other column counts 2 rows an insert (the row and its TEXT PRIMARY KEY's");
    out.println("index entry), 1 an update and 1 a delete, the least such a table can cost.");
  }

  private void bill(PrintStream out) {
    double requests =
        replay.operations()
            / PriceSheet.MESSAGES_PER_REQUEST
            / 1e6
            * PriceSheet.DOLLARS_PER_MILLION_REQUESTS;
    double duration =
        replay.seconds() * PriceSheet.OBJECT_GB / 1e6 * PriceSheet.DOLLARS_PER_MILLION_GB_SECONDS;
    double archived = PriceSheet.dollarsForPipelineBytes(pipelineBytes);
    double ours = PriceSheet.dollarsForRowsWritten(rows);
    double naive = PriceSheet.dollarsForRowsWritten(naiveRows());
    row(out, "dollars at list price: rows", dollars(ours), dollars(naive));
    row(out, "  requests, a message a write", dollars(requests), dollars(requests));
    row(out, "  duration", dollars(duration), dollars(duration));
    row(out, "  Pipeline, %,.1f MB".formatted(pipelineBytes / 1e6), dollars(archived), dollars(0));
    row(
        out,
        "  together",
        dollars(ours + requests + duration + archived),
        dollars(naive + requests + duration));
  }

  private static String number(long value) {
    return "%,d".formatted(value);
  }

  private static String dollars(double value) {
    return "$%.6f".formatted(value);
  }

  private static void row(PrintStream out, String name, String ours, String naive) {
    out.printf("  %-30s %28s %18s%n", name, ours, naive);
  }
}
