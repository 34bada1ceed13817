package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.store.StorePorts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A port that does not keep its promise: the worlds must show that the store needs it. */
enum Lie {
  /** The Pipeline says that it has stored what it has thrown away. */
  SEND_NEVER_ARRIVES {
    @Override
    StorePorts around(StorePorts ports) {
      return with(
          ports, (records, completion) -> completion.succeeded(), ports.sql(), ports.archive());
    }
  },
  /** The Pipeline answers before it has stored, and then keeps only the first record. */
  SEND_KEEPS_THE_FIRST_RECORD {
    @Override
    StorePorts around(StorePorts ports) {
      return with(
          ports,
          (records, completion) -> ports.pipeline().send(records.subList(0, 1), completion),
          ports.sql(),
          ports.archive());
    }
  },
  /** SQLite forgets the last statement of a transaction. */
  TRANSACTION_LOSES_ITS_LAST_STATEMENT {
    @Override
    StorePorts around(StorePorts ports) {
      return with(ports, ports.pipeline(), new LossySql(ports.sql(), 1), ports.archive());
    }
  },
  /** SQLite commits half of a transaction. */
  TRANSACTION_COMMITS_HALF {
    @Override
    StorePorts around(StorePorts ports) {
      return with(ports, ports.pipeline(), new LossySql(ports.sql(), -1), ports.archive());
    }
  },
  /** SQLite says that a transaction has committed, and has not begun it. */
  TRANSACTION_NEVER_HAPPENS {
    @Override
    StorePorts around(StorePorts ports) {
      return with(ports, ports.pipeline(), new LossySql(ports.sql(), 1_000), ports.archive());
    }
  },
  ARCHIVE_HIDES_THE_LAST_EVENT {
    @Override
    StorePorts around(StorePorts ports) {
      return reading(
          ports,
          rows -> {
            double last = rows.stream().mapToDouble(ArchivedEvent::seq).max().orElse(0);
            return keeping(rows, row -> row.seq() == 0 || row.seq() < last);
          });
    }
  },
  ARCHIVE_FORGETS_DELETIONS {
    @Override
    StorePorts around(StorePorts ports) {
      return reading(ports, rows -> keeping(rows, row -> !"thing.deleted".equals(row.verb())));
    }
  },
  ARCHIVE_DOES_NOT_SORT {
    @Override
    StorePorts around(StorePorts ports) {
      return reading(
          ports,
          rows -> {
            List<ArchivedEvent> sorted = new ArrayList<>(rows);
            sorted.sort(Comparator.comparingDouble(row -> (row.seq() * 7919) % 31));
            return sorted;
          });
    }
  },
  IDS_REPEAT {
    @Override
    StorePorts around(StorePorts ports) {
      Ids ids =
          new Ids() {
            @Override
            public String uuid() {
              return ports.ids().uuid();
            }

            @Override
            public double number() {
              return ports.ids().number();
            }

            @Override
            public String thingId(String type) {
              ports.ids().uuid();
              return type + "_always";
            }
          };
      return ports.toBuilder()
          .platform(
              new Platform(ports.json(), ports.clock(), ports.timers(), ids, ports.observer()))
          .build();
    }
  },
  TIMERS_NEVER_FIRE {
    @Override
    StorePorts around(StorePorts ports) {
      return timing(
          ports,
          new Timers() {
            @Override
            public Timer after(double delayMs, Runnable task) {
              return () -> {};
            }

            @Override
            public void setAlarm(double epochMs) {
              ports.timers().setAlarm(epochMs);
            }
          });
    }
  },
  TIMERS_FIRE_TWICE {
    @Override
    StorePorts around(StorePorts ports) {
      return timing(
          ports,
          new Timers() {
            @Override
            public Timer after(double delayMs, Runnable task) {
              Timer first = ports.timers().after(delayMs, task);
              Timer second = ports.timers().after(delayMs + 1, task);
              return () -> {
                first.cancel();
                second.cancel();
              };
            }

            @Override
            public void setAlarm(double epochMs) {
              ports.timers().setAlarm(epochMs);
            }
          });
    }
  };

  abstract StorePorts around(StorePorts ports);

  UnaryOperator<StorePorts> ports() {
    return this::around;
  }

  private static StorePorts with(
      StorePorts ports,
      dev.unifiedstorage.port.Pipeline pipeline,
      SqlStorage sql,
      IcebergReader archive) {
    return ports.toBuilder().pipeline(pipeline).sql(sql).archive(archive).build();
  }

  private static StorePorts timing(StorePorts ports, Timers timers) {
    return ports.toBuilder()
        .platform(new Platform(ports.json(), ports.clock(), timers, ports.ids(), ports.observer()))
        .build();
  }

  private static List<ArchivedEvent> keeping(
      List<ArchivedEvent> rows, Predicate<ArchivedEvent> wanted) {
    return rows.stream().filter(wanted).toList();
  }

  /** Gathers what a read gives, changes it, and gives it on at its end. */
  private static StorePorts reading(StorePorts ports, UnaryOperator<List<ArchivedEvent>> change) {
    if (ports.archive() == null) {
      return ports;
    }
    IcebergReader reader =
        (query, visitor) ->
            ports
                .archive()
                .read(
                    query,
                    new IcebergReader.Visitor() {
                      private final List<ArchivedEvent> rows = new ArrayList<>();

                      @Override
                      public void event(ArchivedEvent event) {
                        rows.add(event);
                      }

                      @Override
                      public void progress(double count) {
                        visitor.progress(count);
                      }

                      @Override
                      public void completed(boolean upToDate) {
                        change.apply(rows).forEach(visitor::event);
                        visitor.completed(upToDate);
                      }

                      @Override
                      public void failed(String error) {
                        visitor.failed(error);
                      }
                    });
    return with(ports, ports.pipeline(), ports.sql(), reader);
  }

  /** Loses the last statements that a transaction writes; a negative number loses half. */
  private static final class LossySql implements SqlStorage {
    private record Write(String sql, Object[] bindings) {}

    private final SqlStorage sql;
    private final int lost;
    private List<Write> writes;

    LossySql(SqlStorage sql, int lost) {
      this.sql = sql;
      this.lost = lost;
    }

    @Override
    public SqlCursor exec(String statement, Object... bindings) {
      if (writes == null || statement.startsWith("SELECT") || statement.startsWith("CREATE")) {
        return sql.exec(statement, bindings);
      }
      writes.add(new Write(statement, bindings));
      return null;
    }

    @Override
    public void transaction(Runnable body) {
      sql.transaction(
          () -> {
            writes = new ArrayList<>();
            body.run();
            int kept = lost < 0 ? (writes.size() + 1) / 2 : Math.max(0, writes.size() - lost);
            List<Write> left = writes.subList(0, kept);
            writes = null;
            left.forEach(write -> sql.exec(write.sql, write.bindings));
          });
      writes = null;
    }

    @Override
    public double rowsWritten() {
      return sql.rowsWritten();
    }

    @Override
    public String setAside() {
      return sql.setAside();
    }

    @Override
    public String name() {
      return sql.name();
    }
  }
}
