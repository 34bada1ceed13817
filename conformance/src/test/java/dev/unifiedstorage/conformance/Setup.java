package dev.unifiedstorage.conformance;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a server is started: the vars of the contract, where events go, whether faults exist, how
 * often the sink rolls where it is the target's own, whether its objects can be ended from outside,
 * and whether it is measured.
 */
record Setup(
    Map<String, String> vars,
    Optional<URI> pipeline,
    boolean faults,
    Optional<Duration> rollInterval,
    boolean endable,
    boolean measured) {
  /** Every default, the embedded Pipeline where the target has one. */
  static Setup plain() {
    return new Setup(Map.of(), Optional.empty(), false, Optional.empty(), false, false);
  }

  Setup with(String name, String value) {
    Map<String, String> more = new TreeMap<>(vars);
    more.put(name, value);
    return new Setup(Map.copyOf(more), pipeline, faults, rollInterval, endable, measured);
  }

  Setup sendingTo(PipelineSink sink) {
    return sendingTo(sink.uri());
  }

  Setup sendingTo(URI pipeline) {
    return new Setup(vars, Optional.of(pipeline), faults, rollInterval, endable, measured);
  }

  Setup withFaults() {
    return new Setup(vars, pipeline, true, rollInterval, endable, measured);
  }

  Setup rollingEvery(Duration interval) {
    return new Setup(vars, pipeline, faults, Optional.of(interval), endable, measured);
  }

  /** A Worker that has ways to end an object while it is at work, for {@link ChaosChapter}. */
  Setup withEndableObjects() {
    return new Setup(vars, pipeline, faults, rollInterval, true, measured);
  }

  /** A server that runs as its users run it, and not as one that a test wants up soon. */
  Setup measuring() {
    return new Setup(vars, pipeline, faults, rollInterval, endable, true);
  }
}
