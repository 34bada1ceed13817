package dev.unifiedstorage.past;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.past.ArchiveReport.Seen;
import dev.unifiedstorage.port.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchiveSurveyTest {
  private static final double LIFE = 5_000_000_001.0;

  private final Json json = new JacksonJson();
  private final ArchiveSurvey survey = new ArchiveSurvey();

  @Test
  void rowsOfALifeAreRangesInWhateverOrderTheyCome() {
    survey.row("a", 2, LIFE, 7, 0);
    survey.row("b", 1, LIFE, 1, 0);
    survey.row("a", 2, LIFE, 0, 0);
    survey.row("a", 2, LIFE, 1, 3);
    survey.row("a", 2, LIFE, 6, 0);
    survey.row("a", 2, LIFE, 7, 0);
    survey.row("a", 1, 0, 1, 0);
    assertEquals(List.of("a", "b"), survey.namespaces());
    ArchiveReport report = survey.report("a", 10, 20);
    List<Seen> seen = List.of(new Seen(LIFE, 1, 3), new Seen(LIFE, 6, 7), new Seen(1, 1, 1));
    assertEquals(seen.size(), report.seen().size());
    assertTrue(report.seen().containsAll(seen), report::toString);
    assertEquals(List.of(), survey.report("c", 10, 20).seen());
  }

  @Test
  void aReportIsTheSameAsText() {
    survey.row("a", 2, LIFE, 3, 4);
    ArchiveReport report = survey.report("a", 10, 20);
    String text = report.text(json);
    assertTrue(ArchiveReport.isOne(text));
    assertEquals(report, ArchiveReport.parse(json.parse(text)));
  }

  @Test
  void ofWhatIsTooMuchNothingIsSaid() {
    survey.row("first", 1, LIFE, 1, 0);
    for (int i = 1; i < ArchiveSurvey.MOST_LIVES; i++) {
      survey.row("n" + i % 10, 1, LIFE + i, 1, 0);
    }
    assertEquals(1, survey.report("first", 1, 2).seen().size());
    survey.row("n1", 1, LIFE - 1, 1, 0);
    assertNull(survey.report("n1", 1, 2));
    assertNull(survey.report("first", 1, 2));
    ArchiveSurvey sum = new ArchiveSurvey();
    sum.addAll(survey);
    assertNull(sum.report("another", 1, 2));
  }
}
