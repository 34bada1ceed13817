package dev.unifiedstorage.query;

/** One step of an order: a path, upwards or downwards. */
record Order(Path path, boolean descending) {
  int compare(Object one, Object other) {
    int order = OrderKey.compare(one, other);
    return descending ? -order : order;
  }
}
