package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.LineWriter;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/**
 * An array of lines that the host joins once.
 *
 * <p>Appended one after the other, thousands of lines are a rope of as many pieces, and the first
 * look into it pays for its walk.
 */
final class HostLines implements LineWriter {
  private final JSObject lines = create();

  @Override
  public void add(String line) {
    push(lines, line);
  }

  @Override
  public String text() {
    return join(lines);
  }

  @JSBody(script = "return [];")
  private static native JSObject create();

  @JSBody(
      params = {"lines", "line"},
      script = "lines.push(line);")
  private static native void push(JSObject lines, String line);

  // The last line's break is joined too: added afterwards it would cost another copy.
  @JSBody(
      params = "lines",
      script = "lines.push(''); var text = lines.join('\\n'); lines.pop(); return text;")
  private static native String join(JSObject lines);
}
