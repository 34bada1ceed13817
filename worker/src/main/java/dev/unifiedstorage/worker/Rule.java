package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** What the application says to a write; it does not throw. */
@JSFunctor
interface Rule extends JSObject {
  /**
   * Judges a write.
   *
   * @param socket where it came from; null over HTTP, and of this process
   * @param inProcess whether it came from this process
   * @return the write to carry out, or an object with {@code refused}: code, message and details
   */
  JSObject judge(JSObject operation, Socket socket, boolean inProcess);
}
