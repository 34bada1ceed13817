package dev.unifiedstorage.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/**
 * Iceberg's files, fetched whole from where the catalog says they are.
 *
 * <p>It is public because Iceberg makes it by its name.
 */
public final class EmulatorObjects implements FileIO {
  private static final long serialVersionUID = 1;

  /** Its own: files of another server at the same port are another FileIO's. */
  private transient HttpClient http;

  private String endpoint;

  @Override
  public void initialize(Map<String, String> properties) {
    endpoint = properties.get("s3.endpoint");
    http = HttpClient.newHttpClient();
  }

  @Override
  public InputFile newInputFile(String location) {
    return new InMemoryInputFile(location, fetch(location));
  }

  /** The bytes of an {@code s3://bucket/key}. */
  byte[] fetch(String location) {
    URI url = URI.create(endpoint + location.substring("s3:/".length()));
    try {
      HttpResponse<byte[]> answer =
          http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new NotFoundException("%s: %d", url, answer.statusCode());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public OutputFile newOutputFile(String location) {
    throw new UnsupportedOperationException("read only: " + location);
  }

  @Override
  public void deleteFile(String location) {
    throw new UnsupportedOperationException("read only: " + location);
  }
}
