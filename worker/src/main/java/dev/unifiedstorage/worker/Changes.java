package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives what has changed, as the text of a JSON object; it does not throw. */
@JSFunctor
interface Changes extends JSObject {
  void changed(String text);
}
