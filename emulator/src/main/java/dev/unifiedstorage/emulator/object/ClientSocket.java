package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Peer;

/** One client's socket as its object sees it: over the network, or from inside the process. */
sealed interface ClientSocket extends Connection, Peer permits ObjectSocket, DirectSocket {
  @Override
  default Peer peer() {
    return this;
  }

  /** Sends what has gathered; on the event loop, after a turn. */
  void flush();

  /** One of the client's messages has been answered: the reply was sent before. */
  void answered();

  /** Breaks the socket off, as the end of its process would; what was not read is lost. */
  void abort();

  /** Whether it was broken off: what it sent before was lost with the memory. */
  boolean isAborted();

  /** Whether its client cannot move virtual time, so that time has to go on while it waits. */
  boolean waitsForTime();
}
