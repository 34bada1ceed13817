package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One import: the lines of a body, gathered into groups, and what became of them.
 *
 * <p>No more of the body is asked for before the group that is full is durable, so what is in
 * memory is one part of the body and one group.
 */
final class Import implements HttpBody.Part {
  /** A group closes with that many things, or characters. */
  private static final int GROUP_THINGS = 500;

  private static final int GROUP_CHARS = 256 * 1024;
  private static final int MAX_FAILED = 100;
  private static final String JSON = "application/json";

  /** A line that is a thing, as far as is known. */
  record Line(int number, JsonObject thing, int chars) {}

  private record Failure(int line, String code, String error) {}

  private final HttpBody body;
  private final boolean put;
  private final Grant grant;
  private final HttpReply reply;
  private final Json json;
  private final Runnable turn;
  private final BodyLines lines = new BodyLines();
  private List<Line> group = new ArrayList<>();
  private int groupChars;

  // What became of the lines whose groups are durable.
  private int created;
  private int replaced;
  private int unchanged;
  private int failures;
  private final List<Failure> failed = new ArrayList<>();

  /** Up to this line everything is durable. */
  private int doneLines;

  /** Whether it waits for nothing. */
  private boolean due = true;

  private boolean over;
  private boolean asking;
  private @Nullable String broken;

  /**
   * @param put whether things may be replaced
   * @param turn is run behind a part that comes later
   */
  Import(HttpBody body, boolean put, Grant grant, HttpReply reply, Json json, Runnable turn) {
    this.body = body;
    this.put = put;
    this.grant = grant;
    this.reply = reply;
    this.json = json;
    this.turn = turn;
  }

  boolean isDue() {
    return due && !over;
  }

  boolean isOver() {
    return over;
  }

  boolean replaces() {
    return put;
  }

  Grant grant() {
    return grant;
  }

  /** Waits until {@link #goOn}. */
  void pause() {
    due = false;
  }

  void goOn() {
    due = true;
  }

  // ---- reading

  /**
   * Reads on until a group is full, or as far as the body has come.
   *
   * @return whether there is a group to be written
   */
  boolean read() {
    while (!over && group.size() < GROUP_THINGS && groupChars < GROUP_CHARS) {
      String line = lines.next();
      if (line != null) {
        take(line);
      } else if (lines.isOver()) {
        return endOfBody();
      } else if (broken != null) {
        refuse(Refusal.of(ErrorCode.PARSE_ERROR, "line " + (lines.number() + 1) + ": " + broken));
      } else {
        ask();
        if (!due) {
          return false;
        }
      }
    }
    return !over;
  }

  private boolean endOfBody() {
    if (!group.isEmpty()) {
      return true;
    }
    answer();
    return false;
  }

  private void ask() {
    due = false;
    asking = true;
    body.next(this);
    asking = false;
  }

  @Override
  public void text(String text) {
    lines.add(text);
    came();
  }

  @Override
  public void end() {
    lines.end();
    came();
  }

  @Override
  public void failed(String error) {
    broken = error;
    came();
  }

  private void came() {
    due = true;
    if (!asking) {
      turn.run();
    }
  }

  private void take(String line) {
    int number = lines.number();
    if (line.equals(BodyLines.TOO_LONG)) {
      fail(
          number,
          ErrorCode.PAYLOAD_TOO_LARGE,
          "expected a line of at most " + BodyLines.MAX_CHARS + " characters");
      return;
    }
    if (line.isBlank()) {
      return;
    }
    JsonObject thing;
    try {
      thing = json.parse(line);
    } catch (JsonParseException e) {
      fail(number, ErrorCode.PARSE_ERROR, "expected a JSON object: " + e.getMessage());
      return;
    }
    if (thing.kind("$id") == JsonKind.ABSENT && thing.kind("format") == JsonKind.STRING) {
      String format = thing.string("format");
      if (!format.equals(Export.FORMAT)) {
        String message = "expected the format " + Export.FORMAT + ", found " + format;
        refuse(Refusal.of(ErrorCode.VALIDATION_ERROR, "line " + number + ": " + message));
      }
      return;
    }
    if (thing.kind("$id") == JsonKind.ABSENT && thing.kind("end") == JsonKind.BOOLEAN) {
      return;
    }
    group.add(new Line(number, thing, line.length()));
    groupChars += line.length();
  }

  // ---- writing

  /** The lines to be written next. */
  List<Line> group() {
    return group;
  }

  int groupChars() {
    return groupChars;
  }

  /** What became of one group; it counts once that is durable. */
  static final class Tally {
    int created;
    int replaced;
    int unchanged;
    final List<Failure> failed = new ArrayList<>();

    void fail(int line, Refusal refusal) {
      failed.add(new Failure(line, refusal.code().name(), refusal.message()));
    }
  }

  /** The group is durable. */
  void written(Tally tally) {
    created += tally.created;
    replaced += tally.replaced;
    unchanged += tally.unchanged;
    for (Failure failure : tally.failed) {
      fail(failure);
    }
    doneLines = group.get(group.size() - 1).number();
    group = new ArrayList<>();
    groupChars = 0;
    due = true;
  }

  private void fail(int line, ErrorCode code, String error) {
    fail(new Failure(line, code.name(), error));
  }

  private void fail(Failure failure) {
    failures++;
    if (failed.size() < MAX_FAILED) {
      failed.add(failure);
    }
  }

  // ---- the end

  private void answer() {
    over = true;
    // Lines that are no things are known before those of their group are written.
    failed.sort((a, b) -> Integer.compare(a.line(), b.line()));
    JsonWriter text = json.writer().raw("{\"created\":").number(created);
    text.raw(",\"replaced\":").number(replaced).raw(",\"unchanged\":").number(unchanged);
    text.raw(",\"failed\":");
    String separator = "[";
    for (Failure failure : failed) {
      text.raw(separator).raw("{\"line\":").number(failure.line());
      text.raw(",\"code\":").string(failure.code());
      text.raw(",\"error\":").string(failure.error()).raw("}");
      separator = ",";
    }
    text.raw(failed.isEmpty() ? "[]" : "]");
    if (failures > failed.size()) {
      text.raw(",\"failures\":").number(failures);
    }
    reply.send(200, JSON, text.raw("}").text());
  }

  /** Ends it before its time: what is durable stays. */
  void refuse(Refusal refusal) {
    if (over) {
      return;
    }
    over = true;
    body.cancel();
    String message =
        doneLines == 0
            ? refusal.message() + "; no line was applied"
            : refusal.message()
                + "; the lines up to "
                + doneLines
                + " are applied, those behind it are not";
    ReplyWriter.refuse(reply, Refusal.of(refusal.code(), message), json);
  }
}
