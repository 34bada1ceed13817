package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import java.util.List;

/** From an {@link Outcome} to the text of a reply; the counterpart of {@link RequestReader}. */
public final class ReplyWriter {
  private final Json json;

  public ReplyWriter(Json json) {
    this.json = json;
  }

  /** The reply to a request; {@code id} is JSON text. */
  public String reply(String id, Outcome outcome) {
    JsonWriter writer = json.writer().raw("{\"id\":").raw(id);
    if (outcome instanceof Outcome.Written written) {
      writeWritten(writer.raw(",\"status\":\"ack\",\"$id\":"), written);
    } else if (outcome instanceof Outcome.Found found) {
      writer.raw(",\"status\":\"ok\",\"things\":").raw(found.things());
    } else if (outcome instanceof Outcome.Refused refused) {
      writeRefusal(writer.raw(","), refused.refusal());
    } else {
      writer.raw(",\"status\":\"ok\"");
    }
    return writer.raw("}").text();
  }

  /** The reply to a batch. */
  public String batch(String id, List<Outcome> outcomes) {
    JsonWriter writer = json.writer().raw("{\"id\":").raw(id);
    writer.raw(",\"status\":\"ack\",\"results\":[");
    String separator = "{";
    for (Outcome outcome : outcomes) {
      writer.raw(separator);
      if (outcome instanceof Outcome.Written written) {
        writeWritten(writer.raw("\"$id\":"), written);
      } else if (outcome instanceof Outcome.Found found) {
        writer.raw("\"things\":").raw(found.things());
      } else if (outcome instanceof Outcome.Refused refused) {
        writeRefusal(writer, refused.refusal());
      } else {
        writer.raw("\"status\":\"ok\"");
      }
      writer.raw("}");
      separator = ",{";
    }
    return writer.raw("]}").text();
  }

  /**
   * The refusal of a request that no store could answer.
   *
   * @param request its text, whatever that may be
   */
  public String refusal(String request, Refusal refusal) {
    String id;
    try {
      id = new RequestReader(json).read(request).id();
    } catch (Throwable e) {
      // What broke the store may break the reader too: an error of the engine's stack, say.
      id = RequestReader.NO_ID;
    }
    return reply(id, new Outcome.Refused(refusal, 0));
  }

  /** An error over HTTP; {@code code} is an {@link ErrorCode}'s name, or the host's own. */
  public static String httpError(String code, String message, Json json) {
    JsonWriter writer = json.writer().raw("{\"error\":{\"code\":").string(code);
    return writer.raw(",\"message\":").string(message).raw("}}").text();
  }

  private static void writeWritten(JsonWriter writer, Outcome.Written written) {
    writer.string(written.id()).raw(",\"$version\":").number(written.version());
  }

  private static void writeRefusal(JsonWriter writer, Refusal refusal) {
    writer.raw("\"status\":\"error\",\"code\":").string(refusal.code().name());
    writer.raw(",\"error\":").string(refusal.message());
    if (refusal.details() != null) {
      writer.raw(",\"details\":").raw(refusal.details());
    }
  }
}
