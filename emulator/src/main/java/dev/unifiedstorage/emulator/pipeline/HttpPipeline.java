package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Pipeline at an HTTP endpoint: each send is one POST of a JSON array, accepted by any 2xx
 * answer.
 *
 * <p>Requests under way are bounded; one that has had no answer for a minute is given up, long
 * after its sender's own deadline.
 */
public final class HttpPipeline {
  private static final int UNDER_WAY = 256;
  private static final int SHOWN_CHARS = 200;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration GIVE_UP = Duration.ofSeconds(60);

  private final URI url;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final AtomicInteger underWay = new AtomicInteger();

  public HttpPipeline(URI url) {
    this.url = url;
  }

  /** The endpoint as the port, for one object. */
  public Pipeline with(Json json) {
    return (records, completion) -> post(array(json, records), completion);
  }

  private static String array(Json json, List<? extends PipelineRecord> records) {
    JsonWriter body = json.writer().raw("[");
    for (int i = 0; i < records.size(); i++) {
      if (i > 0) {
        body.raw(",");
      }
      records.get(i).writeTo(body);
    }
    return body.raw("]").text();
  }

  private void post(String body, Completion completion) {
    if (underWay.incrementAndGet() > UNDER_WAY) {
      underWay.decrementAndGet();
      completion.failed(UNDER_WAY + " sends to " + url + " are under way without an answer");
      return;
    }
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(GIVE_UP)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
            .build();
    client
        .sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
        .handleAsync(
            (response, failure) -> {
              underWay.decrementAndGet();
              finish(response, failure, completion);
              return null;
            });
  }

  private void finish(
      HttpResponse<InputStream> response, Throwable failure, Completion completion) {
    if (failure != null) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      completion.failed("POST " + url + " failed: " + cause);
      return;
    }
    String start;
    try (InputStream body = response.body()) {
      start = new String(body.readNBytes(4 * SHOWN_CHARS), StandardCharsets.UTF_8);
    } catch (IOException e) {
      start = e.toString();
    }
    if (response.statusCode() / 100 == 2) {
      completion.succeeded();
    } else {
      String shown = start.length() > SHOWN_CHARS ? start.substring(0, SHOWN_CHARS) + "…" : start;
      completion.failed("POST " + url + " answered " + response.statusCode() + ": " + shown);
    }
  }
}
