package dev.unifiedstorage.worker;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.Directory;
import java.util.List;
import org.teavm.jso.JSExport;

/** The directory of all stores in one Durable Object, as JavaScript calls it. Nothing throws. */
public final class WorkerDirectory {
  private final Json json = new HostJson();
  private final Directory directory;

  WorkerDirectory(Host host) {
    this.directory = new Directory(new HostSql(host, "the directory"), json);
  }

  /** Lists a store; null, or why it could not be. */
  @JSExport
  public String list(String namespace, double createdAtMs) {
    return error(() -> directory.list(namespace, createdAtMs));
  }

  /** Lists a store no more; null, or why it could not be. */
  @JSExport
  public String unlist(String namespace) {
    return error(() -> directory.unlist(namespace));
  }

  /** Behind which commit the archive is to be looked at; infinite at the first look. */
  @JSExport
  public double lookAfter() {
    return directory.lastButOneLook().commit();
  }

  /** From when on what became visible there is behind that commit. */
  @JSExport
  public double lookSince() {
    return directory.lastButOneLook().atMs();
  }

  /** The archive was looked at, up to a commit; null, or why that could not be kept. */
  @JSExport
  public String looked(double commit, double atMs) {
    return error(() -> directory.looked(commit, atMs));
  }

  private static String error(Runnable change) {
    try {
      change.run();
      return null;
    } catch (Throwable e) {
      return Failures.text(e);
    }
  }

  /** The answer to a request. */
  @JSExport
  public HttpAnswer page(String method, String target, Headers headers) {
    try {
      String kept = headers.get(AccessPolicy.GRANT_HEADER);
      Grant grant = kept == null ? Grant.ALL : Grant.parse(kept, json);
      Route route = Route.parse(method, target, false);
      return HttpAnswer.ok(directory.page(route, grant), List.of());
    } catch (Throwable e) {
      ErrorCode code = ErrorCode.UNAVAILABLE;
      return HttpAnswer.error(code.httpStatus(), code.name(), Failures.text(e));
    }
  }
}
