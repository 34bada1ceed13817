package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** The body of a request, whose parts come one by one as they are asked for. */
interface IncomingBody extends JSObject {
  void next(Received part);

  void cancel();
}
