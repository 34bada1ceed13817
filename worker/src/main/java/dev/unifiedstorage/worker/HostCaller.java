package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Connection;

/** A caller in the same isolate, who is asked for no token: the object's own class, or its RPC. */
record HostCaller(Changes reply) implements Connection {
  @Override
  public void send(String text) {
    reply.changed(text);
  }
}
