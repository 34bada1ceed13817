package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** A client's socket as the glue wraps it: what is done to one that has gone does nothing. */
interface Socket extends JSObject {
  void send(String text);

  /** How many bytes wait for the client to read them; 0 where the platform does not tell. */
  double unsentBytes();

  void close(int code, String reason);
}
