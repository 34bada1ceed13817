package dev.unifiedstorage.conformance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * What a hostile client sends over one connection, drawn from a seed.
 *
 * <p>Each kind is something that a client of the language's libraries would not send. None of them
 * may change anything but the namespaces {@code attacked-…}, which belong to the attackers.
 */
enum Attack {
  /** What is no request line, or one of another protocol. */
  REQUEST_LINE {
    @Override
    byte[] bytes(Random random) {
      String method =
          pick(random, "GET", "get", "", "PRI", "G\u0000T", "CONNECT", "X".repeat(9000));
      String version = pick(random, "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP/2.0", "", "\u0001");
      String end = pick(random, "\r\n", "\n", "\r", "\r\n\r\n\r\n");
      String line = method + pick(random, " ", "\t", "", "  ") + path(random) + " " + version;
      return latin(mutated(random, line + end + "Host: store\r\n\r\n"));
    }
  },

  /** A path that leads out of its folder, or to a name that is no namespace. */
  PATH {
    @Override
    byte[] bytes(Random random) {
      String method = pick(random, "GET", "DELETE", "PUT", "POST", "HEAD", "OPTIONS");
      return request(method + " " + path(random), "", "");
    }
  },

  /** Headers that are too many, too long, twice there, or at odds with one another. */
  HEADERS {
    @Override
    byte[] bytes(Random random) {
      String headers =
          switch (random.nextInt(10)) {
            case 0 -> "Content-Length: -1\r\n";
            case 1 -> "Content-Length: 5\r\nContent-Length: 6\r\n";
            case 2 -> "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
            case 3 -> "Transfer-Encoding: chunked, identity\r\n";
            case 4 -> "X-Long: " + "a".repeat(random.nextInt(100_000)) + "\r\n";
            case 5 -> "X-Many: 1\r\n".repeat(random.nextInt(2_000));
            case 6 -> "X-Folded: a\r\n b\r\n\tc\r\n";
            case 7 -> "Authorization: Bearer \u0000\r\nAuthorization: Basic eDp5\r\n";
            case 8 -> "Host: 169.254.169.254\r\nOrigin: null\r\n";
            default -> "Content-Length: 99999999999999999999\r\nExpect: 100-continue\r\n";
          };
      return request("POST /stores/" + namespace(random) + "/requests", headers, "{}");
    }
  },

  /** An upgrade that lacks what an upgrade needs. */
  UPGRADE {
    @Override
    byte[] bytes(Random random) {
      String headers =
          pick(
                  random,
                  "Upgrade: websocket\r\n",
                  "Upgrade: h2c\r\n",
                  "",
                  "Upgrade: WebSocket, x\r\n")
              + pick(random, "Connection: Upgrade\r\n", "Connection: close\r\n", "")
              + pick(random, "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 99\r\n", "")
              + pick(random, "Sec-WebSocket-Key: short\r\n", KEY, "Sec-WebSocket-Key: \r\n", "")
              + pick(random, "", "Sec-WebSocket-Protocol: " + "x,".repeat(500) + "\r\n")
              + pick(random, "", "Sec-WebSocket-Extensions: permessage-deflate; a=\"\u0001\"\r\n");
      return request("GET /stores/" + namespace(random), headers, pick(random, "", "body"));
    }
  },

  /** Frames that break the protocol of WebSockets, behind an upgrade that does not. */
  FRAME {
    @Override
    byte[] bytes(Random random) {
      ByteArrayOutputStream out = upgrade(namespace(random));
      for (int i = random.nextInt(6); i >= 0; i--) {
        byte[] payload = new byte[pickInt(random, 0, 1, 2, 125, 126, 127, 65_535, 65_536)];
        random.nextBytes(payload);
        int first = random.nextInt(256);
        boolean masked = random.nextInt(8) > 0;
        long says = random.nextInt(6) > 0 ? payload.length : random.nextLong();
        frame(out, first, masked, says, payload);
      }
      return out.toByteArray();
    }
  },

  /** Whole messages that are no request, or nearly one. */
  MESSAGE {
    @Override
    byte[] bytes(Random random) {
      ByteArrayOutputStream out = upgrade(namespace(random));
      for (int i = random.nextInt(4); i >= 0; i--) {
        byte[] payload = message(random).getBytes(StandardCharsets.UTF_8);
        frame(out, 0x81, true, payload.length, payload);
      }
      return out.toByteArray();
    }
  },

  /** A body that is not what its route takes. */
  BODY {
    @Override
    byte[] bytes(Random random) {
      String route =
          pick(random, "requests", "import", "restore", "checkpoint", "tickets", "fork", "history");
      String body = message(random);
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      String headers =
          "Content-Length: " + (random.nextBoolean() ? length : random.nextInt(2 * length + 1));
      return request("POST /stores/" + namespace(random) + "/" + route, headers + "\r\n", body);
    }
  },

