package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive as others reach it: Iceberg's own REST client, and plain requests. */
class ArchiveRoutesTest {
  private static final TableIdentifier EVENTS = TableIdentifier.of("unified_storage", "events");

  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void open() throws IOException {
    server = new TestServer(folder, true);
  }

  @AfterEach
  void close() throws InterruptedException {
    server.close();
  }

  @Test
  void icebergsClientReadsWhatWasSent() throws Exception {
    try (RESTCatalog catalog = client("all")) {
      Table table = catalog.loadTable(EVENTS);
      assertEquals(List.of(), rows(table));
      send(1, 1_000);
      rolled(1_000);
      send(1_001, 1_002);
      rolled(1_002);
      table.refresh();
      assertEquals(1_002, rows(table).size());
      assertEquals("a 1", rows(table).get(0));
      assertEquals(2, size(table.snapshots()));
      assertEquals("s3://archive/unified_storage/events", table.location());
    }
    try (RESTCatalog catalog = client("refs")) {
      HttpResponse<String> refs =
          server.request(
              "GET",
              "/iceberg/v1/emulator/namespaces/unified_storage/tables/events?snapshots=refs",
              "");
      assertEquals(1, refs.body().split("\"manifest-list\"", -1).length - 1, refs.body());
      assertEquals(1_002, rows(catalog.loadTable(EVENTS)).size());
      assertEquals(2, size(catalog.loadTable(EVENTS).snapshots()), "loaded when asked for");
    }
  }

  @Test
  void icebergsClientManagesNamespacesAndTables() throws Exception {
    try (RESTCatalog catalog = client("all")) {
      Namespace namespace = Namespace.of("mine");
      catalog.createNamespace(namespace, new HashMap<>(Map.of("owner", "me")));
      assertThrows(AlreadyExistsException.class, () -> catalog.createNamespace(namespace));
      assertEquals("me", catalog.loadNamespaceMetadata(namespace).get("owner"));
      catalog.setProperties(namespace, new HashMap<>(Map.of("owner", "you")));
      assertEquals("you", catalog.loadNamespaceMetadata(namespace).get("owner"));
      assertTrue(catalog.namespaceExists(namespace));
      assertEquals(
          List.of(namespace, EVENTS.namespace()),
          catalog.listNamespaces().stream()
              .sorted((a, b) -> a.toString().compareTo(b.toString()))
              .toList());

      TableIdentifier name = TableIdentifier.of(namespace, "a table");
      Schema schema = new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
      catalog.createTable(name, schema);
      assertThrows(AlreadyExistsException.class, () -> catalog.createTable(name, schema));
      assertThrows(NamespaceNotEmptyException.class, () -> catalog.dropNamespace(namespace));
      catalog.loadTable(name).updateSchema().addColumn("note", Types.StringType.get()).commit();
      assertEquals(2, catalog.loadTable(name).schema().columns().size());
      TableIdentifier renamed = TableIdentifier.of(namespace, "renamed");
      catalog.renameTable(name, renamed);
      assertFalse(catalog.tableExists(name));
      assertEquals(List.of(renamed), catalog.listTables(namespace));
      assertTrue(catalog.dropTable(renamed));
      assertThrows(NoSuchTableException.class, () -> catalog.loadTable(renamed));
      assertTrue(catalog.dropNamespace(namespace));
      assertThrows(NoSuchNamespaceException.class, () -> catalog.loadNamespaceMetadata(namespace));
    }
  }

