package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Timers;
import org.teavm.jso.JSObject;

/** {@code setTimeout} of the isolate, and the Durable Object's alarm. */
final class HostTimers implements Timers {
  private final Host host;
  private final Life life;
  private final HostSql sql;

  HostTimers(Host host, Life life, HostSql sql) {
    this.host = host;
    this.life = life;
    this.sql = sql;
  }

  @Override
  public Timer after(double delayMs, Runnable task) {
    JSObject timer = host.startTimer(delayMs, () -> life.run(task));
    return () -> host.stopTimer(timer);
  }

  @Override
  public void setAlarm(double epochMs) {
    if (host.setAlarm(epochMs)) {
      sql.countRow();
    }
  }
}
