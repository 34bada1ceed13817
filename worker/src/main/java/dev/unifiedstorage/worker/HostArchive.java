package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.IcebergReader;
import java.util.Set;
import org.teavm.jso.JSObject;

/** The archive reader that the glue was given. */
final class HostArchive implements IcebergReader {
  private final Host host;
  private final Life life;

  HostArchive(Host host, Life life) {
    this.host = host;
    this.life = life;
  }

  @Override
  public Read read(Query query, Visitor visitor) {
    boolean[] cancelled = new boolean[1];
    ArchiveRows rows =
        row ->
            life.run(
                () -> {
                  if (!cancelled[0]) {
                    visitor.event(event(row));
                  }
                });
    ArchiveProgress progress =
        looked ->
            life.run(
                () -> {
                  if (!cancelled[0]) {
                    visitor.progress(looked);
                  }
                });
    JSObject read =
        host.readArchive(
            query.namespace(),
            query.afterSeq(),
            query.untilSeq(),
            query.entityIds() == null ? null : arrayOf(query.entityIds()),
            query.positionsOnly(),
            query.sinceMs(),
            rows,
            progress,
            life.ending(unless(cancelled, visitor)));
    return () -> {
      cancelled[0] = true;
      host.stopArchive(read);
    };
  }

  private static HostArray arrayOf(Set<String> texts) {
    HostArray array = HostArray.create();
    for (String text : texts) {
      array.push(text);
    }
    return array;
  }

  private static Completion unless(boolean[] cancelled, Visitor visitor) {
    return new Completion() {
      @Override
      public void succeeded() {
        if (!cancelled[0]) {
          visitor.completed(true);
        }
      }

      @Override
      public void failed(String error) {
        if (!cancelled[0]) {
          visitor.failed(error);
        }
      }
    };
  }

  private static ArchivedEvent event(ArchiveRow row) {
    return new ArchivedEvent(
        row.getEpoch(),
        // A reader from before there were lives does not say.
        row.getLife() > 0 ? row.getLife() : 0,
        row.getSeq(),
        row.getVerb(),
        row.getEntityId(),
        row.getEntityType(),
        row.getVersion(),
        row.getTs(),
        row.getPayload(),
        row.getN() > 0 ? row.getSession() : null,
        row.getN() > 0 ? row.getSub() : null,
        row.getN() > 0 ? row.getN() : 0,
        row.getBatchIndex() >= 0 ? (int) row.getBatchIndex() : -1,
        row.getEvents() > 0 ? (int) row.getEvents() : 0);
  }
}
