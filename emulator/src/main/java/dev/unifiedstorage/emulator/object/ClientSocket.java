package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.port.Connection;

/** One client's socket as its object sees it: over the network, or from inside the process. */
sealed interface ClientSocket extends Connection permits ObjectSocket, DirectSocket {
  /** Sends what has gathered; on the event loop, after a turn. */
  void flush();

  /** One of the client's messages has been answered: the reply was sent before. */
  void answered();

  /** Closes the socket with a status that tells the client why. */
  void close(int code, String reason);

  /** Breaks the socket off, as the end of its process would; what was not read is lost. */
  void abort();

  /** Whether it was broken off: what it sent before was lost with the memory. */
  boolean isAborted();

  /** Whether its client cannot move virtual time, so that time has to go on while it waits. */
  boolean waitsForTime();
}
