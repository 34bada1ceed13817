package dev.unifiedstorage.junit5;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;

/**
 * One package of a published module, and what of it is API: the paragraph <em>Public API</em> of
 * its {@code package-info} says every type, or names some.
 *
 * @param said whether it says so, or that it is internal
 * @param api the files of the types that are API
 */
record ApiPackage(Path folder, String name, boolean said, List<Path> api) {
  private static final Pattern SAID = Pattern.compile("(Public API|Internal): (.*)");
  private static final Pattern NAME = Pattern.compile("\\{@link\\s+[\\w.]*?(\\w+)\\}");

  /** The packages of some modules. */
  static List<ApiPackage> of(List<String> modules) throws IOException {
    List<ApiPackage> packages = new ArrayList<>();
    for (String module : modules) {
      Path sources = Path.of("..", module, "src", "main", "java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path info : files.filter(file -> file.endsWith("package-info.java")).toList()) {
          packages.add(read(sources, info));
        }
      }
    }
    return packages;
  }

  private static ApiPackage read(Path sources, Path info) throws IOException {
    Path folder = info.getParent();
    String name = sources.relativize(folder).toString().replace('/', '.');
    Matcher said = SAID.matcher(Files.readString(info).replaceAll("\\s*\\n \\*\\s*", " "));
    if (!said.find()) {
      return new ApiPackage(folder, name, false, List.of());
    }
    if (!said.group(1).equals("Public API")) {
      return new ApiPackage(folder, name, true, List.of());
    }
    Set<String> named =
        NAME.matcher(said.group(2))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> api =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.endsWith("package-info.java"))
              .filter(file -> named.isEmpty() || named.contains(typeOf(file)))
              .toList();
      if (api.size() < Math.max(1, named.size())) {
        throw new AssertionError(folder + " lacks some of " + named);
      }
      return new ApiPackage(folder, name, true, api);
    }
  }

  /** The names of the types that are API, without that of the package. */
  List<String> types() {
    return api.stream().map(ApiPackage::typeOf).toList();
  }

  private static String typeOf(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  /**
   * Whether a type or a member is seen from outside of its package.
   *
   * @param outer the type that it is in, null for none
   */
  static boolean isPublic(ModifiersTree modifiers, ClassTree outer) {
    Set<Modifier> flags = modifiers.getFlags();
    boolean always =
        outer != null
            && outer.getKind() == Tree.Kind.INTERFACE
            && !flags.contains(Modifier.PRIVATE);
    return always || flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
  }
}
