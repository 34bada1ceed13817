package dev.unifiedstorage.port;

/**
 * One record on its way to a Pipeline, in the form the platform wants.
 *
 * <p>Both forms say the same. The Worker hands host objects to {@code send()}; the emulator writes
 * text, and would waste most of its time building objects only to print them.
 */
public interface PipelineRecord {
  /** The record as a new object of the host. */
  JsonObject toObject(Json json);

  /** Appends the record as JSON text. */
  void writeTo(JsonWriter writer);
}
