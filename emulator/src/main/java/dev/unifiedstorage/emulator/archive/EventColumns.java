package dev.unifiedstorage.emulator.archive;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetValueReader;
import org.apache.iceberg.parquet.ParquetValueReaders;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * The columns of an event as a table has them, and what reads some of them out of a file.
 *
 * <p>The emulator's own table has one type for each. Another engine may have written the table, or
 * a file of it, with others: what can be read exactly is, and everything else is an error that
 * names the column and the type. Read as something else it would compare to nothing, and a table
 * full of events would look empty.
 */
final class EventColumns {
  private static final List<String> WHOLE =
      List.of("epoch", "seq", "life", "events", "version", "n", "batchIndex");
  private static final List<String> TEXTS =
      List.of("ns", "verb", "entityId", "entityType", "payload", "session", "sub");
  private static final String TIME = "ts";

  /** Those that tables and files from before do not have: they are null there. */
  private static final Set<String> LATER =
      Set.of("life", "session", "n", "batchIndex", "sub", "events");

  /** The most up to which a real is exact. */
  private static final double MOST = 1L << 53;

  /** A column that cannot be read as what it means; the message says which, and why. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreadable(String message) {
      super(message);
    }
  }

  private final List<String> names;
  private final Schema table;

  private EventColumns(List<String> names, Schema table) {
    this.names = names;
    this.table = table;
  }

  /** The columns of these names in a table whose columns can all be read. */
  static EventColumns of(Schema table, List<String> names) {
    TEXTS.forEach(name -> check(table, name, "string", TypeID.STRING));
    WHOLE.forEach(name -> check(table, name, "an integer or a decimal of scale 0"));
    check(table, TIME, "a time", TypeID.TIMESTAMP, TypeID.TIMESTAMP_NANO);
    Types.NestedField ingest = table.findField(EventsTable.INGEST);
    if (ingest != null) {
      expect(ingest, "a time", TypeID.TIMESTAMP, TypeID.TIMESTAMP_NANO);
    }
    return new EventColumns(names, table);
  }

  /** Those of the names that the table has. */
  Schema schema() {
    List<Types.NestedField> fields = new ArrayList<>();
    for (String name : names) {
      Types.NestedField field = table.findField(name);
      if (field != null) {
        fields.add(field);
      }
    }
    return new Schema(fields);
  }

  /**
   * A reader for each name: of a {@link Binary}, a {@link Long} or always null. A {@link Double} is
   * a number that no event has, which is to be refused where its row is wanted.
   */
  List<ParquetValueReader<?>> readers(MessageType file) {
    check(file);
    return names.stream().<ParquetValueReader<?>>map(name -> reader(file, name)).toList();
  }

  /** Throws if a column of an event is not in a file as it has to be, also one of other names. */
  void check(MessageType file) {
    TEXTS.forEach(name -> reader(file, name));
    WHOLE.forEach(name -> reader(file, name));
    reader(file, TIME);
  }

  private static void check(Schema table, String name, String expected, TypeID... types) {
    Types.NestedField field = table.findField(name);
    if (field == null) {
      if (!LATER.contains(name)) {
        throw new Unreadable("it has no column " + name);
      }
      return;
    }
    if (field.initialDefault() != null) {
      // Files from before the column have the default, which no sink of events has ever set.
      throw new Unreadable("column " + name + ": expected no default, found one");
    }
    boolean number = types.length == 0 || name.equals(TIME);
    if (!(number && isWhole(field.type()))) {
      expect(field, expected, types);
    }
  }

  private static boolean isWhole(Type type) {
    return type.typeId() == TypeID.INTEGER
        || type.typeId() == TypeID.LONG
        || type instanceof Types.DecimalType decimal && decimal.scale() == 0;
  }

  private static void expect(Types.NestedField field, String expected, TypeID... types) {
    if (!List.of(types).contains(field.type().typeId())) {
      throw new Unreadable(
          "column " + field.name() + ": expected the type " + expected + ", found " + field.type());
    }
  }

  private ParquetValueReader<?> reader(MessageType file, String name) {
    Types.NestedField field = table.findField(name);
    org.apache.parquet.schema.Type stored = field == null ? null : stored(file, field.fieldId());
    if (stored == null) {
      if (!LATER.contains(name)) {
        throw new Unreadable("it has no column " + name + " (" + field.fieldId() + ")");
      }
      return ParquetValueReaders.nulls();
    }
    if (!stored.isPrimitive()) {
      throw new Unreadable("column " + name + ": expected plain values, found a group");
    }
    if (stored.isRepetition(org.apache.parquet.schema.Type.Repetition.REPEATED)) {
      throw new Unreadable("column " + name + ": expected plain values, found lists");
    }
    ColumnDescriptor column = file.getColumnDescription(new String[] {stored.getName()});
    PrimitiveTypeName type = stored.asPrimitiveType().getPrimitiveTypeName();
    if (TEXTS.contains(name)) {
      if (type != PrimitiveTypeName.BINARY) {
        throw new Unreadable("column " + name + ": expected BINARY in the file, found " + type);
      }
      return new Texts(column);
    }
    LogicalTypeAnnotation annotation = stored.getLogicalTypeAnnotation();
    checkNumber(name, annotation);
    long perMs = name.equals(TIME) ? unitsPerMs(field.type(), annotation) : 1;
    return numbers(name, field.type(), column, type, perMs);
  }

