package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.archive.FileSection;
import dev.unifiedstorage.emulator.object.HttpError;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code GET} and {@code HEAD /objects/{bucket}/{key}}: files of the warehouse, whole or one range
 * of them, as R2 and S3 serve objects.
 *
 * <p>Several ranges at once are answered with the whole object, as HTTP allows.
 */
final class ObjectRoutes {
  static final String PREFIX = "/objects/";

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** The bytes from {@code from} up to {@code to}, which is not among them. */
  private record Range(long from, long to) {}

  private final Path warehouse;

  ObjectRoutes(Path warehouse) {
    this.warehouse = warehouse;
  }

  void handle(Context ctx, String method, String name) throws IOException {
    if (!method.equals("GET") && !method.equals("HEAD")) {
      Answer.of(new HttpError(405, "VALIDATION_ERROR", ctx.path() + " takes GET and HEAD")).to(ctx);
      return;
    }
    Path file = file(name);
    if (file == null || !Files.isRegularFile(file)) {
      Answer.of(new HttpError(404, "NOT_FOUND", "there is no object at " + ctx.path())).to(ctx);
      return;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      if (serve(ctx, method, channel, Files.getLastModifiedTime(file).toMillis())) {
        channel = null;
      }
    } finally {
      if (channel != null) {
        channel.close();
      }
    }
  }

  /** Answers; says whether the channel is the response's from now on. */
  private static boolean serve(Context ctx, String method, FileChannel channel, long modifiedMs)
      throws IOException {
    long size = channel.size();
    ctx.header("Accept-Ranges", "bytes");
    ctx.header("ETag", "\"" + Long.toHexString(modifiedMs) + "-" + Long.toHexString(size) + "\"");
    Range range = new Range(0, size);
    String wanted = ctx.header("Range");
    if (wanted != null) {
      Matcher matcher = RANGE.matcher(wanted);
      if (matcher.matches() && !matcher.group(1).concat(matcher.group(2)).isEmpty()) {
        range = range(matcher.group(1), matcher.group(2), size);
        if (range == null) {
          ctx.header("Content-Range", "bytes */" + size);
          Answer.of(
                  new HttpError(
                      416, "VALIDATION_ERROR", wanted + " is outside of " + size + " bytes"))
              .to(ctx);
          return false;
        }
        ctx.status(206);
        ctx.header("Content-Range", "bytes " + range.from + "-" + (range.to - 1) + "/" + size);
      }
    }
    ctx.contentType("application/octet-stream");
    ctx.header("Content-Length", Long.toString(range.to - range.from));
    if (method.equals("HEAD")) {
      return false;
    }
    ctx.result(new FileSection(channel, range.from, range.to));
    return true;
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
