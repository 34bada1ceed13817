package dev.unifiedstorage.schema;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.query.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one keyword asks of a value. Values of a kind that the keyword says nothing about meet it.
 */
sealed interface Check {
  boolean holds(Value value, Validation validation);

  /** The schema {@code false}. */
  record Nothing() implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      return false;
    }
  }

  /**
   * The value is of one of some kinds.
   *
   * @param kinds a bit for each allowed kind, by its place in {@link JsonKind}
   * @param integers whether numbers without a fraction are allowed
   */
  record Type(int kinds, boolean integers) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      JsonKind kind = value.kind();
      return (kinds >> kind.ordinal() & 1) != 0
          || integers && kind == JsonKind.NUMBER && isInteger(value.number());
    }

    static boolean isInteger(double number) {
      return Math.floor(number) == number;
    }
  }

  record OneOf(List<Value> literals) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      for (Value literal : literals) {
        if (value.isEqualTo(literal)) {
          return true;
        }
      }
      return false;
    }
  }

  /** A number from one bound to another, or strictly between them. */
  record Between(double least, double most, boolean strictly) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.NUMBER) {
        return true;
      }
      double number = value.number();
      return strictly ? number > least && number < most : number >= least && number <= most;
    }
  }

  /**
   * A multiple, as far as doubles can tell: 0.3 is one of 0.1, though dividing says
   * 2.9999999999999996.
   */
  record Multiple(double divisor) implements Check {
    private static final double PRECISION = 1 / 2251799813685248.0;

    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.NUMBER) {
        return true;
      }
      double quotient = Math.abs(value.number() / divisor);
      double rest = Math.abs(quotient - Math.floor(quotient + 0.5));
      return quotient <= Double.MAX_VALUE && rest <= quotient * PRECISION;
    }
  }

  /** How many code points a string, elements an array or members an object has. */
  record Size(JsonKind kind, double least, double most) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != kind) {
        return true;
      }
      int size =
          switch (kind) {
            case STRING -> codePoints(value.string());
            case ARRAY -> value.array().size();
            default -> value.object().keys().size();
          };
      return size >= least && size <= most;
    }

    private static int codePoints(String text) {
      int count = text.length();
      for (int i = text.length() - 1; i > 0; i--) {
        if (Pattern.isPair(text.charAt(i - 1), text.charAt(i))) {
          count--;
          i--;
        }
      }
      return count;
    }
  }

  record Matches(Pattern pattern) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      return value.kind() != JsonKind.STRING || pattern.isFoundIn(value.string());
    }
  }

  /**
   * A member that has to be there.
   *
   * @param trigger the member that makes it so, or null
   */
  record Required(@Nullable String trigger, String name) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      return value.kind() != JsonKind.OBJECT
          || trigger != null && value.object().kind(trigger) == JsonKind.ABSENT
          || value.object().kind(name) != JsonKind.ABSENT;
    }
  }

  /** A schema for the whole object where it has a member. */
  record Dependent(String trigger, Schema schema) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      return value.kind() != JsonKind.OBJECT
          || value.object().kind(trigger) == JsonKind.ABSENT
          || schema.holds(value, validation);
    }
  }

  /** Members by name. */
  record Properties(List<String> names, List<Schema> schemas) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.OBJECT) {
        return true;
      }
      boolean all = true;
      for (int i = 0; i < names.size(); i++) {
        Value member = Value.of(value.object(), names.get(i));
        if (member.kind() != JsonKind.ABSENT) {
          all &= validation.inside(names.get(i), schemas.get(i), member);
          if (!all && validation.isSettled()) {
            return false;
          }
        }
      }
      return all;
    }
  }

  /**
   * Members by their names' patterns, and those that neither a name nor a pattern covers.
   *
   * @param named the names that {@code properties} has
   * @param others the schema of the members that are left, or null
   */
  record Others(
      IdMap<Schema> named, List<Pattern> patterns, List<Schema> schemas, @Nullable Schema others)
      implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.OBJECT) {
        return true;
      }
      JsonObject object = value.object();
      boolean all = true;
      for (String name : object.keys()) {
        boolean covered = named.get(name) != null;
        for (int i = 0; i < patterns.size(); i++) {
          if (patterns.get(i).isFoundIn(name)) {
            covered = true;
            all &= validation.inside(name, schemas.get(i), Value.of(object, name));
          }
        }
        if (!covered && others != null) {
          all &= validation.inside(name, others, Value.of(object, name));
        }
        if (!all && validation.isSettled()) {
          return false;
        }
      }
      return all;
    }
  }

  record Names(Schema schema) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      boolean all = true;
      if (value.kind() == JsonKind.OBJECT) {
        for (String name : value.object().keys()) {
          all &= validation.inside(name, schema, Value.of(name));
        }
      }
      return all;
    }
  }

  /**
   * Elements by their place, and those behind them.
   *
   * @param rest the schema of the elements that are left, or null
   */
  record Elements(List<Schema> first, @Nullable Schema rest) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.ARRAY) {
        return true;
      }
      JsonArray array = value.array();
      int size = rest == null ? Math.min(first.size(), array.size()) : array.size();
      boolean all = true;
      for (int i = 0; i < size; i++) {
        Schema schema = i < first.size() ? first.get(i) : Objects.requireNonNull(rest);
        all &= validation.inside(i, schema, Value.of(array, i));
        if (!all && validation.isSettled()) {
          return false;
        }
      }
      return all;
    }
  }

  /** How many elements fit a schema. */
  record Contains(Schema schema, double least, double most) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.ARRAY) {
        return true;
      }
      JsonArray array = value.array();
      int count = 0;
      for (int i = 0; i < array.size(); i++) {
        count += validation.fits(schema, Value.of(array, i)) ? 1 : 0;
      }
      return count >= least && count <= most;
    }
  }

  /** No two elements are equal: their texts, with the keys in order, are looked up in a map. */
  record Unique(Json json) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      if (value.kind() != JsonKind.ARRAY) {
        return true;
      }
      JsonArray array = value.array();
      IdMap<Unique> seen = json.map();
      for (int i = 0; i < array.size(); i++) {
        JsonWriter writer = json.writer();
        write(Value.of(array, i), writer);
        String text = writer.text();
        if (seen.get(text) != null) {
          return false;
        }
        seen.put(text, this);
      }
      return true;
    }

    private static void write(Value value, JsonWriter writer) {
      switch (value.kind()) {
        case BOOLEAN -> writer.raw(value.number() == 1 ? "true" : "false");
        case NUMBER -> writer.number(value.number());
        case STRING -> writer.string(value.string());
        case ARRAY -> {
          writer.raw("[");
          for (int i = 0; i < value.array().size(); i++) {
            write(Value.of(value.array(), i), writer);
            writer.raw(",");
          }
          writer.raw("]");
        }
        case OBJECT -> {
          List<String> keys = new ArrayList<>(value.object().keys());
          Collections.sort(keys);
          writer.raw("{");
          for (String key : keys) {
            write(Value.of(value.object(), key), writer.string(key).raw(":"));
            writer.raw(",");
          }
          writer.raw("}");
        }
        default -> writer.raw("null");
      }
    }
  }

  /** All of the schemas, each of which says for itself what is wrong. */
  record All(List<Schema> schemas) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      boolean all = true;
      for (Schema schema : schemas) {
        all &= schema.holds(value, validation);
        if (!all && validation.isSettled()) {
          return false;
        }
      }
      return all;
    }
  }

  /** Some of the schemas. */
  record Some(List<Schema> schemas, int least, int most) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      int count = 0;
      for (int i = 0; i < schemas.size() && (count < least || count <= most); i++) {
        count += validation.fits(schemas.get(i), value) ? 1 : 0;
        if (count >= least && most == schemas.size()) {
          return true;
        }
      }
      return count >= least && count <= most;
    }
  }

  /** One schema or another, as a third one says; those that are null hold. */
  record If(Schema condition, @Nullable Schema then, @Nullable Schema otherwise) implements Check {
    @Override
    public boolean holds(Value value, Validation validation) {
      Schema schema = validation.fits(condition, value) ? then : otherwise;
      return schema == null || schema.holds(value, validation);
    }
  }
}