  @Test
  void aTableIsMadeAsItsClientSays() throws Exception {
    try (RESTCatalog catalog = client("all")) {
      Namespace namespace = Namespace.of("mine");
      catalog.createNamespace(namespace, new HashMap<>(Map.of("a", "1", "b", "2")));
      catalog.removeProperties(namespace, new HashSet<>(Set.of("a")));
      assertEquals(null, catalog.loadNamespaceMetadata(namespace).get("a"));
      assertEquals("2", catalog.loadNamespaceMetadata(namespace).get("b"));

      HttpResponse<String> updated =
          server.request(
              "POST",
              "/iceberg/v1/emulator/namespaces/mine/properties",
              "{\"updates\":{\"c\":\"3\"}}");
      assertEquals(200, updated.statusCode(), updated.body());

      TableIdentifier name = TableIdentifier.of(namespace, "parts");
      Schema schema =
          new Schema(
              Types.NestedField.required(1, "id", Types.LongType.get()),
              Types.NestedField.optional(2, "day", Types.DateType.get()));
      catalog
          .buildTable(name, schema)
          .withPartitionSpec(PartitionSpec.builderFor(schema).month("day").build())
          .withSortOrder(SortOrder.builderFor(schema).desc("id").build())
          .withProperty("owner", "me")
          .create();
      Table table = catalog.loadTable(name);
      assertEquals("month", table.spec().fields().get(0).transform().toString());
      assertEquals("DESC", table.sortOrder().fields().get(0).direction().name());
      assertEquals("me", table.properties().get("owner"));

      TableIdentifier staged = TableIdentifier.of(namespace, "staged");
      Transaction making = catalog.buildTable(staged, schema).createTransaction();
      assertFalse(catalog.tableExists(staged));
      making.updateProperties().set("made", "in two steps").commit();
      making.commitTransaction();
      assertEquals("in two steps", catalog.loadTable(staged).properties().get("made"));

      String metadata =
          ((HasTableOperations) catalog.loadTable(staged))
              .operations()
              .current()
              .metadataFileLocation();
      TableIdentifier again = TableIdentifier.of(namespace, "again");
      assertTrue(catalog.dropTable(staged, false));
      catalog.registerTable(again, metadata);
      assertEquals("in two steps", catalog.loadTable(again).properties().get("made"));
    }
  }

  @Test
  void aRequestThatIsNoneIsRefusedByWhatIsWrong() throws Exception {
    String namespaces = "/iceberg/v1/emulator/namespaces";
    String tables = namespaces + "/unified_storage/tables";
    wrong(namespaces, "{\"namespace\":[1]}", "namespace: expected a list of strings");
    wrong(namespaces, "{\"namespace\":[\"a\"],\"properties\":{\"b\":1}}", "b: expected a string");
    wrong(tables, "{\"name\":\"a\"}", "schema: expected an object");
    wrong(tables, "[]", "object");
    wrong("/iceberg/v1/emulator/tables/rename", "{\"source\":1}", "source: expected a table's");
  }

  private void wrong(String path, String body, String says) throws Exception {
    HttpResponse<String> answer = server.request("POST", path, body);
    assertEquals(400, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains(says), answer.body());
  }

  @Test
  void aClientsCommitAndTheSinksMeetAsEquals() throws Exception {
    try (RESTCatalog catalog = client("all")) {
      Table stale = catalog.loadTable(EVENTS);
      send(1, 1);
      rolled(1);
      stale.updateProperties().set("owner", "me").commit();
      assertThrows(
          CommitFailedException.class,
          () -> {
            var update = stale.updateSchema().addColumn("extra", Types.StringType.get());
            catalog
                .loadTable(EVENTS)
                .updateSchema()
                .addColumn("first", Types.LongType.get())
                .commit();
            update.commit();
          });
      send(2, 2);
      rolled(2);
      Table table = catalog.loadTable(EVENTS);
      assertEquals("me", table.properties().get("owner"));
      assertEquals(List.of("a 1", "a 2"), rows(table));
    }
  }

  @Test
  void whatTheCatalogDoesNotHaveIsAnErrorInItsOwnForm() throws Exception {
    assertEquals(
        "emulator",
        server.json("GET", "/iceberg/v1/config?warehouse=x").object("overrides").string("prefix"));
    catalogError(404, "NoSuchNamespaceException", "GET", "/iceberg/v1/namespaces", "");
    catalogError(404, "NoSuchNamespaceException", "GET", "/iceberg/v1/emulator/views", "");
    catalogError(404, "NoSuchNamespaceException", "GET", "/iceberg/", "");
    catalogError(
        404,
        "NoSuchTableException",
        "GET",
        "/iceberg/v1/emulator/namespaces/unified_storage/tables/none",
        "");
    catalogError(
        400,
        "IllegalArgumentException",
        "GET",
        "/iceberg/v1/emulator/namespaces/unified_storage/tables/events?snapshots=some",
        "");
    catalogError(400, "BadRequestException", "POST", "/iceberg/v1/emulator/namespaces", "{");
    catalogError(400, "IllegalArgumentException", "POST", "/iceberg/v1/emulator/namespaces", "{}");
    assertEquals(
        404, server.request("HEAD", "/iceberg/v1/emulator/namespaces/none", "").statusCode());
  }

