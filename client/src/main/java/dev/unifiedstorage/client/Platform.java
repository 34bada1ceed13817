package dev.unifiedstorage.client;

/**
 * What a client needs of the world: one thread with a clock, chance, sockets. Tests have their own.
 */
interface Platform {
  /**
   * Runs on the client's thread, after what it has been given before.
   *
   * @return false once this is closed: then it does not run
   */
  boolean execute(Runnable task);

  /** Runs on the client's thread, once; the answer calls it off. */
  Runnable after(double ms, Runnable task);

  double nowMs();

  /** 0 to 1. */
  double random();

  /** A secret that cannot be guessed: the id of a session. */
  String secret();

  /** Opens a socket; the listener is called on the client's thread. */
  Socket open(Listener listener);

  void close();

  /** One socket. */
  interface Socket {
    void send(String text);

    void close();
  }

  /** Who is told of a socket. */
  interface Listener {
    void opened();

    void message(String text);

    /** It is gone, or never was. */
    void lost(String why);
  }
}
