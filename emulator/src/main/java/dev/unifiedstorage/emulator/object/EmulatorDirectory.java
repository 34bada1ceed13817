package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreDirectory;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.Directory;
import java.nio.file.Path;

/** The directory of all stores, in {@code directory.sqlite}. Safe for use from every thread. */
public final class EmulatorDirectory implements StoreDirectory {
  private final SqliteStorage storage;
  private final Json json = new JsoniterJson();
  private final Directory directory;

  public EmulatorDirectory(Path file) {
    storage = new SqliteStorage("the emulator's directory", file);
    directory = new Directory(storage, json);
  }

  @Override
  public synchronized void list(String namespace, double createdAtMs, Completion done) {
    end(() -> directory.list(namespace, createdAtMs), done);
  }

  @Override
  public synchronized void unlist(String namespace, Completion done) {
    end(() -> directory.unlist(namespace), done);
  }

  private static void end(Runnable change, Completion done) {
    try {
      change.run();
    } catch (SqlException e) {
      done.failed(e.getMessage());
      return;
    }
    done.succeeded();
  }

  /**
   * The answer to a request.
   *
   * @param grant what the client may do, as its request carries it; null for everything
   */
  public synchronized String page(Route route, String grant) {
    return directory.page(route, grant == null ? Grant.ALL : Grant.parse(grant, json));
  }

  public synchronized void close() {
    storage.close();
  }
}
