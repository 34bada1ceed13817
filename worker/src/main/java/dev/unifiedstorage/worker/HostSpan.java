package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** A span of the platform; nothing throws. */
interface HostSpan extends JSObject {
  void set(String attribute, String value);

  void set(String attribute, double value);

  /** Ends it: {@code error} is "" where nothing went wrong. */
  void end(String error);
}
