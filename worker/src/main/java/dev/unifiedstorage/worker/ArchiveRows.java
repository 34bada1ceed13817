package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives the rows of an archive read, one by one. */
@JSFunctor
interface ArchiveRows extends JSObject {
  void row(ArchiveRow row);
}
