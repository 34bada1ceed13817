package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** A dirty tracker as the glue wraps it. */
interface Tracker extends JSObject {
  /** An array of ids. */
  HostArray dirtyIds();

  /** The thing as it is now, null when it was deleted. */
  JSObject thing(String id);

  void markClean(HostArray ids);

  int dirtyCount();

  double dirtyBytes();
}
