package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** What the application knows of the forms of before; it does not throw. */
@JSFunctor
interface Upcast extends JSObject {
  /**
   * Brings fields into the next form.
   *
   * @param fields the text of a JSON object
   * @return an object with {@code fields}, such a text, or with {@code error}
   */
  JSObject upcast(String type, double form, String fields);
}
