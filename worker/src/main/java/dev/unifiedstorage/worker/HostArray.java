package dev.unifiedstorage.worker;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSMethod;
import org.teavm.jso.JSObject;

/** An array of the host's, to hand over. */
abstract class HostArray implements JSObject {
  @JSBody(script = "return [];")
  static native HostArray create();

  /** Null is pushed as null. */
  @JSMethod
  abstract void push(String value);

  @JSMethod
  abstract void push(double value);

  @JSMethod
  abstract void push(JSObject value);
}
