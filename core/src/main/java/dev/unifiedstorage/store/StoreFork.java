package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Makes another namespace a copy of this store: an export of one moment, handed over part by part.
 *
 * <p>{@link ForkReceiver} is the other end. It keeps the parts until the last one has come, so a
 * fork that breaks off anywhere leaves the other namespace as it was.
 */
final class StoreFork {
  /** How long the other store may take over one part. */
  private static final double ANSWER_MS = 60_000;

  private final String namespace;
  private final Exports exports;
  private final Siblings siblings;
  private final Ids ids;
  private final Timers timers;
  private final Json json;
  private final UnaryOperator<String> about;
  private int running;

  /**
   * @param about puts namespace, epoch and seq before a sentence
   */
  StoreFork(
      String namespace,
      Exports exports,
      Siblings siblings,
      Timers timers,
      StorePorts ports,
      UnaryOperator<String> about) {
    this.namespace = namespace;
    this.exports = exports;
    this.siblings = siblings;
    this.timers = timers;
    this.ids = ports.ids();
    this.json = ports.json();
    this.about = about;
  }

  boolean isIdle() {
    return running == 0;
  }

  /** Begins one. */
  void fork(RequestReader.Fork request, Grant grant, HttpReply reply) {
    String to = request.to();
    if (to.equals(namespace) || !Route.isNamespace(to)) {
      String message = "to must be another namespace, got " + to;
      ReplyWriter.refuse(reply, Refusal.ofField("to", message, json), json);
    } else if (!grant.opens(to)) {
      String message = "expected a token for namespace " + to + " too";
      ReplyWriter.refuse(reply, Refusal.of(ErrorCode.FORBIDDEN, message), json);
    } else {
      exports.answer(
          null,
          request.moment(),
          Grant.ALL,
          new HttpReply() {
            @Override
            public void send(int status, String contentType, String body) {
              reply.send(status, contentType, body);
            }

            @Override
            public void send(int status, String contentType, List<String> headers, String body) {
              reply.send(status, contentType, headers, body);
            }

            @Override
            public void stream(int status, String contentType, HttpBody body) {
              new Pipe(to, body, reply).begin();
            }
          });
    }
  }

  /** One fork under way: each part is told once the one before it has been taken. */
  private final class Pipe implements HttpBody.Part {
    private final String to;
    private final HttpBody body;
    private final HttpReply reply;
    private final double key = ids.number();
    private int parts;

    Pipe(String to, HttpBody body, HttpReply reply) {
      this.to = to;
      this.body = body;
      this.reply = reply;
    }

    void begin() {
      running++;
      JsonWriter from = json.writer().raw(",\"from\":").string(namespace);
      tell("begin", from.text(), "", answer -> body.next(this));
    }

    @Override
    public void text(String text) {
      JsonWriter index = json.writer().raw(",\"part\":").number(parts++);
      tell("part", index.text(), text, answer -> body.next(this));
    }

    @Override
    public void end() {
      JsonWriter count = json.writer().raw(",\"parts\":").number(parts);
      tell(
          "end",
          count.text(),
          "",
          answer -> {
            running--;
            JsonWriter done = json.writer().raw("{\"namespace\":").string(to);
            done.raw(",\"things\":").number(answer.number("things"));
            done.raw(",\"at\":").string(answer.string("at")).raw("}");
            reply.send(200, "application/json", done.text());
          });
    }

    @Override
    public void failed(String error) {
      running--;
      ReplyWriter.refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(error)), json);
    }

    private void tell(String step, String more, String text, Taken then) {
      JsonWriter message = json.writer().raw("{\"fork\":\"").raw(step).raw("\",\"key\":");
      message.number(key).raw(more).raw("}\n").raw(text);
      Siblings.Answer answer =
          new Siblings.Answer() {
            private boolean over;

            private final Timers.Timer watchdog =
                timers.after(
                    ANSWER_MS, () -> failed("no answer within " + (long) ANSWER_MS + " ms"));

            @Override
            public void answered(String answer) {
              if (isOver()) {
                return;
              }
              JsonObject object = json.parse(answer);
              if (object.kind("error") == JsonKind.ABSENT) {
                then.taken(object);
              } else {
                JsonObject error = object.object("error");
                stop(ErrorCode.valueOf(error.string("code")), error.string("message"));
              }
            }

            @Override
            public void failed(String error) {
              if (isOver()) {
                return;
              }
              String message = about.apply("namespace " + to + " could not be asked: " + error);
              stop(ErrorCode.UNAVAILABLE, message);
            }

            private boolean isOver() {
              boolean was = over;
              over = true;
              watchdog.cancel();
              return was;
            }
          };
      siblings.tell(to, message.text(), answer);
    }

    private void stop(ErrorCode code, String error) {
      running--;
      body.cancel();
      ReplyWriter.refuse(reply, Refusal.of(code, error), json);
    }
  }

  private interface Taken {
    void taken(JsonObject answer);
  }
}
