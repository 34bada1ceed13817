package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.HttpBody;
import org.teavm.jso.JSExport;

/** The body of an answer, as JavaScript asks for its parts. */
public final class OutgoingBody {
  private final HttpBody body;
  private final Life life;

  OutgoingBody(HttpBody body, Life life) {
    this.body = body;
    this.life = life;
  }

  /** Asks for the next part. */
  @JSExport
  public void next(Received received) {
    if (life.isOver()) {
      received.part(null, "the store was built anew");
      return;
    }
    body.next(
        new HttpBody.Part() {
          @Override
          public void text(String text) {
            received.part(text, null);
          }

          @Override
          public void end() {
            received.part(null, null);
          }

          @Override
          public void failed(String error) {
            received.part(null, error);
          }
        });
  }

  /** Says that no more is asked for. */
  @JSExport
  public void cancel() {
    life.run(body::cancel);
  }
}
