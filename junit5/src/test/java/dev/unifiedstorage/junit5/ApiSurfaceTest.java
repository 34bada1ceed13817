package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  private static final Pattern SAID = Pattern.compile("(Public API|Internal): (.*)");
  private static final Pattern NAME = Pattern.compile("\\{@link\\s+([\\w.]+)\\}");

  @Test
  void eachPackageSaysWhatOfItIsApiAndThatSpeaksOfNothingElse() throws Exception {
    List<String> wrong = new ArrayList<>();
    Set<String> api = new TreeSet<>();
    for (String module : MODULES) {
      Path sources = Path.of("..", module, "src", "main", "java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path info : files.filter(file -> file.endsWith("package-info.java")).toList()) {
          collect(sources.relativize(info.getParent()), info, api, wrong);
        }
      }
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

  private static void collect(Path folder, Path info, Set<String> api, List<String> wrong)
      throws IOException {
    String packageName = folder.toString().replace('/', '.');
    Matcher said = SAID.matcher(Files.readString(info).replaceAll("\\s*\\n \\*\\s*", " "));
    if (!said.find()) {
      wrong.add(packageName + " says neither \"Public API: …\" nor \"Internal: …\"");
    } else if (said.group(1).equals("Public API")) {
      List<String> named =
          NAME.matcher(said.group(2)).results().map(found -> found.group(1)).toList();
      for (String name : named) {
        api.add(name.contains(".") ? name : packageName + "." + name);
      }
      if (named.isEmpty()) {
        try (Stream<Path> files = Files.list(info.getParent())) {
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".java") && !file.startsWith("package-info"))
              .forEach(file -> api.add(packageName + "." + file.replace(".java", "")));
        }
      }
    }
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
