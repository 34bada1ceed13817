package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives the end of something asynchronous, once: an error's text, or null. */
@JSFunctor
interface Ending extends JSObject {
  void ended(String error);
}
