package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import org.jspecify.annotations.Nullable;

/**
 * A thing that a query or a subscription looks at.
 *
 * <p>Its fields are parsed when a field of its own is first asked for, once, and go with this
 * object: what a query looks at does not stay parsed.
 */
public final class Candidate {
  private final Thing thing;
  private final Json json;
  private @Nullable JsonObject fields;

  /**
   * @param upcasts show it in today's form
   */
  public Candidate(Thing thing, Upcasts upcasts) {
    this.thing = upcasts.view(thing);
    this.json = upcasts.json();
  }

  public Thing thing() {
    return thing;
  }

  /** The thing's own fields, which must not be changed. */
  JsonObject fields() {
    if (fields == null) {
      fields = thing.fields().object(json);
    }
    return fields;
  }
}
