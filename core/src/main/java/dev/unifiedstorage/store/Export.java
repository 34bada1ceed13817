package dev.unifiedstorage.store;

import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import org.jspecify.annotations.Nullable;

/**
 * The body of an export: a line that says what it is, a line a thing, and a line that says that
 * this was all. Without the last one it has broken off.
 */
final class Export implements HttpBody {
  static final String CONTENT_TYPE = "application/x-ndjson";
  static final String FORMAT = "unified-storage/1";

  /** A part ends behind the thing that reaches this, in characters. */
  private static final int PART_CHARS = 64 * 1024;

  /** Where the things come from. */
  interface Source {
    /** How many things there are, before the first one is taken. */
    int size();

    /** The next one, null behind the last one. */
    @Nullable Thing next();

    /** Why no more comes although there are more, or null. */
    @Nullable String broken();

    /** No more is asked for. */
    void end();
  }

  /** Is told once when it is over. */
  interface Ended {
    /**
     * It is over.
     *
     * @param error why it broke off, null when it did not
     */
    void ended(Export export, @Nullable String error);
  }

  private final Source source;
  private final Ended then;
  private final Upcasts upcasts;
  private final Json json;
  private final String header;
  private final int things;
  private int shown;
  private boolean begun;
  private boolean complete;
  private boolean over;
  private double lastAskedMs;

  /**
   * @param header the first line but for the number of things
   */
  Export(Source source, String header, double nowMs, Ended then, Upcasts upcasts) {
    this.source = source;
    this.header = header;
    this.things = source.size();
    this.lastAskedMs = nowMs;
    this.then = then;
    this.upcasts = upcasts;
    this.json = upcasts.json();
  }

  /** What an export begins with, up to the number of things. */
  static String header(String namespace, String at, Json json) {
    JsonWriter line = json.writer().raw("{\"format\":\"").raw(FORMAT).raw("\",\"namespace\":");
    return line.string(namespace).raw(",\"at\":").string(at).raw(",\"things\":").text();
  }

  /** When its client has asked for something last. */
  double lastAskedMs() {
    return lastAskedMs;
  }

  void askedAt(double nowMs) {
    lastAskedMs = nowMs;
  }

  @Override
  public void next(Part part) {
    if (over) {
      if (complete) {
        part.end();
      } else {
        part.failed("the export broke off");
      }
      return;
    }
    JsonWriter text = json.writer();
    String error;
    try {
      error = write(text);
    } catch (RuntimeException e) {
      error = String.valueOf(e.getMessage());
    }
    if (error != null) {
      breakOff(error);
      part.failed(error);
      return;
    }
    if (complete) {
      end(null);
    }
    part.text(text.text());
  }

  /** Writes a part; why there is none, or null. */
  private @Nullable String write(JsonWriter text) {
    if (!begun) {
      begun = true;
      text.raw(header).number(things).raw("}\n");
    }
    while (text.length() < PART_CHARS) {
      Thing thing = source.next();
      if (source.broken() != null) {
        return source.broken();
      }
      if (thing == null) {
        if (shown != things) {
          return "expected " + things + " things, there were " + shown;
        }
        text.raw("{\"end\":true,\"things\":").number(shown).raw("}\n");
        complete = true;
        return null;
      }
      shown++;
      upcasts.view(thing).writeTo(text, json);
      text.raw("\n");
    }
    return null;
  }

  /** Ends it where it is. */
  void breakOff(String why) {
    if (!over) {
      end(why);
    }
  }

  @Override
  public void cancel() {
    if (!over) {
      end(null);
    }
  }

  private void end(@Nullable String error) {
    over = true;
    source.end();
    then.ended(this, error);
  }
}
