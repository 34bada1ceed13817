package dev.unifiedstorage.emulator.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Iceberg's files read by ranges from where the catalog says they are, as an S3 client reads them.
 *
 * <p>It is public because Iceberg makes it by its name.
 */
public final class HttpObjects implements FileIO {
  private static final long serialVersionUID = 1;
  private static final int RANGE_BYTES = 10_000;

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
    return new Input(location, endpoint + location.substring("s3:/".length()));
  }

  @Override
  public OutputFile newOutputFile(String location) {
    throw new UnsupportedOperationException("read only: " + location);
  }

  @Override
  public void deleteFile(String location) {
    throw new UnsupportedOperationException("read only: " + location);
  }

  private HttpResponse<byte[]> request(String method, String url, String range) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).method(method, HttpRequest.BodyPublishers.noBody());
    if (range != null) {
      request.header("Range", range);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Input implements InputFile {
    private final String location;
    private final String url;

    Input(String location, String url) {
      this.location = location;
      this.url = url;
    }

    @Override
    public String location() {
      return location;
    }

    @Override
    public long getLength() {
      HttpResponse<byte[]> head = request("HEAD", url, null);
      if (head.statusCode() != 200) {
        throw new NotFoundException("%s: %d", url, head.statusCode());
      }
      return head.headers().firstValueAsLong("content-length").orElseThrow();
    }

    @Override
    public SeekableInputStream newStream() {
      return new Ranges(url, getLength());
    }

    @Override
    public boolean exists() {
      return request("HEAD", url, null).statusCode() == 200;
    }
  }

  private final class Ranges extends SeekableInputStream {
    private final String url;
    private final long length;
    private byte[] part = {};
    private long partAt;
    private long at;

    Ranges(String url, long length) {
      this.url = url;
      this.length = length;
    }

    @Override
    public long getPos() {
      return at;
    }

    @Override
    public void seek(long position) {
      at = position;
    }

    @Override
    public int read() throws IOException {
      return fetched() ? part[(int) (at++ - partAt)] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      if (!fetched()) {
        return -1;
      }
      int start = (int) (at - partAt);
      int count = Math.min(most, part.length - start);
      System.arraycopy(part, start, into, from, count);
      at += count;
      return count;
    }

    /** Whether there is a byte to read next; it is at hand then. */
    private boolean fetched() throws IOException {
      if (at >= length) {
        return false;
      }
      if (at < partAt || at >= partAt + part.length) {
        HttpResponse<byte[]> answer =
            request("GET", url, "bytes=" + at + "-" + (at + RANGE_BYTES - 1));
        if (answer.statusCode() != 206) {
          throw new IOException(url + ": expected 206, found " + answer.statusCode());
        }
        part = answer.body();
        partAt = at;
      }
      return true;
    }
  }
}
