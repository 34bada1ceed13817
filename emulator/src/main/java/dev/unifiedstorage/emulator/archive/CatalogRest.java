package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.RESTRequest;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.RESTUtil;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;

/**
 * The catalog as Iceberg's REST protocol has it: what a request of it is answered.
 *
 * <p>Iceberg's own handlers do the work, on the catalog that the sink commits to, so a client's
 * commit and the sink's meet as any two writers do. As at R2, the configuration tells clients to
 * put a prefix before every path, and a client that forgets it is told so.
 */
final class CatalogRest {
  static final String PREFIX = "emulator";

  private static final String SEPARATOR = "%1F";

  private static final List<Endpoint> ENDPOINTS =
      List.of(
          Endpoint.V1_LIST_NAMESPACES,
          Endpoint.V1_CREATE_NAMESPACE,
          Endpoint.V1_LOAD_NAMESPACE,
          Endpoint.V1_NAMESPACE_EXISTS,
          Endpoint.V1_DELETE_NAMESPACE,
          Endpoint.V1_UPDATE_NAMESPACE,
          Endpoint.V1_LIST_TABLES,
          Endpoint.V1_CREATE_TABLE,
          Endpoint.V1_LOAD_TABLE,
          Endpoint.V1_TABLE_EXISTS,
          Endpoint.V1_UPDATE_TABLE,
          Endpoint.V1_DELETE_TABLE,
          Endpoint.V1_REGISTER_TABLE,
          Endpoint.V1_RENAME_TABLE,
          Endpoint.V1_REPORT_METRICS);

  private static final Map<Class<? extends Exception>, Integer> STATUSES =
      Map.of(
          NoSuchNamespaceException.class, 404,
          NoSuchTableException.class, 404,
          AlreadyExistsException.class, 409,
          NamespaceNotEmptyException.class, 409,
          CommitFailedException.class, 409,
          UnprocessableEntityException.class, 422,
          ValidationException.class, 400,
          IllegalArgumentException.class, 400);

