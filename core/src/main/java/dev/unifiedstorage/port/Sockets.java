package dev.unifiedstorage.port;

import java.util.List;

/** The sockets of one object, those that were opened before a hibernation among them. */
public interface Sockets {
  /** An object without any. */
  Sockets NONE = List::of;

  /** The open ones. */
  List<Peer> open();
}
