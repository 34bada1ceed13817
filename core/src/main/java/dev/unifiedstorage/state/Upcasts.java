package dev.unifiedstorage.state;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Upcaster;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Things of before, shown in today's form: the setting {@code UPCASTERS} and the application's
 * function.
 *
 * <p>A thing's form is a field of its own, {@link #FORM}, that only the store sets; without one it
 * is 0. Rows, events, the archive and what is in memory have things as they were written. What a
 * client sees, and what a query or a subscription looks at, is a view; what a client changes is
 * written in today's form, whole, so that reading the log needs no upcaster.
 *
 * <p>A type that has no forms costs a look into a map, a store without any not even that.
 */
public final class Upcasts {
  /** The form that a thing's fields have, a field itself. */
  public static final String FORM = "$form";

  private static final String FORM_MEMBER = "\"" + FORM + "\":";
  private static final int MOST_FORMS = 1_000;

  /** Today's form by type; null where no type has any. */
  private final @Nullable IdMap<Double> forms;

  private final Json json;
  private final int nesting;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;
  private @Nullable Upcaster upcaster;

  /** The types of which a failure was logged, */
  private final IdMap<Boolean> failed;

  /** and those of which it was that the function is not pure. */
  private final IdMap<Boolean> impure;

  private Upcasts(
      @Nullable IdMap<Double> forms,
      Json json,
      int nesting,
      StoreObserver observer,
      UnaryOperator<String> about) {
    this.forms = forms;
    this.json = json;
    this.nesting = nesting;
    this.observer = observer;
    this.about = about;
    this.failed = json.map();
    this.impure = json.map();
  }

  /**
   * Reads the setting.
   *
   * @param text a JSON object: today's form by type; or empty for none
   * @param nesting the most levels of objects and arrays in a thing
   * @param about puts a store's name before a sentence
   * @throws IllegalArgumentException saying what was expected
   */
  public static Upcasts parse(
      String text, Json json, int nesting, StoreObserver observer, UnaryOperator<String> about) {
    return new Upcasts(text.isEmpty() ? null : forms(text, json), json, nesting, observer, about);
  }

  /**
   * Says whether the setting can be read.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static void check(String text, Json json) {
    if (!text.isEmpty()) {
      forms(text, json);
    }
  }

  private static IdMap<Double> forms(String text, Json json) {
    IdMap<Double> forms = json.map();
    JsonObject types;
    try {
      types = json.parse(text);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          "UPCASTERS must be a JSON object with forms by type, got '" + text + "'");
    }
    for (String type : types.keys()) {
      double form = types.kind(type) == JsonKind.NUMBER ? types.number(type) : 0;
      if (!isForm(form)) {
        throw new IllegalArgumentException(
            "UPCASTERS."
                + type
                + " must be a whole number from 1 to "
                + MOST_FORMS
                + ", got "
                + json.writer().value(types.value(type)).text());
      }
      forms.put(type, form);
    }
    return forms;
  }

  /** Says who knows the forms of before. */
  public void by(Upcaster application) {
    upcaster = application;
  }

  public Json json() {
    return json;
  }

  private double today(String type) {
    Double form = forms == null ? null : forms.get(type);
    return form == null ? 0 : form;
  }

  /**
   * Whether a thing that an index does not have is the application's doing: a type has forms, and
   * its upcaster once said something else. The log says so once a type.
   */
  public boolean isBlamed(String type, RuntimeException error) {
    if (today(type) == 0) {
      return false;
    }
    if (impure.get(type) == null) {
      impure.put(type, Boolean.TRUE);
      observer.error(
          about.apply(
              "onUpcast answers differently at times for things of "
                  + type
                  + ", and has to be pure: "
                  + error.getMessage()));
    }
    return true;
  }

  /** The form that a thing's fields have. */
  public static double formOf(Thing thing, Json json) {
    // A thing without the member anywhere is not parsed for it.
    boolean perhaps = thing.fields().text(json).contains(FORM_MEMBER);
    return perhaps ? formOf(thing.fields().object(json)) : 0;
  }

  /** The form that fields say they have, 0 where they say none. */
  public static double formOf(JsonObject fields) {
    double form = fields.kind(FORM) == JsonKind.NUMBER ? fields.number(FORM) : 0;
    // A line of an import may say anything, and so may a field from before there were forms.
    return isForm(form) ? form : 0;
  }

  private static boolean isForm(double form) {
    return form >= 1 && form <= MOST_FORMS && Math.floor(form) == form;
  }

