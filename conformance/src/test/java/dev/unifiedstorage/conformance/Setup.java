package dev.unifiedstorage.conformance;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How a server is started: the vars of the contract, where events go, and whether faults exist. */
record Setup(Map<String, String> vars, Optional<URI> pipeline, boolean faults) {
  /** Every default, the embedded Pipeline where the target has one. */
  static Setup plain() {
    return new Setup(Map.of(), Optional.empty(), false);
  }

  Setup with(String name, String value) {
    Map<String, String> more = new TreeMap<>(vars);
    more.put(name, value);
    return new Setup(Map.copyOf(more), pipeline, faults);
  }

  Setup sendingTo(PipelineSink sink) {
    return new Setup(vars, Optional.of(sink.uri()), faults);
  }

  Setup withFaults() {
    return new Setup(vars, pipeline, true);
  }
}
