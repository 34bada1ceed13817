package dev.unifiedstorage.emulator.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmulatorAlarmsTest {
  @TempDir Path folder;

  @Test
  void alarmsOutliveTheProcessAndAreDeletedOnlyIfUnchanged() {
    EmulatorAlarms alarms = new EmulatorAlarms(folder.resolve("platform.sqlite"));
    assertEquals(Map.of(), alarms.load());
    alarms.set("a", 1000);
    alarms.set("b", 2000);
    alarms.set("a", 3000);
    alarms.handled("a", 1000);
    alarms.close();
    alarms = new EmulatorAlarms(folder.resolve("platform.sqlite"));
    assertEquals(Map.of("a", 3000.0, "b", 2000.0), alarms.load());
    alarms.handled("a", 3000);
    assertEquals(Map.of("b", 2000.0), alarms.load());
    alarms.close();
  }
}