  // ---- what is looked at

  /**
   * A thing in today's form: itself when it has that, or a later one. One that its upcaster throws
   * over is shown as it is, and the log says so once a type: a query over thousands of things does
   * not fail over one, and nothing that runs beside a request fails at all.
   */
  public Thing view(Thing thing) {
    double today = today(thing.type());
    if (today == 0) {
      return thing;
    }
    try {
      return upcast(thing, today);
    } catch (UpcastException e) {
      if (failed.get(thing.type()) == null) {
        failed.put(thing.type(), Boolean.TRUE);
        observer.error(about.apply(e.getMessage() + "; such things are shown as they are"));
      }
      return thing;
    }
  }

  /**
   * The same for a write.
   *
   * @throws UpcastException when there is no such view: what would be written is not known
   */
  public Thing upcast(Thing thing) {
    double today = today(thing.type());
    return today == 0 ? thing : upcast(thing, today);
  }

  private Thing upcast(Thing thing, double today) {
    double form = formOf(thing, json);
    if (form >= today) {
      return thing;
    }
    JsonObject own = json.object().setAll(thing.fields().object(json));
    own.remove(FORM);
    // From before the rule that there are none; what has them keeps them.
    JsonObject foreign = json.object();
    for (String name : own.keys()) {
      if (name.startsWith("$")) {
        foreign.copy(name, own);
      }
    }
    own.removeAll(foreign.keys());
    JsonObject now = upcast(thing.type(), thing.id(), form, own);
    return thing.inForm(Fields.of(now.setAll(foreign)), json);
  }

  /**
   * Fields in today's form, which they say.
   *
   * @param form that they have
   * @throws UpcastException when they cannot be had
   */
  public JsonObject upcast(String type, String id, double form, JsonObject fields) {
    double today = today(type);
    JsonObject now = fields;
    for (double step = form; step < today; step++) {
      now = next(type, id, step, now);
    }
    return Math.max(form, today) == 0 ? now : now.set(FORM, Math.max(form, today));
  }

  private JsonObject next(String type, String id, double form, JsonObject fields) {
    String problem;
    try {
      if (upcaster == null) {
        problem = "there is no onUpcast";
      } else {
        JsonObject next =
            json.parse(upcaster.upcast(type, form, json.writer().object(fields).text()));
        String foreign = next.keepOwnFields();
        if (foreign == null && next.depth() <= nesting) {
          return next;
        }
        problem =
            foreign == null
                ? "expected fields nested at most " + nesting + " levels deep"
                : "no field may be named " + foreign;
      }
    } catch (RuntimeException e) {
      problem = String.valueOf(e.getMessage());
    }
    throw new UpcastException(
        "the "
            + type
            + " "
            + id
            + " cannot be brought from form "
            + (long) form
            + " to "
            + (long) (form + 1)
            + ": "
            + problem);
  }

  // ---- what is written

  /**
   * The data of a thing that is made or replaced, with today's form, or with the one that it says
   * itself, as only what is imported does.
   *
   * @param older what is replaced, null for nothing: its form stays where its type has none any
   *     more, or an earlier one
   */
  public JsonObject stamped(String type, JsonObject data, @Nullable Thing older) {
    if (formOf(data) > 0) {
      return data;
    }
    double form = Math.max(today(type), older == null ? 0 : formOf(older, json));
    return form == 0 ? data : json.object().setAll(data).set(FORM, form);
  }

  /** The fields that a schema is about. */
  public JsonObject unstamped(JsonObject fields) {
    if (fields.kind(FORM) == JsonKind.ABSENT) {
      return fields;
    }
    JsonObject own = json.object().setAll(fields);
    own.remove(FORM);
    return own;
  }

  /**
   * The data of a line that is imported, in today's form or a later one that it has.
   *
   * @throws UpcastException when they cannot be had
   */
  public JsonObject imported(JsonObject line) {
    boolean named =
        line.kind(Thing.TYPE) == JsonKind.STRING && line.kind(Thing.ID) == JsonKind.STRING;
    if (!named || today(line.string(Thing.TYPE)) == 0) {
      // What has no $type or no $id is refused where the line is read.
      return line;
    }
    String type = line.string(Thing.TYPE);
    String id = line.string(Thing.ID);
    double form = formOf(line);
    JsonObject own = json.object().setAll(line);
    if (own.keepOwnFields() != null) {
      // Who reads it says so.
      return line;
    }
    return upcast(type, id, form, own);
  }
}
