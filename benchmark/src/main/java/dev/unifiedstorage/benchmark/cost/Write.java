package dev.unifiedstorage.benchmark.cost;

/** One write of a workload. */
record Write(double atMs, Kind kind, String id, String data) {
  /** What it does. */
  enum Kind {
    CREATE,
    UPDATE,
    DELETE
  }

  /** The message that asks for it. */
  String message() {
    return switch (kind) {
      case CREATE ->
          "{\"type\":\"create\",\"id\":1,\"$type\":\"Sensor\",\"data\":{\"$id\":\""
              + id
              + "\","
              + data
              + "}}";
      case UPDATE ->
          "{\"type\":\"update\",\"id\":1,\"$id\":\"" + id + "\",\"data\":{" + data + "}}";
      case DELETE -> "{\"type\":\"delete\",\"id\":1,\"$id\":\"" + id + "\"}";
    };
  }
}
