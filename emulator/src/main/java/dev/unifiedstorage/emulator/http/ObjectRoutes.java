package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IO;

/**
 * {@code GET} and {@code HEAD /objects/{bucket}/{key}}: files of the warehouse, whole or one range
 * of them, as R2 and S3 serve objects.
 *
 * <p>Several ranges at once are answered with the whole object, as HTTP allows.
 *
 * <p>It stands before the servlets, whose threads would wait until a client has read a file.
 */
final class ObjectRoutes extends Handler.Wrapper {
  static final String PREFIX = "/objects/";

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** The bytes from {@code from} up to {@code to}, which is not among them. */
  private record Range(long from, long to) {}

  private final Path warehouse;

  ObjectRoutes(Path warehouse) {
    this.warehouse = warehouse;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = request.getHttpURI().getPath();
    if (!path.startsWith(PREFIX)) {
      return super.handle(request, response, callback);
    }
    String method = request.getMethod();
    Path file = file(path.substring(PREFIX.length()));
    if (!method.equals("GET") && !method.equals("HEAD")) {
      refuse(405, "VALIDATION_ERROR", path + " takes GET and HEAD", response, callback);
    } else if (file == null || !Files.isRegularFile(file)) {
      refuse(404, "NOT_FOUND", "there is no object at " + path, response, callback);
    } else {
      long modifiedMs = Files.getLastModifiedTime(file).toMillis();
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      // Whichever way it ends: what is written is, or the client has gone.
      Callback closing = Callback.from(callback, () -> IO.close(channel));
      serve(request, channel, modifiedMs, response, closing);
    }
    return true;
  }

  private static void serve(
      Request request, FileChannel channel, long modifiedMs, Response response, Callback callback)
      throws IOException {
    long size = channel.size();
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.ACCEPT_RANGES, "bytes");
    headers.put(
        HttpHeader.ETAG, "\"" + Long.toHexString(modifiedMs) + "-" + Long.toHexString(size) + "\"");
    Range range = new Range(0, size);
    String wanted = request.getHeaders().get(HttpHeader.RANGE);
    Matcher matcher = RANGE.matcher(wanted == null ? "" : wanted);
    if (matcher.matches() && !matcher.group(1).concat(matcher.group(2)).isEmpty()) {
      range = range(matcher.group(1), matcher.group(2), size);
      if (range == null) {
        headers.put(HttpHeader.CONTENT_RANGE, "bytes */" + size);
        String message = wanted + " is outside of " + size + " bytes";
        refuse(416, "VALIDATION_ERROR", message, response, callback);
        return;
      }
      response.setStatus(206);
      headers.put(
          HttpHeader.CONTENT_RANGE, "bytes " + range.from + "-" + (range.to - 1) + "/" + size);
    }
    headers.put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    headers.put(HttpHeader.CONTENT_LENGTH, range.to - range.from);
    if (request.getMethod().equals("HEAD")) {
      callback.succeeded();
      return;
    }
    ByteBufferPool.Sized buffers =
        new ByteBufferPool.Sized(request.getComponents().getByteBufferPool());
    Content.copy(
        Content.Source.from(buffers, channel, range.from, range.to - range.from),
        response,
        callback);
  }

  private static void refuse(
      int status, String code, String message, Response response, Callback callback) {
    JsonErrors.send(new HttpError(status, code, message), response, callback);
  }

  /** The range that {@code bytes=first-last} means, or null when the object has none of it. */
  private static Range range(String first, String last, long size) {
    long from = first.isEmpty() ? Math.max(0, size - Long.parseLong(last)) : Long.parseLong(first);
    long to = first.isEmpty() || last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1);
    return from < to ? new Range(from, to) : null;
  }

  private Path file(String name) {
    try {
      String decoded = URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
      int slash = decoded.indexOf('/');
      if (slash < 1 || decoded.startsWith(".")) {
        return null;
      }
      Path bucket = warehouse.resolve(decoded.substring(0, slash));
      Path file = bucket.resolve(decoded.substring(slash + 1)).normalize();
      return file.startsWith(bucket) ? file : null;
    } catch (IllegalArgumentException e) {
      // Also InvalidPathException: a name no file has.
      return null;
    }
  }
}
