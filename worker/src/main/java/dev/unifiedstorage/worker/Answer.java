package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives the answer to one HTTP request, once. */
@JSFunctor
interface Answer extends JSObject {
  /** More headers are names and values in turn, mostly null for none. */
  void send(int status, String contentType, String body, HostArray headers);
}