  private static org.apache.parquet.schema.Type stored(MessageType file, int id) {
    for (org.apache.parquet.schema.Type type : file.getFields()) {
      if (type.getId() != null && type.getId().intValue() == id) {
        return type;
      }
    }
    return null;
  }

  private static void checkNumber(String name, LogicalTypeAnnotation annotation) {
    if (annotation instanceof DecimalLogicalTypeAnnotation decimal && decimal.getScale() != 0) {
      throw new Unreadable(
          "column " + name + ": expected a decimal of scale 0, found scale " + decimal.getScale());
    }
    // Shorter ones fit into what they are stored in.
    if (annotation instanceof IntLogicalTypeAnnotation whole
        && !whole.isSigned()
        && whole.getBitWidth() >= Integer.SIZE) {
      throw new Unreadable(
          "column " + name + ": expected signed integers in the file, found unsigned ones");
    }
    if (annotation instanceof TimestampLogicalTypeAnnotation && !name.equals(TIME)) {
      throw new Unreadable("column " + name + ": expected no times, found a time");
    }
  }

  /** What the file has been written in counts, then what the table says; a number is in ms. */
  private static long unitsPerMs(Type type, LogicalTypeAnnotation annotation) {
    if (annotation instanceof TimestampLogicalTypeAnnotation time) {
      return time.getUnit() == TimeUnit.MILLIS
          ? 1
          : time.getUnit() == TimeUnit.MICROS ? 1_000 : 1_000_000;
    }
    return switch (type.typeId()) {
      case TIMESTAMP -> 1_000;
      case TIMESTAMP_NANO -> 1_000_000;
      default -> 1;
    };
  }

  private static ParquetValueReader<?> numbers(
      String name, Type table, ColumnDescriptor column, PrimitiveTypeName type, long perMs) {
    boolean time = table.typeId() == TypeID.TIMESTAMP || table.typeId() == TypeID.TIMESTAMP_NANO;
    boolean decimal = table.typeId() == TypeID.DECIMAL;
    if (type == PrimitiveTypeName.INT64) {
      return perMs == 1 ? new Longs(column) : new Times(column, perMs);
    }
    if (type == PrimitiveTypeName.INT32 && !time) {
      return new Ints(column);
    }
    if (type == PrimitiveTypeName.DOUBLE && !time && !decimal) {
      return new Doubles(column);
    }
    if (decimal
        && (type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY || type == PrimitiveTypeName.BINARY)) {
      return new Decimals(column);
    }
    String expected = time ? "INT64" : decimal ? "a decimal" : "INT32 or INT64 or DOUBLE";
    throw new Unreadable(
        "column " + name + ": expected " + expected + " in the file, found " + type);
  }

  /** A column of values that may be null. */
  private abstract static class Values<T> extends ParquetValueReaders.PrimitiveReader<T> {
    private final int defined;

    Values(ColumnDescriptor description) {
      super(description);
      defined = description.getMaxDefinitionLevel();
    }

    @Override
    public T read(T reuse) {
      return column.currentDefinitionLevel() < defined ? column.nextNull() : next();
    }

    abstract T next();
  }

  /** Texts, undecoded; each is valid until the next one. */
  private static final class Texts extends Values<Binary> {
    Texts(ColumnDescriptor description) {
      super(description);
    }

    @Override
    Binary next() {
      return column.nextBinary();
    }
  }

  /** Whole numbers as most files have them. */
  private static final class Longs extends Values<Long> {
    Longs(ColumnDescriptor description) {
      super(description);
    }

    @Override
    Long next() {
      return column.nextLong();
    }
  }

  /** Times of a unit below the millisecond. */
  private static final class Times extends Values<Long> {
    private final long perMs;

    Times(ColumnDescriptor description, long perMs) {
      super(description);
      this.perMs = perMs;
    }

    @Override
    Long next() {
      return Math.floorDiv(column.nextLong(), perMs);
    }
  }

  /** Whole numbers, and short decimals, in 32 bits. */
  private static final class Ints extends Values<Long> {
    Ints(ColumnDescriptor description) {
      super(description);
    }

    @Override
    Long next() {
      return (long) column.nextInteger();
    }
  }

  /** Whole numbers of writers that have no others; a number with a fraction stays as it is. */
  private static final class Doubles extends Values<Number> {
    Doubles(ColumnDescriptor description) {
      super(description);
    }

    @Override
    Number next() {
      double value = column.nextDouble();
      if (Math.rint(value) == value && Math.abs(value) <= MOST) {
        return (long) value;
      }
      return value;
    }
  }

  /** Decimals in bytes, the highest first. */
  private static final class Decimals extends Values<Long> {
    Decimals(ColumnDescriptor description) {
      super(description);
    }

    @Override
    Long next() {
      return new BigInteger(column.nextBinary().getBytes()).longValueExact();
    }
  }
}
