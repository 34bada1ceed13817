package dev.unifiedstorage.benchmark.cost;

import dev.unifiedstorage.cost.PriceSheet;

/**
 * What a bill is made of.
 *
 * @param rows rows written, alarms among them
 * @param requests socket messages by their ratio, and alarms that rang
 * @param pipelineBytes what the sink is sent, as JSON
 * @param starts how often the object came into memory; free, but slow for the request that wakes it
 */
record Usage(
    double rows,
    double alarms,
    double requests,
    double gbSeconds,
    double pipelineBytes,
    double starts) {

  static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0);

  Usage minus(Usage earlier) {
    return new Usage(
        rows - earlier.rows,
        alarms - earlier.alarms,
        requests - earlier.requests,
        gbSeconds - earlier.gbSeconds,
        pipelineBytes - earlier.pipelineBytes,
        starts - earlier.starts);
  }

  Usage times(double factor) {
    return new Usage(
        rows * factor,
        alarms * factor,
        requests * factor,
        gbSeconds * factor,
        pipelineBytes * factor,
        starts * factor);
  }

  /** At list price, nothing being included. */
  double dollars() {
    return PriceSheet.dollarsForRowsWritten(rows)
        + requests / 1e6 * PriceSheet.DOLLARS_PER_MILLION_REQUESTS
        + gbSeconds / 1e6 * PriceSheet.DOLLARS_PER_MILLION_GB_SECONDS
        + PriceSheet.dollarsForPipelineBytes(pipelineBytes);
  }
}
