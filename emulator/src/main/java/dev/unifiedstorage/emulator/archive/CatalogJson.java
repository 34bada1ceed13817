package dev.unifiedstorage.emulator.archive;

import com.jsoniter.JsonIterator;
import com.jsoniter.ValueType;
import com.jsoniter.any.Any;
import dev.unifiedstorage.jvm.json.JsonValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.SortOrderParser;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.RegisterTableRequest;
import org.apache.iceberg.rest.requests.RegisterTableRequestParser;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateNamespacePropertiesRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequestParser;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ConfigResponseParser;
import org.apache.iceberg.rest.responses.CreateNamespaceResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.ErrorResponseParser;
import org.apache.iceberg.rest.responses.GetNamespaceResponse;
import org.apache.iceberg.rest.responses.ListNamespacesResponse;
import org.apache.iceberg.rest.responses.ListTablesResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.apache.iceberg.rest.responses.LoadTableResponseParser;
import org.apache.iceberg.rest.responses.UpdateNamespacePropertiesResponse;

/**
 * The catalog's requests and answers as JSON.
 *
 * <p>What has a text of its own in Iceberg, schemas and metadata and updates, is read and written
 * by Iceberg, from the text as it came: it holds numbers that a double does not. What is around
 * that is read and written here.
 *
 * <p>Every method that reads throws {@link dev.unifiedstorage.port.JsonParseException} for a text
 * that is no JSON object, and {@link IllegalArgumentException} for one that is no such request.
 */
final class CatalogJson {
  private CatalogJson() {}

  static CreateNamespaceRequest createNamespace(String body) {
    Map<String, Object> json = JsonValues.parse(body);
    return CreateNamespaceRequest.builder()
        .withNamespace(Namespace.of(strings(json, "namespace").toArray(String[]::new)))
        .setProperties(properties(json, "properties"))
        .build();
  }

  static UpdateNamespacePropertiesRequest updateProperties(String body) {
    Map<String, Object> json = JsonValues.parse(body);
    return UpdateNamespacePropertiesRequest.builder()
        // Iceberg asks the list for null, which List.of() refuses to be asked.
        .removeAll(json.get("removals") == null ? new ArrayList<>() : strings(json, "removals"))
        .updateAll(properties(json, "updates"))
        .build();
  }

  static RenameTableRequest rename(String body) {
    Map<String, Object> json = JsonValues.parse(body);
    return RenameTableRequest.builder()
        .withSource(table(json, "source"))
        .withDestination(table(json, "destination"))
        .build();
  }

  static CreateTableRequest createTable(String body) {
    Map<String, Object> json = JsonValues.parse(body);
    Any texts = JsonIterator.deserialize(body);
    Schema schema = SchemaParser.fromJson(text(texts, "schema"));
    CreateTableRequest.Builder request =
        CreateTableRequest.builder()
            .withName(string(json, "name"))
            .withSchema(schema)
            .setProperties(properties(json, "properties"));
    if (json.get("location") != null) {
      request.withLocation(string(json, "location"));
    }
    if (json.get("partition-spec") != null) {
      request.withPartitionSpec(
          PartitionSpecParser.fromJson(schema, text(texts, "partition-spec")));
    }
    if (json.get("write-order") != null) {
      request.withWriteOrder(SortOrderParser.fromJson(schema, text(texts, "write-order")));
    }
    return Boolean.TRUE.equals(json.get("stage-create"))
        ? request.stageCreate().build()
        : request.build();
  }

  static RegisterTableRequest registerTable(String body) {
    JsonValues.parse(body);
    return RegisterTableRequestParser.fromJson(body);
  }

  static UpdateTableRequest updateTable(String body) {
    JsonValues.parse(body);
    return UpdateTableRequestParser.fromJson(body);
  }

  /** The text of an answer. */
  static String text(RESTResponse answer) {
    if (answer instanceof LoadTableResponse table) {
      return LoadTableResponseParser.toJson(table);
    }
    if (answer instanceof ConfigResponse config) {
      return ConfigResponseParser.toJson(config);
    }
    if (answer instanceof ErrorResponse error) {
      return ErrorResponseParser.toJson(error);
    }
    return JsonValues.text(members(answer));
  }

  private static Map<String, Object> members(RESTResponse answer) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (answer instanceof ListNamespacesResponse list) {
      members.put("namespaces", list.namespaces().stream().map(CatalogJson::levels).toList());
      members.put("next-page-token", list.nextPageToken());
    } else if (answer instanceof ListTablesResponse list) {
      members.put("identifiers", list.identifiers().stream().map(CatalogJson::members).toList());
      members.put("next-page-token", list.nextPageToken());
    } else if (answer instanceof CreateNamespaceResponse created) {
      members.put("namespace", levels(created.namespace()));
      members.put("properties", created.properties());
    } else if (answer instanceof GetNamespaceResponse found) {
      members.put("namespace", levels(found.namespace()));
      members.put("properties", found.properties());
    } else if (answer instanceof UpdateNamespacePropertiesResponse updated) {
      members.put("updated", updated.updated());
      members.put("removed", updated.removed());
      members.put("missing", updated.missing());
    } else {
      throw new IllegalStateException("no form is known of " + answer.getClass().getName());
    }
    return members;
  }

  private static Map<String, Object> members(TableIdentifier table) {
    return Map.of("namespace", levels(table.namespace()), "name", table.name());
  }

  private static List<String> levels(Namespace namespace) {
    return Arrays.asList(namespace.levels());
  }

  /** A member that is an object, as the text that it came in. */
  private static String text(Any body, String name) {
    Any value = body.get(name);
    if (value.valueType() != ValueType.OBJECT) {
      throw wrong(name, "an object", value);
    }
    return value.toString();
  }

  private static String string(Map<?, ?> json, String name) {
    if (json.get(name) instanceof String string) {
      return string;
    }
    throw wrong(name, "a string", json.get(name));
  }

  private static List<String> strings(Map<?, ?> json, String name) {
    if (json.get(name) instanceof List<?> list
        && list.stream().allMatch(value -> value instanceof String)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw wrong(name, "a list of strings", json.get(name));
  }

  /** A member that gives strings by their names; none when it is absent. */
  private static Map<String, String> properties(Map<?, ?> json, String name) {
    Map<String, String> properties = new HashMap<>();
    if (json.get(name) == null) {
      return properties;
    }
    if (!(json.get(name) instanceof Map<?, ?> map)) {
      throw wrong(name, "an object", json.get(name));
    }
    map.keySet().forEach(key -> properties.put((String) key, string(map, (String) key)));
    return properties;
  }

  private static TableIdentifier table(Map<?, ?> json, String name) {
    if (!(json.get(name) instanceof Map<?, ?> table)) {
      throw wrong(name, "a table's identifier", json.get(name));
    }
    Namespace namespace = Namespace.of(strings(table, "namespace").toArray(String[]::new));
    return TableIdentifier.of(namespace, string(table, "name"));
  }

  private static IllegalArgumentException wrong(String name, String expected, Object found) {
    return new IllegalArgumentException(name + ": expected " + expected + ", found " + found);
  }
}