  @Test
  void objectsComeWholeOrInRanges() throws Exception {
    Path file = folder.resolve("warehouse/archive/a/day=1/x y+z.bin");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "0123456789");
    String object = "/objects/archive/a/day%3D1/x%20y+z.bin";
    HttpResponse<String> whole = get("GET", object, null);
    assertEquals(200, whole.statusCode());
    assertEquals("0123456789", whole.body());
    assertEquals("bytes", whole.headers().firstValue("accept-ranges").orElse(""));
    HttpResponse<String> head = get("HEAD", object, null);
    assertEquals(200, head.statusCode());
    assertEquals("10", head.headers().firstValue("content-length").orElse(""));
    assertEquals(whole.headers().firstValue("etag"), head.headers().firstValue("etag"));

    range(object, "bytes=2-4", "234", "bytes 2-4/10");
    range(object, "bytes=0-0", "0", "bytes 0-0/10");
    range(object, "bytes=7-", "789", "bytes 7-9/10");
    range(object, "bytes=7-99", "789", "bytes 7-9/10");
    range(object, "bytes=-3", "789", "bytes 7-9/10");
    range(object, "bytes=-99", "0123456789", "bytes 0-9/10");
    for (String outside : new String[] {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=5-4"}) {
      HttpResponse<String> answer = get("GET", object, outside);
      assertEquals(416, answer.statusCode(), outside);
      assertEquals("bytes */10", answer.headers().firstValue("content-range").orElse(""));
    }
    for (String other : new String[] {"bytes=0-1,3-4", "bytes=-", "lines=1-2"}) {
      assertEquals("0123456789", get("GET", object, other).body(), other);
    }
    HttpResponse<String> partHead = get("HEAD", object, "bytes=2-4");
    assertEquals(206, partHead.statusCode());
    assertEquals("3", partHead.headers().firstValue("content-length").orElse(""));
  }

  @Test
  void nothingOutsideOfABucketIsAnObject() throws Exception {
    Files.createDirectories(folder.resolve("warehouse/archive"));
    Files.writeString(folder.resolve("secret"), "x");
    Files.writeString(folder.resolve("warehouse/secret"), "x");
    for (String name :
        new String[] {
          "archive/none",
          "archive",
          "archive/",
          "archive/..%2fsecret",
          "archive/%2e%2e/secret",
          "..%2fsecret",
          "%2e%2e/secret",
          "secret",
          "archive/%00"
        }) {
      int status = get("GET", "/objects/" + name, null).statusCode();
      assertTrue(status == 404 || status == 400, name + " " + status);
    }
    assertEquals(405, get("DELETE", "/objects/archive/none", null).statusCode());
  }

  @Test
  void aStalledSinkLeavesTheEventsInTheLogAndGoesOnWhenItMay() throws Exception {
    send(1, 1);
    rolled(1);
    assertEquals(
        200, server.request("PUT", "/faults", "{\"sink\":{\"mode\":\"stall\"}}").statusCode());
    send(2, 3);
    for (int i = 0; i < 20; i++) {
      server.scheduler.advance(1_000);
    }
    assertEquals(1, server.json("GET", "/archive").number("nextOffset"));
    assertEquals(3, server.json("GET", "/archive").number("logEnd"));
    server.request("PUT", "/faults", "{\"sink\":{\"mode\":\"ok\"}}");
    rolled(3);
    try (RESTCatalog catalog = client("all")) {
      assertEquals(List.of("a 1", "a 2", "a 3"), rows(catalog.loadTable(EVENTS)));
      assertEquals(1, server.json("POST", "/archive/expire?keep=1").number("snapshots"));
      assertEquals(List.of("a 1", "a 2", "a 3"), rows(catalog.loadTable(EVENTS)));
    }
    assertEquals(400, server.request("POST", "/archive/expire?keep=0", "").statusCode());
    assertEquals(405, server.request("GET", "/archive/expire", "").statusCode());
  }

