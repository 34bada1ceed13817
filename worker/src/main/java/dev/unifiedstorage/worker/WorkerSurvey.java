package dev.unifiedstorage.worker;

import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.past.ArchiveSurvey;
import dev.unifiedstorage.port.Json;
import org.teavm.jso.JSExport;

/** What a look at the archive has found of all namespaces, as JavaScript fills and reads it. */
public final class WorkerSurvey {
  private final Json json = new HostJson();
  private final ArchiveSurvey survey = new ArchiveSurvey();

  /** Takes note of one row. */
  @JSExport
  public void row(String namespace, double epoch, double life, double seq, double events) {
    survey.row(namespace, epoch, life, seq, events);
  }

  /** How many namespaces there are. */
  @JSExport
  public int size() {
    return survey.namespaces().size();
  }

  /** One of them. */
  @JSExport
  public String namespace(int index) {
    return survey.namespaces().get(index);
  }

  /** What its object is told; null when nothing can be. */
  @JSExport
  public String report(int index, double sinceMs, double untilMs) {
    ArchiveReport report = survey.report(namespace(index), sinceMs, untilMs);
    return report == null ? null : report.text(json);
  }
}
