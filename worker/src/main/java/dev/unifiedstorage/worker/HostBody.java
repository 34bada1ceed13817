package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.HttpBody;

/** The body of a request as JavaScript brings it; nothing comes once the store's life is over. */
final class HostBody implements HttpBody {
  private final IncomingBody body;
  private final Life life;
  private final Runnable lost;

  /**
   * @param lost is run in place of a part that comes too late
   */
  HostBody(IncomingBody body, Life life, Runnable lost) {
    this.body = body;
    this.life = life;
    this.lost = lost;
  }

  @Override
  public void next(Part part) {
    body.next(
        (text, error) -> {
          if (life.isOver()) {
            lost.run();
            return;
          }
          life.run(
              () -> {
                if (text != null) {
                  part.text(text);
                } else if (error == null) {
                  part.end();
                } else {
                  part.failed(error);
                }
              });
        });
  }

  @Override
  public void cancel() {
    body.cancel();
  }
}
