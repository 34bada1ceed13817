package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.port.HttpBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/** The body of a request, read from its connection only when a part of it is asked for. */
final class RequestBody implements HttpBody {
  private static final int PART_BYTES = 64 * 1024;

  private final InputStream in;
  private final Executor threads;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final ByteBuffer bytes = ByteBuffer.allocate(PART_BYTES);

  /**
   * @param threads where it waits for the client
   */
  RequestBody(InputStream in, Executor threads) {
    this.in = in;
    this.threads = threads;
  }

  @Override
  public void next(Part part) {
    threads.execute(
        () -> {
          String text;
          try {
            text = read();
          } catch (CharacterCodingException e) {
            part.failed("expected UTF-8 text");
            return;
          } catch (IOException e) {
            part.failed("the body broke off: " + e.getMessage());
            return;
          }
          if (text == null) {
            part.end();
          } else {
            part.text(text);
          }
        });
  }

  /** The next part, null at the end. */
  private String read() throws IOException {
    CharBuffer chars = CharBuffer.allocate(PART_BYTES);
    while (chars.position() == 0) {
      int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
      boolean end = count < 0;
      bytes.position(bytes.position() + Math.max(0, count)).flip();
      CoderResult result = decoder.decode(bytes, chars, end);
      if (result.isError()) {
        result.throwException();
      }
      bytes.compact();
      if (end) {
        return null;
      }
    }
    return chars.flip().toString();
  }

  /** What is left unread is the server's to deal with. */
  @Override
  public void cancel() {}
}
