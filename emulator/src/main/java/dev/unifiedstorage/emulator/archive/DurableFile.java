package dev.unifiedstorage.emulator.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * A file that is on the disk, with its name, when its stream has been closed.
 *
 * @param root the topmost folder that may be new
 */
record DurableFile(String location, Path path, Path root) implements OutputFile {
  private static final int BUFFER_BYTES = 1 << 16;

  @Override
  public PositionOutputStream create() {
    if (Files.exists(path)) {
      throw new AlreadyExistsException("expected no file %s, found one", location);
    }
    return open(StandardOpenOption.CREATE_NEW);
  }

  @Override
  public PositionOutputStream createOrOverwrite() {
    return open(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }

  @Override
  public InputFile toInputFile() {
    return new FolderIO.Input(location, path);
  }

  private PositionOutputStream open(OpenOption first, OpenOption... more) {
    try {
      createFolders(path.getParent());
      OpenOption[] options = new OpenOption[more.length + 2];
      options[0] = StandardOpenOption.WRITE;
      options[1] = first;
      System.arraycopy(more, 0, options, 2, more.length);
      return new Stream(FileChannel.open(path, options), path.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("could not create " + location + " at " + path, e);
    }
  }

  private void createFolders(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Files.createDirectories(folder);
    for (Path at = folder; at.startsWith(root); at = at.getParent()) {
      force(at.getParent());
    }
  }

  /** Makes names in a folder durable, where the file system lets a folder be opened. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      if (!System.getProperty("os.name").startsWith("Windows")) {
        throw e;
      }
    }
  }

  /** The bytes on their way; closing it is what makes them durable. */
  private static final class Stream extends PositionOutputStream {
    private final FileChannel channel;
    private final Path folder;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long flushed;

    Stream(FileChannel channel, Path folder) {
      this.channel = channel;
      this.folder = folder;
    }

    @Override
    public long getPos() {
      return flushed + buffer.position();
    }

    @Override
    public void write(int b) throws IOException {
      if (!buffer.hasRemaining()) {
        flush();
      }
      buffer.put((byte) b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (length > buffer.remaining()) {
        flush();
      }
      if (length > buffer.remaining()) {
        drain(ByteBuffer.wrap(bytes, from, length));
      } else {
        buffer.put(bytes, from, length);
      }
    }

    @Override
    public void flush() throws IOException {
      buffer.flip();
      drain(buffer);
      buffer.clear();
    }

    @Override
    public void close() throws IOException {
      if (channel.isOpen()) {
        try (channel) {
          flush();
          channel.force(true);
        }
        force(folder);
      }
    }

    private void drain(ByteBuffer bytes) throws IOException {
      flushed += bytes.remaining();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
