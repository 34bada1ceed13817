package dev.unifiedstorage.schema;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.PercentDecoder;
import dev.unifiedstorage.protocol.Pointer;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From the JSON of one type's schema to a {@link Schema}; used once.
 *
 * <p>What it does not know, it refuses: a keyword that is passed over is a check that somebody
 * counts on and that nothing does.
 */
final class SchemaReader {
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final double MANY = Double.POSITIVE_INFINITY;

  /** How many schemas one value may go through, one inside another. */
  private static final int HEIGHT = 16;

  private static final String TYPES = " null boolean number string array object ";

  private final String type;
  private final Value root;
  private final Json json;

  /** The schemas that a {@code $ref} leads to, by their place. */
  private final IdMap<Schema> referred;

  private final List<Runnable> unread = new ArrayList<>();
  private final List<Schema> all = new ArrayList<>();
  private final List<String> places = new ArrayList<>();

  SchemaReader(String type, Value root, Json json) {
    this.type = type;
    this.root = root;
    this.json = json;
    this.referred = json.map();
  }

  Schema read() {
    Schema schema = new Schema();
    referred.put("", schema);
    fill(schema, root, "", "false");
    for (int i = 0; i < unread.size(); i++) {
      unread.get(i).run();
    }
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).height(HEIGHT) > HEIGHT) {
        throw new IllegalArgumentException(
            "SCHEMAS: expected at most "
                + HEIGHT
                + " schemas, one inside another, for one value, got more at "
                + type
                + "#"
                + places.get(i)
                + "; a $ref may lead back to itself");
      }
    }
    return schema;
  }

  private Schema schema(JsonObject in, String key, String place) {
    return schema(Value.of(in, key), Place.inside(place, key), key);
  }

  private Schema schema(Value value, String place, String keyword) {
    Schema schema = new Schema();
    fill(schema, value, place, keyword);
    return schema;
  }

  private void fill(Schema schema, Value value, String place, String keyword) {
    all.add(schema);
    places.add(place);
    if (value.kind() == JsonKind.BOOLEAN) {
      if (value.number() == 0) {
        schema.add(keyword, "expected nothing here", new Check.Nothing());
      }
      return;
    }
    if (value.kind() != JsonKind.OBJECT) {
      throw wrong("a schema, an object or a boolean", place);
    }
    JsonObject source = value.object();
    for (String key : source.keys()) {
      read(schema, source, key, place);
    }
  }

  private void read(Schema schema, JsonObject source, String key, String place) {
    String at = Place.inside(place, key);
    switch (key) {
      case "$comment",
          "title",
          "description",
          "default",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly" -> {}
      case "$schema" -> {
        if (source.kind(key) != JsonKind.STRING || !source.string(key).equals(DIALECT)) {
          throw wrong(DIALECT, at);
        }
      }
      case "$defs" -> schemasByName(source, key, at, new ArrayList<>());
      case "$ref" -> schema.add(key, null, all(schema, List.of(reference(source, key, at))));
      case "type" -> readType(schema, source, key, at);
      case "enum" -> {
        JsonArray array = array(source, key, at);
        List<Value> literals = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
          literals.add(Value.of(array, i));
        }
        schema.add(key, "expected one of the values of enum", new Check.OneOf(literals));
      }
      case "const" ->
          schema.add(
              key, "expected the value of const", new Check.OneOf(List.of(Value.of(source, key))));
      case "properties" -> {
        List<Schema> schemas = new ArrayList<>();
        List<String> names = schemasByName(source, key, at, schemas);
        schema.add(key, null, new Check.Properties(names, schemas));
      }
      case "patternProperties" -> others(schema, source, key, place);
      case "additionalProperties" -> {
        if (source.kind("patternProperties") == JsonKind.ABSENT) {
          others(schema, source, key, place);
        }
      }
      case "propertyNames" -> schema.add(key, null, new Check.Names(schema(source, key, place)));
      case "prefixItems" -> elements(schema, source, key, place);
      case "items" -> {
        if (source.kind("prefixItems") == JsonKind.ABSENT) {
          elements(schema, source, key, place);
        }
      }
      case "contains" -> contains(schema, source, place);
      case "minContains", "maxContains" -> number(source, key, at, true);
      case "uniqueItems" -> {
        if (source.kind(key) != JsonKind.BOOLEAN) {
          throw wrong("a boolean", at);
        }
        if (source.bool(key)) {
          schema.add(key, "expected elements that differ", new Check.Unique(json));
        }
      }
      case "required" -> required(schema, null, strings(source, key, at), key);
      case "dependentRequired" -> {
        JsonObject triggers = object(source, key, at);
        for (String trigger : triggers.keys()) {
          List<String> names = strings(triggers, trigger, Place.inside(at, trigger));
          required(schema, trigger, names, key);
        }
      }
      case "dependentSchemas" -> {
        List<Schema> schemas = new ArrayList<>();
        List<String> triggers = schemasByName(source, key, at, schemas);
        for (int i = 0; i < triggers.size(); i++) {
          Schema dependent = schema.within(schemas.get(i));
          schema.add(key, null, new Check.Dependent(triggers.get(i), dependent));
        }
      }
      case "allOf" -> schema.add(key, null, all(schema, list(source, key, at)));
      case "anyOf" -> some(schema, source, key, at);
      case "oneOf" -> some(schema, source, key, at);
      case "not" -> {
        List<Schema> one = List.of(schema.within(schema(source, key, place)));
        schema.add(key, "expected a value that does not fit the schema", new Check.Some(one, 0, 0));
      }
      case "if" -> {
        Schema condition = schema.within(schema(source, key, place));
        Schema then = branch(schema, source, "then", place);
        Schema otherwise = branch(schema, source, "else", place);
        schema.add(key, null, new Check.If(condition, then, otherwise));
      }
      case "then", "else" -> {
        if (source.kind("if") == JsonKind.ABSENT) {
          schema(source, key, place);
        }
      }
      default -> readBound(schema, source, key, at);
    }
  }

  /** A keyword whose value is a number, or one that is not known. */
  private void readBound(Schema schema, JsonObject source, String key, String at) {
    switch (key) {
      case "minimum" -> {
        double least = number(source, key, at, false);
        bound(schema, key, "at least ", least, new Check.Between(least, MANY, false));
      }
      case "maximum" -> {
        double most = number(source, key, at, false);
        bound(schema, key, "at most ", most, new Check.Between(-MANY, most, false));
      }
      case "exclusiveMinimum" -> {
        double least = number(source, key, at, false);
        bound(schema, key, "greater than ", least, new Check.Between(least, MANY, true));
      }
      case "exclusiveMaximum" -> {
        double most = number(source, key, at, false);
        bound(schema, key, "less than ", most, new Check.Between(-MANY, most, true));
      }
      case "multipleOf" -> {
        double divisor = number(source, key, at, false);
        if (divisor <= 0) {
          throw wrong("a number greater than 0", at);
        }
        bound(schema, key, "that is a multiple of ", divisor, new Check.Multiple(divisor));
      }
      case "minLength" -> size(schema, source, key, at, JsonKind.STRING, "code points in a string");
      case "maxLength" -> size(schema, source, key, at, JsonKind.STRING, "code points in a string");
      case "minItems" -> size(schema, source, key, at, JsonKind.ARRAY, "elements");
      case "maxItems" -> size(schema, source, key, at, JsonKind.ARRAY, "elements");
      case "minProperties" -> size(schema, source, key, at, JsonKind.OBJECT, "members");
      case "maxProperties" -> size(schema, source, key, at, JsonKind.OBJECT, "members");
      case "pattern" -> {
        Pattern pattern = pattern(Value.of(source, key), at);
        String expected = "expected a string that matches " + source.string(key);
        schema.add(key, expected, new Check.Matches(pattern));
      }
      default ->
          throw new IllegalArgumentException(
              "SCHEMAS: the keyword " + key + " is not supported, at " + type + "#" + at);
    }
  }

  private void bound(Schema schema, String key, String relation, double number, Check check) {
    String text = json.writer().number(number).text();
    schema.add(key, "expected a number " + relation + text, check);
  }

  private void size(
      Schema schema, JsonObject source, String key, String at, JsonKind kind, String what) {
    double number = number(source, key, at, true);
    boolean least = key.startsWith("min");
    Check check = new Check.Size(kind, least ? number : 0, least ? MANY : number);
    String text = json.writer().number(number).text();
    schema.add(key, "expected at " + (least ? "least " : "most ") + text + " " + what, check);
  }

  private void readType(Schema schema, JsonObject source, String key, String at) {
    List<String> names =
        source.kind(key) == JsonKind.STRING
            ? List.of(source.string(key))
            : strings(source, key, at);
    int kinds = 0;
    boolean integers = false;
    String expected = "";
    for (String name : names) {
      JsonKind kind =
          switch (name) {
            case "null" -> JsonKind.NULL;
            case "boolean" -> JsonKind.BOOLEAN;
            case "number", "integer" -> JsonKind.NUMBER;
            case "string" -> JsonKind.STRING;
            case "array" -> JsonKind.ARRAY;
            case "object" -> JsonKind.OBJECT;
            default -> throw wrong("one of" + TYPES + "integer", at);
          };
      if (name.equals("integer")) {
        integers = true;
      } else {
        kinds |= 1 << kind.ordinal();
      }
      expected += (expected.isEmpty() ? "expected the type " : " or ") + name;
    }
    schema.add(key, expected, new Check.Type(kinds, integers));
  }

  private static void required(
      Schema schema, @Nullable String trigger, List<String> names, String key) {
    for (String name : names) {
      String expected = "expected a member " + name + (trigger == null ? "" : " beside " + trigger);
      schema.add(key, expected, new Check.Required(trigger, name));
    }
  }

  private void others(Schema schema, JsonObject source, String key, String place) {
    IdMap<Schema> named = json.map();
    if (source.kind("properties") == JsonKind.OBJECT) {
      for (String name : source.object("properties").keys()) {
        named.put(name, schema);
      }
    }
    List<Pattern> patterns = new ArrayList<>();
    List<Schema> schemas = new ArrayList<>();
    if (source.kind("patternProperties") != JsonKind.ABSENT) {
      String at = Place.inside(place, "patternProperties");
      for (String text : schemasByName(source, "patternProperties", at, schemas)) {
        patterns.add(pattern(Value.of(text), Place.inside(at, text)));
      }
    }
    Schema others = branch(null, source, "additionalProperties", place);
    schema.add(key, null, new Check.Others(named, patterns, schemas, others));
  }

  private void elements(Schema schema, JsonObject source, String key, String place) {
    List<Schema> first = new ArrayList<>();
    if (key.equals("prefixItems")) {
      first = list(source, key, Place.inside(place, key));
    }
    Schema rest = branch(null, source, "items", place);
    schema.add(key, null, new Check.Elements(first, rest));
  }

  private void contains(Schema schema, JsonObject source, String place) {
    Schema one = schema(source, "contains", place);
    boolean counts = source.kind("minContains") != JsonKind.ABSENT;
    double least = counts ? number(source, "minContains", place + "/minContains", true) : 1;
    String text = json.writer().number(least).text();
    schema.add(
        counts ? "minContains" : "contains",
        "expected at least " + text + " elements that fit the schema",
        new Check.Contains(one, least, MANY));
    if (source.kind("maxContains") != JsonKind.ABSENT) {
      double most = number(source, "maxContains", place + "/maxContains", true);
      text = json.writer().number(most).text();
      schema.add(
          "maxContains",
          "expected at most " + text + " elements that fit the schema",
          new Check.Contains(one, 0, most));
    }
  }

  private static Check all(Schema schema, List<Schema> schemas) {
    for (Schema one : schemas) {
      schema.within(one);
    }
    return new Check.All(schemas);
  }

  private void some(Schema schema, JsonObject source, String key, String at) {
    List<Schema> schemas = list(source, key, at);
    for (Schema one : schemas) {
      schema.within(one);
    }
    boolean any = key.equals("anyOf");
    String count = any ? "at least" : "exactly";
    String expected =
        "expected a value that fits " + count + " one of " + schemas.size() + " schemas";
    schema.add(key, expected, new Check.Some(schemas, 1, any ? schemas.size() : 1));
  }

  /**
   * A schema that may be missing.
   *
   * @param within the schema whose value it is for too, or null
   */
  private @Nullable Schema branch(
      @Nullable Schema within, JsonObject source, String key, String place) {
    if (source.kind(key) == JsonKind.ABSENT) {
      return null;
    }
    Schema schema = schema(source, key, place);
    return within == null ? schema : within.within(schema);
  }

  private List<Schema> list(JsonObject source, String key, String at) {
    JsonArray array = array(source, key, at);
    if (array.size() == 0) {
      throw wrong("an array of at least one schema", at);
    }
    List<Schema> schemas = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      schemas.add(schema(Value.of(array, i), at + "/" + i, key));
    }
    return schemas;
  }

  /** The names; the schemas are added to {@code schemas}. */
  private List<String> schemasByName(
      JsonObject source, String key, String at, List<Schema> schemas) {
    JsonObject members = object(source, key, at);
    List<String> names = members.keys();
    for (String name : names) {
      schemas.add(schema(Value.of(members, name), Place.inside(at, name), key));
    }
    return names;
  }

  /** The schema that a {@code $ref} leads to; it is read later, for the way may be a circle. */
  private Schema reference(JsonObject source, String key, String at) {
    String expected = "# or #/ and a JSON pointer to a schema of this type";
    String text = source.kind(key) == JsonKind.STRING ? source.string(key) : "";
    String decoded = null;
    if (text.startsWith("#")) {
      String fragment = text.substring(1);
      decoded = fragment.indexOf('%') < 0 ? fragment : PercentDecoder.decode(fragment);
    }
    Pointer pointer = decoded == null ? null : Pointer.parse(decoded);
    if (decoded == null || pointer == null) {
      throw wrong(expected, at);
    }
    Schema known = referred.get(decoded);
    if (known != null) {
      return known;
    }
    Value target = root;
    for (String token : pointer.tokens()) {
      target = target.step(token);
    }
    if (target.kind() != JsonKind.OBJECT && target.kind() != JsonKind.BOOLEAN) {
      throw wrong(expected, at);
    }
    Schema schema = new Schema();
    referred.put(decoded, schema);
    Value found = target;
    String place = decoded;
    unread.add(() -> fill(schema, found, place, key));
    return schema;
  }

  private Pattern pattern(Value value, String at) {
    if (value.kind() != JsonKind.STRING) {
      throw wrong("a string", at);
    }
    try {
      return PatternReader.read(value.string());
    } catch (IllegalArgumentException e) {
      throw wrong("a pattern " + e.getMessage(), at, value);
    }
  }

  private double number(JsonObject source, String key, String at, boolean count) {
    double number = source.kind(key) == JsonKind.NUMBER ? source.number(key) : Double.NaN;
    boolean fits = count ? number >= 0 && Check.Type.isInteger(number) : !Double.isNaN(number);
    if (!fits || Math.abs(number) > Double.MAX_VALUE) {
      throw wrong(count ? "a whole number, 0 or more" : "a number", at);
    }
    return number;
  }

  private List<String> strings(JsonObject source, String key, String at) {
    JsonArray array = array(source, key, at);
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        throw wrong("a string", at + "/" + i);
      }
      strings.add(array.string(i));
    }
    return strings;
  }

  private JsonArray array(JsonObject source, String key, String at) {
    if (source.kind(key) != JsonKind.ARRAY) {
      throw wrong("an array", at);
    }
    return source.array(key);
  }

  private JsonObject object(JsonObject source, String key, String at) {
    if (source.kind(key) != JsonKind.OBJECT) {
      throw wrong("an object", at);
    }
    return source.object(key);
  }

  private IllegalArgumentException wrong(String must, String place) {
    Value value = root;
    Pointer pointer = Pointer.parse(place);
    if (pointer != null) {
      for (String token : pointer.tokens()) {
        value = value.step(token);
      }
    }
    return wrong(must, place, value);
  }

  private IllegalArgumentException wrong(String must, String place, Value value) {
    return new IllegalArgumentException(
        "SCHEMAS: " + Mismatch.of(type + "#" + place, must, value, json));
  }
}
