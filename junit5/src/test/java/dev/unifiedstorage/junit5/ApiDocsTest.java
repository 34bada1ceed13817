package dev.unifiedstorage.junit5;

import static dev.unifiedstorage.junit5.ApiPackage.isPublic;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The public API has doc comments: every type and member that a program can use, the errors that a
 * member throws itself, and the unit of every number in a record.
 *
 * <p>What is API says the paragraph <em>Public API</em> of a {@code package-info}: every type of
 * the package, or those that it names. The compiler's own check asks for a tag of every parameter
 * too, which names and types say as well; so it checks the rest, and this test what is missing.
 */
class ApiDocsTest {
  private static final List<String> MODULES =
      List.of("core", "jvm-ports", "emulator", "junit5", "client");

  private static final Pattern UNIT = Pattern.compile(".*(Ms|Bytes|Count|Rows)$");

  @Test
  void everythingPublicInTheApiIsDocumented() throws IOException {
    List<String> missing = new ArrayList<>();
    Set<String> types = new HashSet<>();
    for (ApiPackage one : ApiPackage.of(MODULES)) {
      types.addAll(one.types());
      if (!one.api().isEmpty()) {
        look(one.api(), missing);
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(
        types.containsAll(Set.of("InMemoryStateManager", "PipelineEmitter")), types::toString);
    assertTrue(types.containsAll(Set.of("LazyCheckpointer", "ColdStartRecovery")), types::toString);
    assertTrue(types.containsAll(Set.of("UnifiedStoreDO", "Pipeline")), types::toString);
    assertTrue(types.containsAll(Set.of("JvmPlatform", "Emulator", "Written")), types::toString);
  }

  private static void look(List<Path> files, List<String> missing) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      DocTrees docs = DocTrees.instance(task);
      for (CompilationUnitTree file : task.parse()) {
        new Scanner(docs, file, missing).scan(file, null);
      }
    }
  }

  /** Looks at what is public in one file, down to the members of public types inside. */
  private static final class Scanner extends TreePathScanner<Void, ClassTree> {
    private final DocTrees docs;
    private final CompilationUnitTree file;
    private final List<String> missing;

    Scanner(DocTrees docs, CompilationUnitTree file, List<String> missing) {
      this.docs = docs;
      this.file = file;
      this.missing = missing;
    }

    @Override
    public Void visitClass(ClassTree type, ClassTree outer) {
      if (isPublic(type.getModifiers(), outer)) {
        require(docs.getDocComment(getCurrentPath()) != null, type, "a comment");
        if (type.getKind() == Tree.Kind.RECORD) {
          requireUnits(type);
        }
        type.getMembers().forEach(member -> scan(member, type));
      }
      return null;
    }

    @Override
    public Void visitVariable(VariableTree field, ClassTree type) {
      boolean component =
          type.getKind() == Tree.Kind.RECORD
              && !field.getModifiers().getFlags().contains(Modifier.STATIC);
      if (!component && isPublic(field.getModifiers(), type)) {
        require(docs.getDocComment(getCurrentPath()) != null, field, "a comment");
      }
      return null;
    }

    @Override
    public Void visitMethod(MethodTree method, ClassTree type) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(one -> one.getAnnotationType().toString().equals("Override"));
      if (overrides || !isPublic(method.getModifiers(), type)) {
        return null;
      }
      String comment = docs.getDocComment(getCurrentPath());
      boolean compact =
          type.getKind() == Tree.Kind.RECORD && method.getName().contentEquals("<init>");
      require(comment != null || compact, method, "a comment");
      for (String error : thrownIn(method)) {
        boolean said =
            comment != null
                && comment.matches("(?s).*@throws (" + error + "|RuntimeException)\\b.*");
        require(said, method, "@throws " + error);
      }
      return null;
    }

    /** The errors that the method's own lines throw. */
    private static Set<String> thrownIn(MethodTree method) {
      Set<String> errors = new HashSet<>();
      new TreeScanner<Void, Void>() {
        @Override
        public Void visitThrow(ThrowTree thrown, Void nothing) {
          if (thrown.getExpression() instanceof NewClassTree made) {
            errors.add(made.getIdentifier().toString());
          }
          return super.visitThrow(thrown, null);
        }

        @Override
        public Void visitLambdaExpression(LambdaExpressionTree lambda, Void nothing) {
          return null;
        }

        @Override
        public Void visitClass(ClassTree inner, Void nothing) {
          return null;
        }
      }.scan(method.getBody(), null);
      return errors;
    }

    /** A number says what it counts: by its name, or by a tag. */
    private void requireUnits(ClassTree record) {
      String comment = docs.getDocComment(getCurrentPath());
      for (Tree member : record.getMembers()) {
        if (member instanceof VariableTree part
            && !part.getModifiers().getFlags().contains(Modifier.STATIC)) {
          String name = part.getName().toString();
          boolean number = Set.of("int", "long", "double").contains(part.getType().toString());
          boolean said = comment != null && comment.contains("@param " + name + " ");
          require(!number || said || UNIT.matcher(name).matches(), part, "@param " + name);
        }
      }
    }

    private void require(boolean there, Tree what, String lacking) {
      if (!there) {
        TreePath path = TreePath.getPath(file, what);
        long at = docs.getSourcePositions().getStartPosition(file, path.getLeaf());
        missing.add(
            "%s:%d lacks %s"
                .formatted(
                    file.getSourceFile().getName(), file.getLineMap().getLineNumber(at), lacking));
      }
    }
  }
}
