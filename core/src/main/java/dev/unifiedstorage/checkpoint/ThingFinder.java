package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Things;

/**
 * Finds a thing wherever it is: in memory, or, when it was evicted, in its row.
 *
 * <p>What is in memory never touches SQLite, nor does what is not there while nothing is evicted.
 */
public final class ThingFinder {
  private final Things state;
  private final TableReader reader;
  private final Json json;

  ThingFinder(Things state, TableReader reader, Json json) {
    this.state = state;
    this.json = json;
    this.reader = reader;
  }

  /** The entry of a thing, back in memory if it was not; null when it does not exist. */
  public Entry find(String id) {
    Entry entry = state.entry(id);
    // A row may outlive its thing until the deletion's checkpoint.
    if (entry != null || state.evictedCount() == 0 || state.tombstone(id) != null) {
      return entry;
    }
    TableReader.ThingRow row = reader.thing(id);
    return row == null ? null : state.reload(CheckpointLoader.thing(row, json));
  }
}
