package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.Timers;

/**
 * The ports through which the host calls back, with a turn after each of those calls.
 *
 * <p>A timer, the end of a send or of a read changes numbers and queues where it arrives; the turn
 * that follows does what is due. An answer that comes before its port call has returned is not
 * followed by a turn: it came in the middle of one, which looks at it before it ends.
 */
public final class Turns {
  private Runnable turn = () -> {};

  /** Says what a turn is; called once, when everything that takes part is made. */
  public void begin(Runnable run) {
    turn = run;
  }

  public Timers timers(Timers timers) {
    return new Timers() {
      @Override
      public Timer after(double delayMs, Runnable task) {
        return timers.after(
            delayMs,
            () -> {
              task.run();
              turn.run();
            });
      }

      @Override
      public void setAlarm(double epochMs) {
        timers.setAlarm(epochMs);
      }
    };
  }

  public Pipeline pipeline(Pipeline pipeline) {
    return (records, completion) -> {
      Answer answer = new Answer(completion);
      pipeline.send(records, answer);
      answer.later = true;
    };
  }

  public IcebergReader archive(IcebergReader archive) {
    return (query, visitor) -> {
      Rows rows = new Rows(visitor);
      IcebergReader.Read read = archive.read(query, rows);
      rows.later = true;
      return read;
    };
  }

  public Siblings siblings(Siblings siblings) {
    return (namespace, text, answer) -> {
      Told told = new Told(answer);
      siblings.tell(namespace, text, told);
      told.later = true;
    };
  }

  /** The answer of another store. */
  private final class Told implements Siblings.Answer {
    private final Siblings.Answer answer;
    private boolean later;

    Told(Siblings.Answer answer) {
      this.answer = answer;
    }

    @Override
    public void answered(String text) {
      answer.answered(text);
      end();
    }

    @Override
    public void failed(String error) {
      answer.failed(error);
      end();
    }

    private void end() {
      if (later) {
        turn.run();
      }
    }
  }

  /** The end of a send. */
  private final class Answer implements Completion {
    private final Completion completion;

    /** Whether the call that it answers has returned. */
    private boolean later;

    Answer(Completion completion) {
      this.completion = completion;
    }

    @Override
    public void succeeded() {
      completion.succeeded();
      end();
    }

    @Override
    public void failed(String error) {
      completion.failed(error);
      end();
    }

    private void end() {
      if (later) {
        turn.run();
      }
    }
  }

  /** What a read of the archive brings; a turn follows its end, not each row. */
  private final class Rows implements IcebergReader.Visitor {
    private final IcebergReader.Visitor visitor;
    private boolean later;

    Rows(IcebergReader.Visitor visitor) {
      this.visitor = visitor;
    }

    @Override
    public void event(ArchivedEvent event) {
      visitor.event(event);
    }

    @Override
    public void progress(double rows) {
      visitor.progress(rows);
    }

    @Override
    public void completed(boolean upToDate) {
      visitor.completed(upToDate);
      end();
    }

    @Override
    public void failed(String error) {
      visitor.failed(error);
      end();
    }

    private void end() {
      if (later) {
        turn.run();
      }
    }
  }
}
