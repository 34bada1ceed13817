package dev.unifiedstorage.conformance;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a server is started: the vars of the contract, where events go, whether faults exist, how
 * often the sink rolls where it is the target's own, and whether its objects can be ended from
 * outside.
 */
record Setup(
    Map<String, String> vars,
    Optional<URI> pipeline,
    boolean faults,
    Optional<Duration> rollInterval,
    boolean endable) {
  /** Every default, the embedded Pipeline where the target has one. */
  static Setup plain() {
    return new Setup(Map.of(), Optional.empty(), false, Optional.empty(), false);
  }

  Setup with(String name, String value) {
    Map<String, String> more = new TreeMap<>(vars);
    more.put(name, value);
    return new Setup(Map.copyOf(more), pipeline, faults, rollInterval, endable);
  }

  Setup sendingTo(PipelineSink sink) {
    return sendingTo(sink.uri());
  }

  Setup sendingTo(URI pipeline) {
    return new Setup(vars, Optional.of(pipeline), faults, rollInterval, endable);
  }

  Setup withFaults() {
    return new Setup(vars, pipeline, true, rollInterval, endable);
  }

  Setup rollingEvery(Duration interval) {
    return new Setup(vars, pipeline, faults, Optional.of(interval), endable);
  }

  /** A Worker that has ways to end an object while it is at work, for {@link ChaosChapter}. */
  Setup withEndableObjects() {
    return new Setup(vars, pipeline, faults, rollInterval, true);
  }
}
