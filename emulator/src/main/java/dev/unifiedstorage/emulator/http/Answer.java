package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.port.HttpBody;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What a request of HTTP is answered, made up before the response is touched.
 *
 * @param headers more of them, names and values in turn
 * @param stream a body that comes in parts, null where {@code body} is the whole of it
 */
record Answer(int status, String contentType, List<String> headers, String body, HttpBody stream) {
  Answer(int status, String contentType, List<String> headers, String body) {
    this(status, contentType, headers, body, null);
  }

  static Answer json(String body) {
    return new Answer(200, HttpError.CONTENT_TYPE, List.of(), body);
  }

  static Answer of(HttpError error) {
    return new Answer(error.status(), HttpError.CONTENT_TYPE, List.of(), error.body());
  }

  void to(Context ctx) {
    ctx.status(status).contentType(contentType);
    if (stream != null) {
      streamTo(ctx);
      return;
    }
    ctx.result(body);
    for (int i = 0; i < headers.size(); i += 2) {
      ctx.header(headers.get(i), headers.get(i + 1));
    }
  }

  /** Writes the parts one by one, each once the client has read enough of those before. */
  private void streamTo(Context ctx) {
    try {
      OutputStream out = ctx.res().getOutputStream();
      String text = nextPart();
      while (text != null) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
        text = nextPart();
      }
    } catch (IOException e) {
      // The client has gone.
      stream.cancel();
    }
  }

  /** The next part; null at the end, or where the answer breaks off. */
  private String nextPart() {
    CompletableFuture<String> part = new CompletableFuture<>();
    stream.next(
        new HttpBody.Part() {
          @Override
          public void text(String text) {
            part.complete(text);
          }

          @Override
          public void end() {
            part.complete(null);
          }

          @Override
          public void failed(String error) {
            part.complete(null);
          }
        });
    return part.join();
  }

  /**
   * Answers when the answer is there.
   *
   * @param answers where it is written, because the thread that completes it must not wait for a
   *     client
   */
  static void later(CompletableFuture<Answer> answer, Context ctx, Executor answers) {
    ctx.future(() -> answer.thenAcceptAsync(ready -> ready.to(ctx), answers));
  }
}
