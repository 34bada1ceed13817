package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives one socket. */
@JSFunctor
interface SocketVisitor extends JSObject {
  void visit(Socket socket);
}
