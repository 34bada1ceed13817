package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives what another object has answered, once. */
@JSFunctor
interface Told extends JSObject {
  /**
   * It has answered, or could not be asked.
   *
   * @param answer null with an error
   * @param error null with an answer
   */
  void told(String answer, String error);
}
