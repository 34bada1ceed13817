package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import io.javalin.http.Context;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What a request of HTTP is answered, made up before the response is touched.
 *
 * @param headers more of them, names and values in turn
 */
record Answer(int status, String contentType, List<String> headers, String body) {

  static Answer json(String body) {
    return new Answer(200, HttpError.CONTENT_TYPE, List.of(), body);
  }

  static Answer of(HttpError error) {
    return new Answer(error.status(), HttpError.CONTENT_TYPE, List.of(), error.body());
  }

  void to(Context ctx) {
    ctx.status(status).contentType(contentType).result(body);
    for (int i = 0; i < headers.size(); i += 2) {
      ctx.header(headers.get(i), headers.get(i + 1));
    }
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
