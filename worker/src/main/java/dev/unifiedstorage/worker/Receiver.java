package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives what a component tells its user; it does not throw. */
@JSFunctor
interface Receiver extends JSObject {
  void receive(JSObject value);
}
