package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives the answer to one HTTP request, once. */
@JSFunctor
interface Answer extends JSObject {
  /** The etag is null, mostly. */
  void send(int status, String contentType, String body, String etag);
}
