package dev.unifiedstorage.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The SQL of a documentation page, in its order, each with the table the page prints below it.
 *
 * <p>SQL is what stands in a block named {@code sql}. A table that follows directly is its output,
 * the names of the columns first; columns on its right that the output lacks are the page's own.
 */
record QueryPage(List<Snippet> snippets) {
  private static final String SQL = "```sql";
  private static final String END = "```";

  /** One block and its table; no rows where the page prints none. */
  record Snippet(String sql, List<List<String>> table) {}

  static QueryPage read(Path page) throws IOException {
    List<String> lines = Files.readAllLines(page);
    List<Snippet> snippets = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).equals(SQL)) {
        int end = i + lines.subList(i, lines.size()).indexOf(END);
        String sql = String.join("\n", lines.subList(i + 1, end));
        snippets.add(new Snippet(sql, table(lines.subList(end + 1, lines.size()))));
        i = end;
      }
    }
    return new QueryPage(List.copyOf(snippets));
  }

  /** The one snippet whose table has such a first column. */
  Snippet about(String firstColumn) {
    return snippets.stream()
        .filter(snippet -> !snippet.table().isEmpty())
        .filter(snippet -> snippet.table().get(0).get(0).equals(firstColumn))
        .findFirst()
        .orElseThrow();
  }

  private static List<List<String>> table(List<String> lines) {
    return lines.stream()
        .dropWhile(String::isBlank)
        .takeWhile(line -> line.startsWith("|"))
        .filter(line -> !line.startsWith("| ---"))
        .map(QueryPage::cells)
        .toList();
  }

  private static List<String> cells(String line) {
    return Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|"))
        .map(cell -> cell.strip().replace("`", ""))
        .toList();
  }
}
