package dev.unifiedstorage.contract;

import dev.unifiedstorage.fixture.FakeArchive;
import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.Timers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The contracts, on the core's own fakes: a test is worth what its fakes are. */
class FakesKeepTheContractsTest {
  @Nested
  class Jackson extends JsonContract {
    @Override
    protected Json json() {
      return new JacksonJson();
    }
  }

  @Nested
  class TheClock extends ClockContract {
    private final FakeTime time = new FakeTime();

    @Override
    protected Clock clock() {
      time.after(0.5, () -> {});
      time.advance(3);
      return time;
    }
  }

  @Nested
  class TheTimers extends TimersContract {
    private final FakeTime time = new FakeTime();

    @Override
    protected Timers timers() {
      return time;
    }

    @Override
    protected void advance(int ms) {
      time.advance(ms);
    }
  }

  @Nested
  class ThePipeline extends PipelineContract {
    private final Json json = new JacksonJson();
    private final FakePipeline pipeline = new FakePipeline(json);

    @Override
    protected Pipeline pipeline() {
      return pipeline;
    }

    @Override
    protected void breakIt() {
      pipeline.setMode(FakePipeline.Mode.REJECT);
    }

    @Override
    protected List<String> stored() {
      return pipeline.stored().stream().map(record -> json.writer().object(record).text()).toList();
    }
  }

  @Nested
  class Sqlite extends SqlStorageContract {
    private final List<SqliteFile> opened = new ArrayList<>();

    @Override
    protected SqlStorage empty() {
      SqliteFile sql = new SqliteFile();
      opened.add(sql);
      return sql;
    }

    @AfterEach
    void close() {
      opened.forEach(SqliteFile::close);
    }
  }

  /** The fake holds one namespace: each gets its own. */
  @Nested
  class TheArchive extends IcebergReaderContract {
    private final Json json = new JacksonJson();
    private final List<JsonObject> records = new ArrayList<>();

    @Override
    protected void roll(List<String> roll) {
      roll.forEach(record -> records.add(json.parse(record)));
    }

    @Override
    protected List<ArchivedEvent> read(IcebergReader.Query query) {
      FakeArchive archive = new FakeArchive(json);
      archive.ingest(
          records.stream().filter(r -> r.string("ns").equals(query.namespace())).toList());
      List<ArchivedEvent> events = new ArrayList<>();
      archive.read(query, new EventList(events));
      return events;
    }
  }

  private record EventList(List<ArchivedEvent> events) implements IcebergReader.Visitor {
    @Override
    public void event(ArchivedEvent event) {
      events.add(event);
    }

    @Override
    public void progress(double rows) {}

    @Override
    public void completed(boolean upToDate) {}

    @Override
    public void failed(String error) {
      throw new AssertionError(error);
    }
  }
}
