package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.Sockets;
import java.util.ArrayList;
import java.util.List;

/** The object's sockets, those of before a hibernation among them. */
final class HostSockets implements Sockets {
  private final Host host;

  HostSockets(Host host) {
    this.host = host;
  }

  @Override
  public List<Peer> open() {
    List<Peer> open = new ArrayList<>();
    host.eachSocket(socket -> open.add(new HostConnection(socket)));
    return open;
  }
}
