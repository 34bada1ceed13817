package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** A client's socket as the glue wraps it: what is done to one that has gone does nothing. */
interface Socket extends JSObject {
  /** A number that no other socket of the isolate has. */
  int id();

  void send(String text);

  /** Sends what is no reply; false when the socket has gone. */
  boolean push(String text);

  /** How many bytes wait for the client to read them; negative where the platform does not tell. */
  double unsentBytes();

  void close(int code, String reason);

  /** What was attached last, before a hibernation too; "" at first. */
  String attachment();

  void attach(String text);
}