  @Test
  void aStoreIsRebuiltFromTheArchive() throws Exception {
    server.close();
    server = new TestServer(folder, true, true);
    TestSocket socket = server.connect("tenant");
    // A store without rows asks the archive first, and the first answer of that takes a second.
    TestServer.await(
        () -> {
          try {
            String read = "{\"type\":\"read\",\"id\":0,\"$ids\":[]}";
            return socket.ask(read).string("status").equals("ok");
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    for (int i = 0; i < 50; i++) {
      socket.ask(
          """
          {"type":"create","id":1,"$type":"Customer","data":{"$id":"c%d","name":"Zoë %d"}}"""
              .formatted(i, i));
    }
    socket.ask("{\"type\":\"delete\",\"id\":1,\"$id\":\"c7\"}");
    TestServer.await(
        () -> {
          server.scheduler.advance(1_000);
          try {
            JsonObject status = server.json("GET", "/archive");
            return status.number("logEnd") >= 51
                && status.number("nextOffset") == status.number("logEnd");
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return server.request("POST", "/stores/tenant/rebuild", "");
              } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
              }
            });
    TestServer.await(
        () -> {
          server.scheduler.advance(20);
          return answer.isDone();
        });
    HttpResponse<String> rebuilt = answer.join();
    assertEquals(200, rebuilt.statusCode(), rebuilt.body());
    JsonObject result = new JsoniterJson().parse(rebuilt.body());
    assertEquals("iceberg", result.string("source"), rebuilt.body());
    assertEquals(49, result.number("thingsLoaded"), rebuilt.body());
    JsonObject things =
        socket.ask("{\"type\":\"read\",\"id\":2,\"$ids\":[\"c6\",\"c7\"]}").object("things");
    assertEquals(List.of("c6"), things.keys());
    assertEquals("Zoë 6", things.object("c6").string("name"));
  }

  private RESTCatalog client(String snapshots) {
    RESTCatalog catalog = new RESTCatalog();
    catalog.initialize(
        "test",
        Map.of(
            "uri",
            "http://127.0.0.1:" + server.port() + "/iceberg",
            "warehouse",
            "archive",
            "io-impl",
            HttpObjects.class.getName(),
            "rest-metrics-reporting-enabled",
            "false",
            "snapshot-loading-mode",
            snapshots));
    return catalog;
  }

  private void send(int from, int to) throws IOException, InterruptedException {
    List<String> records = new ArrayList<>();
    for (int seq = from; seq <= to; seq++) {
      records.add(record(seq));
    }
    String body = "[" + String.join(",", records) + "]";
    assertEquals(200, server.request("POST", "/pipelines/events", body).statusCode());
  }

  static String record(int seq) {
    return """
        {"verb":"thing.deleted","store":"things","payload":{"$id":"c1","$deletedAt":1},"ts":1,"timestamp":"t",\
        "idempotencyKey":"c1:deleted:1:1.%d","ns":"a","epoch":1,"seq":%d,"entityId":"c1",\
        "entityType":"Customer","version":1}"""
        .formatted(seq, seq);
  }

  /** Lets time pass until the sink has come so far. */
  private void rolled(int offset) throws InterruptedException {
    TestServer.await(
        () -> {
          server.scheduler.advance(1_000);
          try {
            return server.json("GET", "/archive").number("nextOffset") == offset;
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static List<String> rows(Table table) throws IOException {
    List<String> rows = new ArrayList<>();
    try (CloseableIterable<Record> records =
        IcebergGenerics.read(table).select("ns", "seq").build()) {
      records.forEach(record -> rows.add(record.getField("ns") + " " + record.getField("seq")));
    }
    rows.sort(null);
    return rows;
  }

  private static int size(Iterable<Snapshot> snapshots) {
    List<Snapshot> all = new ArrayList<>();
    snapshots.forEach(all::add);
    return all.size();
  }

  private void catalogError(int status, String type, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = server.request(method, path, body);
    assertEquals(status, answer.statusCode(), answer.body());
    JsonObject error = new JsoniterJson().parse(answer.body()).object("error");
    assertEquals(type, error.string("type"));
    assertEquals(status, error.number("code"));
    assertTrue(error.string("message").length() > 5);
  }

  private void range(String object, String range, String body, String contentRange)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = get("GET", object, range);
    assertEquals(206, answer.statusCode(), range);
    assertEquals(body, answer.body(), range);
    assertEquals(contentRange, answer.headers().firstValue("content-range").orElse(""), range);
  }

  private HttpResponse<String> get(String method, String path, String range)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (range != null) {
      request.header("Range", range);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