  /** A token that must not be taken for one. */
  TOKEN {
    @Override
    byte[] bytes(Random random) {
      String header =
          pick(random, "{'alg':'none'}", "{'alg':'HS256'}", "{'alg':'HS512'}", "{'alg':'RS256'}");
      String claims =
          switch (random.nextInt(5)) {
            case 0 -> "{'ns':['*'],'scope':'read admin','exp':" + Jwt.inSeconds(-600) + "}";
            case 1 -> "{'ns':['*'],'scope':'read admin'}";
            case 2 -> "{'ns':'*','scope':'read','exp':'never'}";
            case 3 -> "{'ns':['*'],'exp':9999999999,'x':'" + "y".repeat(1 << 20) + "'}";
            default -> "{'ns':['*'],'scope':'read admin','exp':" + Jwt.inSeconds(600) + "}";
          };
      String token =
          random.nextInt(3) == 0
              ? Jwt.unsigned(header, claims) + pick(random, ".", "", ".AAAA", "..", ".=")
              : mutated(random, Jwt.signed(header, claims, new byte[] {1, 2, 3}));
      String where = "/stores/" + namespace(random) + "/stats";
      return random.nextBoolean()
          ? request("GET " + where, "Authorization: Bearer " + token + "\r\n", "")
          : request("GET " + where + "?access_token=" + token, "", "");
    }
  };

  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  private static final List<String> REQUESTS =
      List.of(
          "{\"type\":\"create\",\"id\":1,\"$type\":\"T\",\"data\":{\"$id\":\"a\",\"n\":1}}",
          "{\"type\":\"update\",\"id\":1,\"$id\":\"a\",\"increment\":{\"n\":1},\"return\":true}",
          "{\"type\":\"query\",\"id\":1,\"$type\":\"T\",\"where\":{\"n\":{\"$gt\":0}},\"limit\":9}",
          "{\"type\":\"subscribe\",\"id\":1,\"sub\":\"s\",\"$type\":\"T\",\"where\":{\"n\":1}}",
          "{\"type\":\"batch\",\"id\":1,\"operations\":[{\"type\":\"delete\",\"$id\":\"a\"}]}",
          "{\"type\":\"hello\",\"id\":1,\"session\":\"s\",\"next\":1}",
          "[{\"type\":\"ping\",\"id\":1},{\"type\":\"read\",\"id\":2,\"$ids\":[\"a\"]}]");

  /** Everything the connection is sent. */
  abstract byte[] bytes(Random random);

  private static String namespace(Random random) {
    return "attacked-" + random.nextInt(4);
  }

  private static String path(Random random) {
    String up = pick(random, "../", "..%2f", "%2e%2e/", "..\\", "....//", "%c0%ae%c0%ae/", "%00/");
    String to = pick(random, AttackRun.SECRET, "etc/passwd", "data/stores", "", "%", "?", "\u00e9");
    String from =
        pick(
            random,
            "/",
            "/stores/",
            "/objects/",
            "/iceberg/v1/",
            "/stores/" + namespace(random) + "/");
    return from + up.repeat(random.nextInt(6)) + to + pick(random, "", "/stats", "x".repeat(9_000));
  }

  private static String message(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "[".repeat(random.nextInt(60_000));
      case 1 -> "{\"a\":".repeat(random.nextInt(20_000)) + "1";
      case 2 -> "9".repeat(random.nextInt(5_000)) + "e" + random.nextInt();
      case 3 -> "\"" + "\\ud800".repeat(random.nextInt(500)) + "\"";
      default -> mutated(random, REQUESTS.get(random.nextInt(REQUESTS.size())));
    };
  }

  /** The text with some of its characters changed, doubled or gone; now and then as it was. */
  private static String mutated(Random random, String text) {
    StringBuilder changed = new StringBuilder(text);
    for (int i = random.nextInt(4); i > 0 && changed.length() > 1; i--) {
      int at = random.nextInt(changed.length());
      switch (random.nextInt(3)) {
        case 0 -> changed.setCharAt(at, (char) random.nextInt(256));
        case 1 -> changed.deleteCharAt(at);
        default -> changed.insert(at, changed.substring(at, Math.min(changed.length(), at + 9)));
      }
    }
    return changed.toString();
  }

  private static byte[] request(String line, String headers, String body) {
    return latin(line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n" + body);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The beginning of a connection that becomes a socket to a namespace. */
  static ByteArrayOutputStream upgrade(String namespace) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String headers =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + KEY;
    out.writeBytes(request("GET /stores/" + namespace, headers, ""));
    return out;
  }

  /**
   * Appends one frame; its mask is zero.
   *
   * @param says the length that the frame says it has
   */
  static void frame(
      ByteArrayOutputStream out, int first, boolean masked, long says, byte[] payload) {
    out.write(first);
    int mask = masked ? 0x80 : 0;
    if (says >= 0 && says < 126) {
      out.write(mask | (int) says);
    } else if (says >= 0 && says < 65_536) {
      out.write(mask | 126);
      out.writeBytes(ByteBuffer.allocate(2).putShort((short) says).array());
    } else {
      out.write(mask | 127);
      out.writeBytes(ByteBuffer.allocate(8).putLong(says).array());
    }
    if (masked) {
      out.writeBytes(new byte[4]);
    }
    out.writeBytes(payload);
  }

  private static String pick(Random random, String... from) {
    return from[random.nextInt(from.length)];
  }

  private static int pickInt(Random random, int... from) {
    return from[random.nextInt(from.length)];
  }
}
