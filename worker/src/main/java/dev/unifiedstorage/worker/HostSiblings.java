package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Siblings;

/** The other Durable Objects of the store's class. */
final class HostSiblings implements Siblings {
  private final Host host;
  private final Life life;

  HostSiblings(Host host, Life life) {
    this.host = host;
    this.life = life;
  }

  @Override
  public void tell(String namespace, String text, Answer answer) {
    host.tell(
        namespace,
        text,
        (told, error) ->
            life.run(
                () -> {
                  if (error == null) {
                    answer.answered(told);
                  } else {
                    answer.failed(error);
                  }
                }));
  }
}
