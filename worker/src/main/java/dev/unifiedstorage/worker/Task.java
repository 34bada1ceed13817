package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Something the host calls later; it does not throw. */
@JSFunctor
interface Task extends JSObject {
  void run();
}
