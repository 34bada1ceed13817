package dev.unifiedstorage.conformance;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a server is started: the vars of the contract, where events go, whether faults exist, and how
 * often the sink rolls where it is the target's own.
 */
record Setup(
    Map<String, String> vars,
    Optional<URI> pipeline,
    boolean faults,
    Optional<Duration> rollInterval) {
  /** Every default, the embedded Pipeline where the target has one. */
  static Setup plain() {
    return new Setup(Map.of(), Optional.empty(), false, Optional.empty());
  }

  Setup with(String name, String value) {
    Map<String, String> more = new TreeMap<>(vars);
    more.put(name, value);
    return new Setup(Map.copyOf(more), pipeline, faults, rollInterval);
  }

  Setup sendingTo(PipelineSink sink) {
    return sendingTo(sink.uri());
  }

  Setup sendingTo(URI pipeline) {
    return new Setup(vars, Optional.of(pipeline), faults, rollInterval);
  }

  Setup withFaults() {
    return new Setup(vars, pipeline, true, rollInterval);
  }

  Setup rollingEvery(Duration interval) {
    return new Setup(vars, pipeline, faults, Optional.of(interval));
  }
}
