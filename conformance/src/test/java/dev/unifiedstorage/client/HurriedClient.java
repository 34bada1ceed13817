package dev.unifiedstorage.client;

/**
 * Clients whose time runs faster than the network's, so that their pauses do not make a test long.
 *
 * <p>It is in the client's package because a clock is nothing that a program may choose.
 */
public final class HurriedClient {
  private HurriedClient() {}

  /** Connects with pauses, and a heartbeat, that are as many times shorter. */
  public static StoreClient connect(ClientOptions options, int speed) {
    Platform jdk = new JdkPlatform(options);
    Platform hurried =
        new Platform() {
          @Override
          public boolean execute(Runnable task) {
            return jdk.execute(task);
          }

          @Override
          public Runnable after(double ms, Runnable task) {
            return jdk.after(ms / speed, task);
          }

          @Override
          public double nowMs() {
            return jdk.nowMs() * speed;
          }

          @Override
          public double random() {
            return jdk.random();
          }

          @Override
          public String secret() {
            return jdk.secret();
          }

          @Override
          public Socket open(Listener listener) {
            return jdk.open(listener);
          }

          @Override
          public void close() {
            jdk.close();
          }
        };
    return new StoreClient(hurried, options.maxPending(), options.heartbeat().toMillis());
  }
}