  /**
   * A request without its HTTP.
   *
   * @param path what follows {@code /iceberg/}, still encoded
   * @param objects the URL under which this emulator serves objects
   */
  record Request(
      String method, String path, Map<String, String> query, byte[] body, String objects) {
    String operation(String resource) {
      return method + " " + resource;
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private final JdbcCatalog catalog;

  CatalogRest(JdbcCatalog catalog) {
    this.catalog = catalog;
  }

  Archive.Answer answer(Request request) {
    try {
      RESTResponse response = route(request);
      return response == null
          ? new Archive.Answer(204, "")
          : new Archive.Answer(200, CatalogJson.text(response));
    } catch (JsonParseException e) {
      return error(400, "BadRequestException", e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      Integer status = STATUSES.get(e.getClass());
      return error(status == null ? 500 : status, e.getClass().getSimpleName(), e.getMessage());
    }
  }

  private RESTResponse route(Request request) {
    String[] path = request.path.split("/");
    if (request.path.equals("v1/config")) {
      return ConfigResponse.builder()
          .withOverride("prefix", PREFIX)
          .withEndpoints(ENDPOINTS)
          .build();
    }
    boolean known = path.length > 2 && path[0].equals("v1") && path[1].equals(PREFIX);
    String[] rest = known ? Arrays.copyOfRange(path, 2, path.length) : new String[0];
    String resource = rest.length == 0 ? "" : rest[0];
    if (resource.equals("tables") && rest.length == 2 && rest[1].equals("rename")) {
      return rename(request);
    }
    if (resource.equals("namespaces") && rest.length == 1) {
      return namespaces(request);
    }
    if (resource.equals("namespaces") && rest.length < 6) {
      Namespace namespace = RESTUtil.decodeNamespaceAsPathSegment(rest[1], SEPARATOR);
      return rest.length < 4
          ? namespace(request, namespace, rest.length == 2 ? "" : rest[2])
          : table(
              request,
              TableIdentifier.of(namespace, RESTUtil.decodePathSegment(rest[3])),
              rest[2] + (rest.length == 4 ? "" : "/" + rest[4]));
    }
    throw unknown(request);
  }

  private RESTResponse rename(Request request) {
    if (!request.method.equals("POST")) {
      throw unknown(request);
    }
    CatalogHandlers.renameTable(catalog, validated(CatalogJson.rename(request.text())));
    return null;
  }

  private RESTResponse namespaces(Request request) {
    return switch (request.method) {
      case "GET" -> {
        String parent = request.query.get("parent");
        yield CatalogHandlers.listNamespaces(
            catalog, parent == null ? Namespace.empty() : RESTUtil.namespaceFromQueryParam(parent));
      }
      case "POST" ->
          CatalogHandlers.createNamespace(
              catalog, validated(CatalogJson.createNamespace(request.text())));
      default -> throw unknown(request);
    };
  }

  private RESTResponse namespace(Request request, Namespace namespace, String resource) {
    switch (request.operation(resource)) {
      case "GET ":
        return CatalogHandlers.loadNamespace(catalog, namespace);
      case "HEAD ":
        CatalogHandlers.namespaceExists(catalog, namespace);
        return null;
      case "DELETE ":
        CatalogHandlers.dropNamespace(catalog, namespace);
        return null;
      case "POST properties":
        return CatalogHandlers.updateNamespaceProperties(
            catalog, namespace, validated(CatalogJson.updateProperties(request.text())));
      case "GET tables":
        return CatalogHandlers.listTables(catalog, namespace);
      case "POST tables":
        CreateTableRequest create = validated(CatalogJson.createTable(request.text()));
        return forClient(
            request,
            create.stageCreate()
                ? CatalogHandlers.stageTableCreate(catalog, namespace, create)
                : CatalogHandlers.createTable(catalog, namespace, create));
      case "POST register":
        return forClient(
            request,
            CatalogHandlers.registerTable(
                catalog, namespace, validated(CatalogJson.registerTable(request.text()))));
      default:
        throw unknown(request);
    }
  }

  private RESTResponse table(Request request, TableIdentifier table, String resource) {
    switch (request.operation(resource)) {
      case "GET tables":
        String mode = request.query.getOrDefault("snapshots", "all").toUpperCase(Locale.ROOT);
        return forClient(
            request, CatalogHandlers.loadTable(catalog, table, SnapshotMode.valueOf(mode)));
      case "HEAD tables":
        CatalogHandlers.tableExists(catalog, table);
        return null;
      case "POST tables":
        return forClient(
            request,
            CatalogHandlers.updateTable(
                catalog, table, validated(CatalogJson.updateTable(request.text()))));
      case "DELETE tables":
        if (Boolean.parseBoolean(request.query.get("purgeRequested"))) {
          CatalogHandlers.purgeTable(catalog, table);
        } else {
          CatalogHandlers.dropTable(catalog, table);
        }
        return null;
      case "POST tables/metrics":
        return null;
      default:
        throw unknown(request);
    }
  }

  /**
   * Tells a client that speaks S3 where the objects are: plain GETs of them are what it needs to
   * read, and those it gets here, with whatever key it signs them.
   */
  private static LoadTableResponse forClient(Request request, LoadTableResponse table) {
    return LoadTableResponse.builder()
        .withTableMetadata(table.tableMetadata())
        .addAllConfig(table.config())
        .addConfig("s3.endpoint", request.objects)
        .addConfig("s3.path-style-access", "true")
        .addConfig("s3.access-key-id", PREFIX)
        .addConfig("s3.secret-access-key", PREFIX)
        .addConfig("client.region", "auto")
        .build();
  }

  private static <T extends RESTRequest> T validated(T body) {
    body.validate();
    return body;
  }

  private static NoSuchNamespaceException unknown(Request request) {
    return new NoSuchNamespaceException(
        "there is nothing at %s /iceberg/%s; paths begin with v1/%s",
        request.method, request.path, PREFIX);
  }

  private Archive.Answer error(int status, String type, String message) {
    ErrorResponse error =
        ErrorResponse.builder()
            .responseCode(status)
            .withType(type)
            .withMessage(message == null ? type : message)
            .build();
    return new Archive.Answer(status, CatalogJson.text(error));
  }
}
