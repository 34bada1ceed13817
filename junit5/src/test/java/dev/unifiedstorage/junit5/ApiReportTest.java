package dev.unifiedstorage.junit5;

import static dev.unifiedstorage.junit5.ApiPackage.isPublic;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * What is API is what {@code docs/api/java.md} says, so that a change of it shows in a review.
 *
 * <p>There is no release yet whose classes it could be compared with. {@code make api} writes the
 * page anew: this test does, where the property {@code api.write} is set.
 */
class ApiReportTest {
  private static final Path REPORT = Path.of("../docs/api/java.md");

  private static final List<String> MODULES =
      List.of("core", "jvm-ports", "emulator", "junit5", "client");

  private static final Set<Modifier> SAID =
      Set.of(
          Modifier.PUBLIC,
          Modifier.PROTECTED,
          Modifier.STATIC,
          Modifier.ABSTRACT,
          Modifier.FINAL,
          Modifier.DEFAULT,
          Modifier.SEALED);

  @Test
  void whatIsApiIsWhatTheReportSays() throws IOException {
    List<String> lines = report();
    if (Boolean.getBoolean("api.write")) {
      Files.write(REPORT, lines);
      return;
    }
    List<String> known = Files.readAllLines(REPORT);
    List<String> changes = new ArrayList<>();
    known.stream().filter(line -> !lines.contains(line)).forEach(line -> changes.add("- " + line));
    lines.stream().filter(line -> !known.contains(line)).forEach(line -> changes.add("+ " + line));
    assertEquals(List.of(), changes, "the API has changed; make api writes docs/api/java.md anew");
    assertEquals(known, lines, "the API has changed; make api writes docs/api/java.md anew");
  }

  private static List<String> report() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# Java");
    lines.add("");
    lines.add(
        "The public types of the packages that are API, without comments; `make api` writes it"
            + " anew.");
    for (String module : MODULES) {
      List<ApiPackage> packages =
          ApiPackage.of(List.of(module)).stream()
              .filter(one -> !one.api().isEmpty())
              .sorted(Comparator.comparing(ApiPackage::name))
              .toList();
      for (ApiPackage one : packages) {
        lines.addAll(List.of("", "## " + one.name(), "", "Of `" + module + "`.", "", "```java"));
        lines.addAll(typesIn(one.api().stream().sorted().toList()));
        lines.add("```");
      }
    }
    return lines;
  }

  private static List<String> typesIn(List<Path> files) throws IOException {
    List<String> lines = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      for (CompilationUnitTree file : task.parse()) {
        for (Tree type : file.getTypeDecls()) {
          if (type instanceof ClassTree top && isPublic(top.getModifiers(), null)) {
            lines.addAll(linesOf(top, null));
          }
        }
      }
    }
    return lines;
  }

  /** A type's own line, and one a member, those inside of it moved to the right. */
  private static List<String> linesOf(ClassTree type, ClassTree outer) {
    List<String> lines = new ArrayList<>();
    lines.add(headOf(type, outer));
    memberLines(type).sorted().map(line -> "  " + line).forEach(lines::add);
    for (Tree member : type.getMembers()) {
      if (member instanceof ClassTree inner && isPublic(inner.getModifiers(), type)) {
        linesOf(inner, type).stream().map(line -> "  " + line).forEach(lines::add);
      }
    }
    return lines;
  }

  private static String headOf(ClassTree type, ClassTree outer) {
    StringBuilder head = new StringBuilder(modifiersOf(type.getModifiers(), outer));
    head.append(type.getKind().name().toLowerCase(Locale.ROOT)).append(' ');
    head.append(type.getSimpleName()).append(bracketed("<", type.getTypeParameters(), ">"));
    if (type.getKind() == Tree.Kind.RECORD) {
      head.append(
          components(type)
              .map(part -> typeOf(part) + " " + part.getName())
              .collect(Collectors.joining(", ", "(", ")")));
    }
    if (type.getExtendsClause() != null) {
      head.append(" extends ").append(type.getExtendsClause());
    }
    String above = type.getKind() == Tree.Kind.INTERFACE ? " extends " : " implements ";
    head.append(bracketed(above, type.getImplementsClause(), ""));
    return head.append(bracketed(" permits ", type.getPermitsClause(), "")).toString();
  }

  private static Stream<String> memberLines(ClassTree type) {
    Stream<String> members =
        type.getMembers().stream()
            .filter(member -> isPublicMember(member, type))
            .map(
                member ->
                    member instanceof MethodTree method
                        ? lineOf(method, type)
                        : lineOf((VariableTree) member, type));
    boolean hasConstructor =
        type.getMembers().stream()
            .anyMatch(
                member ->
                    member instanceof MethodTree method
                        && method.getName().contentEquals("<init>"));
    boolean byDefault = type.getKind() == Tree.Kind.CLASS && !hasConstructor;
    return byDefault
        ? Stream.concat(members, Stream.of("public " + type.getSimpleName() + "()"))
        : members;
  }

  private static boolean isPublicMember(Tree member, ClassTree type) {
    if (member instanceof MethodTree method) {
      return isPublic(method.getModifiers(), type);
    }
    // The components of a record are in its own line.
    return member instanceof VariableTree field
        && isPublic(field.getModifiers(), type)
        && components(type).noneMatch(field::equals);
  }

  private static String lineOf(MethodTree method, ClassTree type) {
    String parameters =
        method.getParameters().stream()
            .map(ApiReportTest::typeOf)
            .collect(Collectors.joining(", ", "(", ")"));
    String generic = bracketed("<", method.getTypeParameters(), "> ");
    boolean isConstructor = method.getReturnType() == null;
    String name =
        isConstructor
            ? type.getSimpleName().toString()
            : nullable(method.getModifiers()) + method.getReturnType() + " " + method.getName();
    return modifiersOf(method.getModifiers(), type)
        + generic
        + name
        + parameters
        + bracketed(" throws ", method.getThrows(), "");
  }

  private static String lineOf(VariableTree field, ClassTree type) {
    if (type.getKind() == Tree.Kind.ENUM
        && field.getType().toString().contentEquals(type.getSimpleName())) {
      return field.getName().toString();
    }
    return modifiersOf(field.getModifiers(), type) + typeOf(field) + " " + field.getName();
  }

  private static Stream<VariableTree> components(ClassTree type) {
    return type.getMembers().stream()
        .filter(member -> type.getKind() == Tree.Kind.RECORD && member instanceof VariableTree)
        .map(VariableTree.class::cast)
        .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC));
  }

  private static String typeOf(VariableTree variable) {
    return nullable(variable.getModifiers()) + variable.getType();
  }

  private static String nullable(ModifiersTree modifiers) {
    return modifiers.getAnnotations().stream()
            .map(AnnotationTree::getAnnotationType)
            .anyMatch(type -> type.toString().equals("Nullable"))
        ? "@Nullable "
        : "";
  }

  private static String modifiersOf(ModifiersTree modifiers, ClassTree outer) {
    boolean unsaid = outer != null && outer.getKind() == Tree.Kind.INTERFACE;
    return modifiers.getFlags().stream()
        .filter(flag -> SAID.contains(flag) && !(unsaid && flag == Modifier.PUBLIC))
        .sorted()
        .map(flag -> flag + " ")
        .collect(Collectors.joining());
  }

  private static String bracketed(String begin, List<? extends Tree> trees, String end) {
    return trees.isEmpty()
        ? ""
        : trees.stream().map(Object::toString).collect(Collectors.joining(", ", begin, end));
  }
}
