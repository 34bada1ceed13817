package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives what is done with a request, once. */
@JSFunctor
interface Entered extends JSObject {
  void with(HttpAnswer answer);
}
