package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.StoreDirectory;

/** The object that lists all stores. */
final class HostDirectory implements StoreDirectory {
  private final Host host;
  private final Life life;

  HostDirectory(Host host, Life life) {
    this.host = host;
    this.life = life;
  }

  @Override
  public void list(String namespace, double createdAtMs, Completion done) {
    host.tellDirectory(true, namespace, createdAtMs, life.ending(done));
  }

  @Override
  public void unlist(String namespace, Completion done) {
    host.tellDirectory(false, namespace, 0, life.ending(done));
  }
}
