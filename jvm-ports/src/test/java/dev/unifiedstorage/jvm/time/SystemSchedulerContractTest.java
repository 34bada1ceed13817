package dev.unifiedstorage.jvm.time;

import dev.unifiedstorage.contract.ClockContract;
import dev.unifiedstorage.port.Clock;

class SystemSchedulerContractTest extends ClockContract {
  private final Clock clock = new SystemScheduler();

  @Override
  protected Clock clock() {
    return clock;
  }
}
