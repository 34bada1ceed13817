package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Receives how many rows a read of the archive has looked at. */
@JSFunctor
interface ArchiveProgress extends JSObject {
  void looked(double rows);
}
