package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.archive.Archive;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.Route;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The archive over HTTP, but for its files, which are {@link ObjectRoutes}: its Iceberg REST
 * catalog under {@code /iceberg}, and what only the emulator has, {@code GET /archive}, {@code POST
 * /archive/expire?keep=10}, {@code POST /archive/erase?before=1769860800000} and {@code
 * ?namespace=}.
 *
 * <p>Errors of the catalog have the form that Iceberg's protocol wants; all others have the
 * emulator's.
 */
final class ArchiveRoutes {
  private static final String CATALOG = "/iceberg/";
  private static final String STATUS = "/archive";
  private static final String EXPIRE = "/archive/expire";
  private static final String ERASE = "/archive/erase";
  private static final int MAX_BODY_BYTES = 5_000_000;
  private static final int DEFAULT_KEEP = 10;

  private final Archive archive;

  ArchiveRoutes(Archive archive) {
    this.archive = archive;
  }

  /** Answers, if the path is one of the archive's; says whether it is. */
  boolean handle(Context ctx, String method, String path) throws IOException {
    if (path.startsWith(CATALOG)) {
      catalog(ctx, method, path.substring(CATALOG.length()));
    } else if (path.equals(STATUS)) {
      status(ctx, method);
    } else if (path.equals(EXPIRE)) {
      expire(ctx, method);
    } else if (path.equals(ERASE)) {
      erase(ctx, method);
    } else {
      return false;
    }
    return true;
  }

  private void catalog(Context ctx, String method, String path) throws IOException {
    byte[] body = ctx.req().getInputStream().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      ctx.header("Connection", "close");
      Answer.of(
              new HttpError(
                  413, "PAYLOAD_TOO_LARGE", "a request is at most " + MAX_BODY_BYTES + " bytes"))
          .to(ctx);
      return;
    }
    Map<String, String> query = new HashMap<>();
    ctx.queryParamMap().forEach((name, values) -> query.put(name, values.get(0)));
    String root = ctx.scheme() + "://" + ctx.host();
    String objectsUrl = root + ObjectRoutes.PREFIX.substring(0, ObjectRoutes.PREFIX.length() - 1);
    Archive.Answer answer = archive.catalog(method, path, query, body, objectsUrl);
    new Answer(answer.status(), HttpError.CONTENT_TYPE, List.of(), answer.body()).to(ctx);
  }

  private void status(Context ctx, String method) throws IOException {
    if (!method.equals("GET")) {
      wrongMethod(ctx, "GET");
      return;
    }
    Archive.Status status = archive.status();
    JsonWriter json = new JsoniterJson().writer();
    json.raw("{\"nextOffset\":").number(status.nextOffset());
    json.raw(",\"logEnd\":").number(status.logEnd());
    json.raw(",\"droppedRecords\":").number(status.droppedRecords()).raw(",\"lastError\":");
    if (status.lastError() == null) {
      json.raw("null");
    } else {
      json.string(status.lastError());
    }
    Answer.json(json.raw("}").text()).to(ctx);
  }

  private void expire(Context ctx, String method) throws IOException {
    if (!method.equals("POST")) {
      wrongMethod(ctx, "POST");
      return;
    }
    String keep = ctx.queryParam("keep");
    if (keep != null && !keep.matches("[1-9][0-9]{0,5}")) {
      Answer.of(
              new HttpError(
                  400, "VALIDATION_ERROR", "keep: expected a whole number from 1, found " + keep))
          .to(ctx);
      return;
    }
    int left = archive.expire(keep == null ? DEFAULT_KEEP : Integer.parseInt(keep));
    Answer.json("{\"snapshots\":" + left + "}").to(ctx);
  }

  /** Erases what came before a moment, {@code ?before=<ms>}, or {@code ?namespace=}. */
  private void erase(Context ctx, String method) throws IOException {
    if (!method.equals("POST")) {
      wrongMethod(ctx, "POST");
      return;
    }
    String before = ctx.queryParam("before");
    String namespace = ctx.queryParam("namespace");
    boolean isMoment = before != null && before.matches("[1-9][0-9]{0,15}");
    boolean isNamespace = namespace != null && Route.isNamespace(namespace);
    if (isMoment == isNamespace || before != null && namespace != null) {
      String message =
          "expected before, a moment in ms since 1970, or namespace, a store's, found "
              + ctx.req().getQueryString();
      Answer.of(new HttpError(400, "VALIDATION_ERROR", message)).to(ctx);
      return;
    }
    Archive.Erasure done =
        isMoment ? archive.eraseBefore(Double.parseDouble(before)) : archive.erase(namespace);
    if (done.refusal().isPresent()) {
      Answer.of(new HttpError(409, "CONFLICT", done.refusal().get())).to(ctx);
      return;
    }
    Answer.json("{\"files\":" + done.files() + ",\"rows\":" + done.rows() + "}").to(ctx);
  }

  private static void wrongMethod(Context ctx, String right) {
    Answer.of(new HttpError(405, "VALIDATION_ERROR", ctx.path() + " takes " + right)).to(ctx);
  }
}
