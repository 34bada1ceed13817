package dev.unifiedstorage.emulator;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.StoreObserver;
import java.io.PrintStream;
import java.time.Instant;

/**
 * A log of one namespace: a line a message.
 *
 * @param about the namespace, or the part of the emulator
 */
record LogObserver(PrintStream out, LogForm form, String about) implements StoreObserver {
  @Override
  public void info(String message) {
    line("info", message);
  }

  @Override
  public void warning(String message) {
    line("warning", message);
  }

  @Override
  public void error(String message) {
    line("error", message);
  }

  @Override
  public void step(LifeStep step, String message, String line) {
    boolean trouble = step == LifeStep.DEGRADED || step == LifeStep.FAILED;
    if (form == LogForm.JSON) {
      String level = step == LifeStep.FAILED ? "error" : trouble ? "warning" : "info";
      out.println(head(level).raw(line.substring(1)).text());
    } else if (form == LogForm.TEXT || trouble || step == LifeStep.CAUGHT_UP) {
      StoreObserver.super.step(step, message, line);
    }
  }

  private void line(String level, String message) {
    if (form == LogForm.JSON) {
      JsonWriter line = head(level).raw("\"about\":").string(about);
      out.println(line.raw(",\"message\":").string(message).raw("}").text());
    } else {
      out.println("[" + about + "] " + level + ": " + message);
    }
  }

  private static JsonWriter head(String level) {
    String time = Instant.now().toString();
    return new JsoniterJson()
        .writer()
        .raw("{\"time\":\"" + time + "\",\"level\":\"" + level + "\",");
  }
}
