package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.query.Answer;
import java.util.List;
import java.util.function.Consumer;

/** From an {@link Outcome} to the text of a reply; the counterpart of {@link RequestReader}. */
public final class ReplyWriter {
  private static final double MS_A_SECOND = 1000;

  private final Json json;
  private final Consumer<ErrorCode> refused;

  /** One that answers in a store's place, where nothing is counted. */
  public ReplyWriter(Json json) {
    this(json, code -> {});
  }

  /**
   * @param refused is told of every request that is answered with an error
   */
  public ReplyWriter(Json json, Consumer<ErrorCode> refused) {
    this.json = json;
    this.refused = refused;
  }

  /** The reply to a request; {@code id} is JSON text. */
  public JsonWriter reply(String id, Outcome outcome) {
    if (outcome instanceof Outcome.Written written) {
      return json.writer().ack(id, written.id(), written.version());
    }
    JsonWriter writer = json.writer().raw("{\"id\":").raw(id);
    if (outcome instanceof Outcome.Returned returned) {
      writer.raw(",\"status\":\"ack\",");
      writeReturned(writer, returned);
    } else if (outcome instanceof Outcome.Found found) {
      writer.raw(",\"status\":\"ok\",\"things\":").raw(found.things());
    } else if (outcome instanceof Outcome.Answered answered) {
      writeAnswer(writer, answered);
    } else if (outcome instanceof Outcome.Refused refusal) {
      refused.accept(refusal.refusal().code());
      writeRefusal(writer.raw(","), refusal.refusal());
    } else if (outcome instanceof Outcome.Subscribed subscribed) {
      writer.raw(",\"status\":\"ok\",\"sub\":").string(subscribed.sub());
      writer.raw(",\"mode\":").string(subscribed.changes() ? "changes" : "snapshot");
    } else {
      writer.raw(",\"status\":\"ok\"");
    }
    return writer.raw("}");
  }

  private static void writeReturned(JsonWriter writer, Outcome.Returned returned) {
    writer.raw("\"$id\":").string(returned.id());
    writer.raw(",\"$version\":").number(returned.version());
    if (returned.thing() == null) {
      writer.raw(",\"truncated\":true");
    } else {
      writer.raw(",\"thing\":").raw(returned.thing());
    }
  }

  private static void writeAnswer(JsonWriter writer, Outcome.Answered answered) {
    Answer.Explanation explanation = null;
    if (answered.answer() instanceof Answer.Page page) {
      writer.raw(",\"status\":\"ok\",\"things\":").raw(page.things());
      if (page.cursor() != null) {
        writer.raw(",\"cursor\":").string(page.cursor());
      }
      explanation = page.explanation();
    } else if (answered.answer() instanceof Answer.Count count) {
      writer.raw(",\"status\":\"ok\",\"count\":").number(count.count());
      explanation = count.explanation();
    }
    writer.raw(",\"at\":").string(answered.at());
    if (answered.explain() && explanation != null) {
      explanation.writeTo(writer.raw(",\"explain\":"));
    }
  }

  /** The beginning of the reply to a batch. */
  public Batch batch(String id) {
    return new Batch(json.writer().raw("{\"id\":").raw(id));
  }

  /** The reply to a batch, as its operations are carried out. */
  public static final class Batch {
    private final JsonWriter writer;
    private String separator = "";

    private Batch(JsonWriter writer) {
      this.writer = writer.raw(",\"status\":\"ack\",\"results\":[");
    }

    public void add(Outcome outcome) {
      writer.raw(separator);
      separator = ",";
      if (outcome instanceof Outcome.Written written) {
        writer.written(written.id(), written.version());
      } else if (outcome instanceof Outcome.Returned returned) {
        writeReturned(writer.raw("{"), returned);
        writer.raw("}");
      } else if (outcome instanceof Outcome.Found found) {
        writer.raw("{\"things\":").raw(found.things()).raw("}");
      } else if (outcome instanceof Outcome.Refused refused) {
        writeRefusal(writer.raw("{"), refused.refusal());
        writer.raw("}");
      } else {
        writer.raw("{\"status\":\"ok\"}");
      }
    }

    /** The whole reply; nothing can be added any more. */
    public JsonWriter end() {
      return writer.raw("]}");
    }
  }

  /**
   * The refusal of a message that no store could answer: for each request in it, if there are
   * several.
   *
   * @param text the message, whatever that may be
   */
  public String refusal(String text, Refusal refusal) {
    Outcome refused = new Outcome.Refused(refusal, 0);
    try {
      Message message = new RequestReader(json).read(text);
      if (message instanceof Message.Frame frame) {
        JsonWriter all = json.writer();
        String separator = "[";
        for (Request request : frame.requests()) {
          all.raw(separator).raw(reply(request.id(), refused));
          separator = ",";
        }
        return all.raw("]").text();
      }
      String id = message instanceof Request request ? request.id() : Request.NO_ID;
      return reply(id, refused).text();
    } catch (Throwable e) {
      // What broke the store may break the reader too: an error of the engine's stack, say.
      return reply(Request.NO_ID, refused).text();
    }
  }

  /** An error over HTTP; {@code code} is an {@link ErrorCode}'s name, or the host's own. */
  public static String httpError(String code, String message, Json json) {
    return httpError(code, message, "", json);
  }

  /** What a refusal is over HTTP. */
  public static String httpError(Refusal refusal, Json json) {
    String details = refusal.details() == null ? "" : ",\"details\":" + refusal.details();
    return httpError(refusal.code().name(), refusal.message(), details, json);
  }

  private static String httpError(String code, String message, String more, Json json) {
    JsonWriter writer = json.writer().raw("{\"error\":{\"code\":").string(code);
    return writer.raw(",\"message\":").string(message).raw(more).raw("}}").text();
  }

  /** Refuses a request over HTTP; what passes says when, in a header too. */
  public static void refuse(HttpReply reply, Refusal refusal, Json json) {
    int status = refusal.code().httpStatus();
    reply.send(status, "application/json", retryAfter(refusal, json), httpError(refusal, json));
  }

  /** The header that says when a refusal will have passed, in whole seconds, or none. */
  public static List<String> retryAfter(Refusal refusal, Json json) {
    JsonObject details = refusal.details() == null ? null : json.parse(refusal.details());
    if (details == null || details.kind("retryAfterMs") != JsonKind.NUMBER) {
      return List.of();
    }
    double seconds = Math.ceil(details.number("retryAfterMs") / MS_A_SECOND);
    return List.of("retry-after", json.writer().number(seconds).text());
  }

  private static void writeRefusal(JsonWriter writer, Refusal refusal) {
    writer.raw("\"status\":\"error\",\"code\":").string(refusal.code().name());
    writer.raw(",\"error\":").string(refusal.message());
    if (refusal.details() != null) {
      writer.raw(",\"details\":").raw(refusal.details());
    }
  }
}
