package dev.unifiedstorage.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in {@code client/README.md} is one: it compiles against what is public. */
class ReadmeTest {
  private static final Pattern PROGRAM = Pattern.compile("(?ms)^```java\\n(.*?)^```$");

  @Test
  void programCompiles(@TempDir Path folder) throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("README.md")));
    assertTrue(program.find());
    String source =
        "import dev.unifiedstorage.client.*;\nimport java.net.URI;\nimport java.util.Map;\n"
            + "class Shown {\n  void run() throws Exception {\n"
            + program.group(1)
            + "  }\n}\n";
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    List<String> options = List.of("-cp", "target/classes", "-d", folder.toString());
    compiler.getTask(null, null, problems, options, null, List.of(new Source(source))).call();
    List<String> errors =
        problems.getDiagnostics().stream().map(one -> one.getMessage(Locale.ROOT)).toList();
    assertEquals(List.of(), errors);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Shown.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
