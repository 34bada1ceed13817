package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Each package says what of it is API, and what is API speaks of nothing else.
 *
 * <p>A type that a program can use, but whose method takes or gives one that it may not, would make
 * that one API too, without a word.
 */
class ApiSurfaceTest {
  /** The client is one package, and stands on none of these. */
  private static final List<String> MODULES = List.of("core", "jvm-ports", "emulator", "junit5");

  private static final String OWN = "dev.unifiedstorage.";

  /** What the checkpointer and the recovery of other packages stand on. */
  private static final String ENGINE =
      OWN + "state.InMemoryStateManager speaks of " + OWN + "state.Things, which is no API";

  @Test
  void eachPackageSaysWhatOfItIsApiAndThatSpeaksOfNothingElse() throws Exception {
    List<String> wrong = new ArrayList<>();
    Set<String> api = new TreeSet<>();
    for (ApiPackage one : ApiPackage.of(MODULES)) {
      if (!one.said()) {
        wrong.add(one.name() + " says neither \"Public API: …\" nor \"Internal: …\"");
      }
      one.types().forEach(type -> api.add(one.name() + "." + type));
    }
    assertTrue(api.contains(OWN + "port.Pipeline"), api::toString);
    for (String name : api) {
      Class<?> type = Class.forName(name, false, ApiSurfaceTest.class.getClassLoader());
      if (Modifier.isPublic(type.getModifiers())) {
        look(type, api, wrong);
      }
    }
    assertEquals(List.of(ENGINE), wrong);
  }

  private static void look(Class<?> type, Set<String> api, List<String> wrong) {
    Consumer<Type> seen =
        used -> {
          if (!isApi(used, api)) {
            wrong.add(type.getName() + " speaks of " + used.getTypeName() + ", which is no API");
          }
        };
    for (Method method : type.getDeclaredMethods()) {
      if (isUsable(method.getModifiers()) && !method.isSynthetic()) {
        each(method.getGenericReturnType(), seen);
        parameters(method, seen);
      }
    }
    for (Executable constructor : type.getDeclaredConstructors()) {
      if (isUsable(constructor.getModifiers())) {
        parameters(constructor, seen);
      }
    }
    for (Field field : type.getDeclaredFields()) {
      if (isUsable(field.getModifiers())) {
        each(field.getGenericType(), seen);
      }
    }
    for (Class<?> inner : type.getDeclaredClasses()) {
      if (isUsable(inner.getModifiers())) {
        look(inner, api, wrong);
      }
    }
  }

  private static void parameters(Executable executable, Consumer<Type> seen) {
    for (Type parameter : executable.getGenericParameterTypes()) {
      each(parameter, seen);
    }
  }

  private static boolean isUsable(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  /** Visits the classes of which a type is made. */
  private static void each(Type type, Consumer<Type> seen) {
    if (type instanceof Class<?> one) {
      seen.accept(one.isArray() ? one.getComponentType() : one);
    } else if (type instanceof ParameterizedType generic) {
      each(generic.getRawType(), seen);
      for (Type argument : generic.getActualTypeArguments()) {
        each(argument, seen);
      }
    } else if (type instanceof WildcardType wildcard) {
      for (Type bound : wildcard.getUpperBounds()) {
        each(bound, seen);
      }
    } else if (type instanceof GenericArrayType array) {
      each(array.getGenericComponentType(), seen);
    }
  }

  private static boolean isApi(Type type, Set<String> api) {
    String name = type.getTypeName();
    int inner = name.indexOf('$');
    return !name.startsWith(OWN) || api.contains(inner < 0 ? name : name.substring(0, inner));
  }
}
