package dev.unifiedstorage.driver;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The opening exchange of a WebSocket (RFC 6455, section 4): one HTTP request, one 101.
 *
 * <p>It runs blocking, with a deadline, before the channel is handed to the loop: an upgrade is
 * rare, and a plain request and answer needs no state machine.
 */
final class Handshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}).*", Pattern.DOTALL);
  private static final Pattern ACCEPT =
      Pattern.compile("\\r\\nsec-websocket-accept:\\s*(\\S+)", Pattern.CASE_INSENSITIVE);

  private Handshake() {}

  /** Opens a channel to {@code uri} and upgrades it; the channel is left blocking. */
  static SocketChannel open(URI uri, Duration deadline) throws IOException {
    int millis = Math.toIntExact(deadline.toMillis());
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.socket().connect(new InetSocketAddress(uri.getHost(), uri.getPort()), millis);
      channel.socket().setSoTimeout(millis);
      byte[] nonce = new byte[16];
      ThreadLocalRandom.current().nextBytes(nonce);
      String key = Base64.getEncoder().encodeToString(nonce);
      channel.write(ByteBuffer.wrap(request(uri, key).getBytes(StandardCharsets.US_ASCII)));
      check(readHead(channel.socket().getInputStream()), key);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static String request(URI uri, String key) {
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return "GET "
        + uri.getRawPath()
        + query
        + " HTTP/1.1\r\nHost: "
        + uri.getHost()
        + ":"
        + uri.getPort()
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
        + "\r\nSec-WebSocket-Key: "
        + key
        + "\r\n\r\n";
  }

  /** Reads up to the blank line, byte by byte: what follows it belongs to the first frame. */
  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(512);
    int matched = 0;
    while (matched < 4) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the connection closed during the WebSocket handshake");
      }
      if (head.size() >= MAX_HEAD_BYTES) {
        throw new IOException("the answer to the WebSocket handshake has no end");
      }
      head.write(b);
      boolean expected = b == (matched % 2 == 0 ? '\r' : '\n');
      matched = expected ? matched + 1 : b == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private static void check(String head, String key) throws IOException {
    Matcher status = STATUS.matcher(head);
    int code = status.matches() ? Integer.parseInt(status.group(1)) : 0;
    if (code != 101) {
      throw new HandshakeException(code, head);
    }
    Matcher accept = ACCEPT.matcher(head);
    if (!accept.find() || !accept.group(1).equals(acceptFor(key))) {
      throw new IOException("the server's Sec-WebSocket-Accept does not match the key sent");
    }
  }

  private static String acceptFor(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
