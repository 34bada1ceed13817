package dev.unifiedstorage.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.client.ClientOptions;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.driver.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the demo does after the crash: a mistake, a copy of the moment before, and the way back. */
final class MistakeTest {
  private static final String NAMESPACE = "flights";
  private static final int FLIGHTS = 100;

  @Test
  void forkAndRestoreBringBackWhatWasDeleted(@TempDir Path folder) throws IOException {
    InputFiles input = new InputFiles(Path.of("node_modules/vega-datasets/data"));
    List<Airport> airports = input.airports();
    List<Flight> flights = input.flights("2k").subList(0, FLIGHTS);
    Feed feed = Feed.of(flights);
    Expected expected = new Expected(airports, flights, feed.end());
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    int port = ServerProcess.freePort();
    List<String> command =
        ServerProcess.emulatorCommand(
            Path.of(System.getProperty("emulator.jar")),
            folder.resolve("data"),
            port,
            List.of("--roll-interval", "100"));
    Path log = folder.resolve("server.log");
    try (ServerProcess server = ServerProcess.start(command, port, log, Duration.ofSeconds(60));
        StoreClient store =
            StoreClient.connect(ClientOptions.of(server.http().socket(NAMESPACE)))) {
      long operations = Replay.operations(airports, feed);
      new Replay(List.of(store), 512).run(airports, feed, new Progress(out, false, operations));

      Mistake mistake = new Mistake(server.http(), NAMESPACE, expected);
      assertEquals(List.of(), mistake.makeAndUndo(out));
      String text = printed.toString(StandardCharsets.UTF_8);
      assertTrue(text.contains("mistake: all 3,376 airports are deleted"), text);
      assertEquals(
          expected.things(), server.http().stats(mistake.copy()).path("entries").asLong(), text);
    }
  }
}
