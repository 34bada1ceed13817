package dev.unifiedstorage.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
  /** What the tests run: a server that is healthy and never ends. */
  static final class Healthy {
    public static void main(String[] args) throws IOException {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      int port = Integer.parseInt(args[0]);
      HttpServer server = HttpServer.create(new InetSocketAddress(loopback, port), 8);
      server.createContext(
          "/health",
          exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      server.start();
    }
  }

  @Test
  void aPortIsHandedOutOnceAndNeverOneThatTheKernelGivesAway() throws IOException {
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      int port = ServerProcess.freePort();
      assertTrue(port >= 20_000 && port < 32_768, () -> "an ephemeral port: " + port);
      ports.add(port);
    }
    assertEquals(500, ports.size(), "a port was handed out twice");
  }

  @Test
  void programsBesideOneAnotherHaveOtherPorts() throws IOException {
    PortRange one = PortRange.claim();
    PortRange other = PortRange.claim();
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      ports.add(one.nextFree());
      ports.add(other.nextFree());
    }
    assertEquals(1_000, ports.size(), "two programs were given the same port");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell")
  void aKillReachesAServerBehindItsLauncher(@TempDir Path directory) throws Exception {
    int port = ServerProcess.freePort();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            "/bin/sh",
            "-c",
            "\"$0\" -cp \"$1\" \"$2\" \"$3\" & wait",
            java,
            System.getProperty("java.class.path"),
            Healthy.class.getName(),
            Integer.toString(port));
    try (ServerProcess server =
        ServerProcess.start(command, port, directory.resolve("log"), Duration.ofSeconds(60))) {
      assertTrue(server.http().healthy());
      server.kill();
      assertFalse(server.alive());
      assertFalse(server.http().healthy());
      // throws when the port is not free
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }
  }
}
