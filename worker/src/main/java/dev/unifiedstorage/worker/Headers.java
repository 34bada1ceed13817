package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** The headers of a request, by their names in lower case. */
@JSFunctor
interface Headers extends JSObject {
  /** Null for one that is absent. */
  String get(String name);
}
