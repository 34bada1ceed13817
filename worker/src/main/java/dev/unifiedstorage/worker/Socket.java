package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** A client's socket as the glue wraps it: sending to one that has gone does nothing. */
interface Socket extends JSObject {
  void send(String text);
}
