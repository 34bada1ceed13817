package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives the end of one check of a token. */
@JSFunctor
interface TokenEnding extends JSObject {
  /**
   * The check has ended.
   *
   * @param claims JSON text, null when the token does not count
   * @param error why the keys cannot be had, null when they can
   */
  void ended(String claims, String error);
}
