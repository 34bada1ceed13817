package dev.unifiedstorage.emulator;

import dev.unifiedstorage.feed.FeedListener;
import dev.unifiedstorage.jvm.json.JsonValues;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.store.RefusedException;
import dev.unifiedstorage.store.UnifiedStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a store tells in this process, as Java's own values. */
final class Told implements FeedListener {
  private final Consumer<List<Change>> listener;
  private final Json json = new JsoniterJson();

  Told(Consumer<List<Change>> listener) {
    this.listener = listener;
  }

  /** A thing as the store has it in memory. */
  static Optional<Map<String, Object>> get(UnifiedStore store, String id) {
    try {
      return Optional.ofNullable(values(store.get(id), new JsoniterJson()));
    } catch (RefusedException e) {
      Refusal refusal = e.refusal();
      throw new StoreRefusedException(
          refusal.code().name(),
          refusal.message(),
          refusal.details() == null ? Map.of() : JsonValues.parse(refusal.details()));
    }
  }

  private static Map<String, Object> values(Thing thing, Json json) {
    if (thing == null) {
      return null;
    }
    JsonWriter writer = json.writer();
    thing.writeTo(writer, json);
    return JsonValues.parse(writer.text());
  }

  @Override
  public void changed(List<Changed> changed, String at, boolean more) {
    List<Change> changes = new ArrayList<>();
    changed.forEach(one -> changes.add(new Change(one.id(), values(one.thing(), json))));
    listener.accept(changes);
  }

  @Override
  public void restarted() {
    // What is told is what has changed: nothing that was told before is wrong.
  }

  @Override
  public void failed(String error) {
    // Only one that is told what there is at first looks things up later.
  }
}
