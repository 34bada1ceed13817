package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives one part of a body. */
@JSFunctor
interface Received extends JSObject {
  /**
   * What came of asking for a part.
   *
   * @param text null at the end, and when the rest cannot be had
   * @param error why it cannot, else null
   */
  void part(String text, String error);
}
