package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.session.Sessions;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.EventLog;
import dev.unifiedstorage.wal.Origin;

/**
 * One object's SQLite and the state it persists: everything that reads or writes either, over one
 * numbering of transactions and slots.
 *
 * <p>There is one of these for each state. It is loaded before it is written: what SQLite holds
 * must be known before anything is put over it, and a checkpoint that comes first is refused.
 */
public final class Persistence {
  private final Things state;
  private final Tables tables;
  private final TableReader reader;
  private final EventLog log;
  private final CheckpointWriter writer;
  private final CheckpointLoader loader;
  private final ThingFinder finder;
  private final DeletionRows deletionRows;
  private final Sessions sessions;

  /**
   * @param options the thresholds between the layouts
   * @param lazy whether large collections may stay in SQLite, to be read back one thing at a time
   */
  public Persistence(
      SqlStorage sql, Things state, Origin origin, LazyCheckpointerOptions options, boolean lazy) {
    this(sql, state, origin, 0, options, lazy, Double.MAX_VALUE);
  }

  /**
   * @param holder a number that the instance has drawn; 0 when no other instance can write
   * @param mostBytes what may be in memory while nothing leaves it
   */
  public Persistence(
      SqlStorage sql,
      Things state,
      Origin origin,
      double holder,
      LazyCheckpointerOptions options,
      boolean lazy,
      double mostBytes) {
    this.state = state;
    this.tables = new Tables(sql, origin.json());
    this.reader = new TableReader(tables, origin.json());
    Slots slots = new Slots();
    this.log = new EventLog(tables, reader, slots, origin);
    Owner owner = new Owner(origin.namespace(), origin.writer(), holder);
    this.deletionRows = new DeletionRows(state.deletions(), reader, slots, origin.json());
    this.sessions = new Sessions(origin.json());
    this.writer =
        new CheckpointWriter(
            tables,
            reader,
            slots,
            log,
            state,
            deletionRows,
            sessions,
            origin.json(),
            owner,
            options,
            lazy);
    this.loader =
        new CheckpointLoader(
            reader, slots, state, origin.json(), writer, deletionRows, lazy, mostBytes);
    this.finder = new ThingFinder(state, reader, origin.json());
  }

  public Things state() {
    return state;
  }

  /** What clients' numbered writes have come to. */
  public Sessions sessions() {
    return sessions;
  }

  public Tables tables() {
    return tables;
  }

  public TableReader reader() {
    return reader;
  }

  public EventLog log() {
    return log;
  }

  public CheckpointWriter writer() {
    return writer;
  }

  public CheckpointLoader loader() {
    return loader;
  }

  /** The newest deletions, wherever they are. */
  public DeletionRows deletionRows() {
    return deletionRows;
  }

  public ThingFinder finder() {
    return finder;
  }
}
