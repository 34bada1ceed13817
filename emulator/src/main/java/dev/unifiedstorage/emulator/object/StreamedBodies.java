package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.store.HttpRequest;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Takes the parts of bodies from the threads that read and write them to the event loop of an
 * object and back, as long as the store lives that they belong to.
 */
final class StreamedBodies {
  private final Executor loop;
  private final BooleanSupplier alive;

  /**
   * @param alive asked on the loop
   */
  StreamedBodies(Executor loop, BooleanSupplier alive) {
    this.loop = loop;
    this.alive = alive;
  }

  /** The request, whose body is heard of on the loop; nothing is heard once the store is gone. */
  HttpRequest incoming(HttpRequest request) {
    HttpBody body = request.stream();
    if (body == null) {
      return request;
    }
    HttpBody onLoop =
        new HttpBody() {
          @Override
          public void next(Part part) {
            body.next(onLoop(part));
          }

          @Override
          public void cancel() {
            body.cancel();
          }
        };
    return new HttpRequest(request.route(), request.headers(), request.body(), onLoop);
  }

  private HttpBody.Part onLoop(HttpBody.Part part) {
    return new HttpBody.Part() {
      @Override
      public void text(String text) {
        whileAlive(() -> part.text(text));
      }

      @Override
      public void end() {
        whileAlive(part::end);
      }

      @Override
      public void failed(String error) {
        whileAlive(() -> part.failed(error));
      }
    };
  }

  private void whileAlive(Runnable task) {
    loop.execute(
        () -> {
          if (alive.getAsBoolean()) {
            task.run();
          }
        });
  }

  /** A body that is asked on the loop; it breaks off when the store is gone. */
  HttpBody outgoing(HttpBody body) {
    return new HttpBody() {
      @Override
      public void next(Part part) {
        loop.execute(
            () -> {
              if (alive.getAsBoolean()) {
                body.next(part);
              } else {
                part.failed("the object has lost its memory");
              }
            });
      }

      @Override
      public void cancel() {
        whileAlive(body::cancel);
      }
    };
  }
}
