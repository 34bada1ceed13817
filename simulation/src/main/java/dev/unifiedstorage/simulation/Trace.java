package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;

/** What happened in a world, in order: always as a hash, as text when somebody wants to read it. */
final class Trace {
  private final boolean recording;
  private final List<String> lines = new ArrayList<>();
  private long hash;

  Trace(boolean recording) {
    this.recording = recording;
  }

  void note(String line) {
    hash = hash * 0x9E3779B97F4A7C15L + line.hashCode();
    hash ^= hash >>> 29;
    if (recording) {
      lines.add(line);
    }
  }

  String hash() {
    return String.format("%016x", hash);
  }

  List<String> lines() {
    return lines;
  }
}
