package dev.unifiedstorage.driver;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * The ports that this program may give to its servers.
 *
 * <p>No other program that takes its ports from here is given one of them, also while the server is
 * down: a range belongs to the program that listens on its first port, which ends with the program.
 * All ranges lie below what the kernel gives to outgoing connections and to listeners that ask for
 * any port.
 */
final class PortRange {
  private static final int FIRST_PORT = 20_000;
  private static final int PORTS = 798;
  private static final int RANGES = 16;

  /** Held for as long as the program runs, and never closed. */
  private final ServerSocket claim;

  private int next;

  private PortRange(ServerSocket claim) {
    this.claim = claim;
  }

  /** Claims the first range that no other program holds. */
  static PortRange claim() throws IOException {
    for (int range = 0; range < RANGES; range++) {
      ServerSocket claim = listen(FIRST_PORT + range * PORTS);
      if (claim != null) {
        return new PortRange(claim);
      }
    }
    throw new IOException(
        "expected one of the "
            + RANGES
            + " ranges of ports from "
            + FIRST_PORT
            + " on to be free: as many programs start servers here");
  }

  /** A port of the range that nothing listens on at the moment, each of them once a round. */
  synchronized int nextFree() throws IOException {
    for (int tried = 1; tried < PORTS; tried++) {
      int port = claim.getLocalPort() + 1 + next;
      next = (next + 1) % (PORTS - 1);
      ServerSocket free = listen(port);
      if (free != null) {
        free.close();
        return port;
      }
    }
    throw new IOException("no port from " + claim.getLocalPort() + " to its range's end is free");
  }

  /** Null when something else listens there. */
  private static ServerSocket listen(int port) throws IOException {
    try {
      return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    } catch (BindException e) {
      return null;
    }
  }
}
