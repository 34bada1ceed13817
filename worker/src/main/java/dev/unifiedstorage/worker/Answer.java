package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives the answer to one HTTP request, once. */
@JSFunctor
interface Answer extends JSObject {
  /**
   * Sends it.
   *
   * @param headers more of them, names and values in turn, mostly null for none
   * @param stream the body when it comes in parts, mostly null
   */
  void send(int status, String contentType, String body, HostArray headers, OutgoingBody stream);
}
