package dev.unifiedstorage.emulator;

import dev.unifiedstorage.emulator.object.StoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder that one emulator keeps everything in, locked against a second one.
 *
 * <p>The lock is the operating system's, so that it goes with the process, however that ends.
 */
final class DataFolder implements AutoCloseable {
  private final Path folder;
  private final FileChannel channel;
  private final boolean temporary;

  private DataFolder(Path folder, FileChannel channel, boolean temporary) {
    this.folder = folder;
    this.channel = channel;
    this.temporary = temporary;
  }

  /**
   * Creates and locks the folder.
   *
   * @param data null for a temporary one, which goes when it is closed
   * @throws CannotStartException when it cannot be written to or is in use
   */
  static DataFolder open(Path data) throws CannotStartException {
    if (data != null) {
      return open(data.toAbsolutePath().normalize(), false);
    }
    try {
      return open(Files.createTempDirectory("unified-storage-"), true);
    } catch (IOException e) {
      throw new CannotStartException("no temporary folder can be made: " + e);
    }
  }

  private static DataFolder open(Path folder, boolean temporary) throws CannotStartException {
    Path lockFile = folder.resolve("emulator.lock");
    FileChannel channel;
    try {
      Files.createDirectories(folder.resolve("stores"));
      Files.createDirectories(folder.resolve("pipeline"));
      channel = locked(lockFile);
    } catch (FileSystemException e) {
      String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
      throw new CannotStartException(
          "--data " + folder + " cannot be written to: " + e.getFile() + ": " + reason);
    } catch (IOException e) {
      throw new CannotStartException("--data " + folder + " cannot be written to: " + e);
    }
    if (channel == null) {
      throw new CannotStartException(
          "--data "
              + folder
              + " is in use by another emulator"
              + owner(lockFile)
              + "; stop it or choose another folder");
    }
    return new DataFolder(folder, channel, temporary);
  }

  /**
   * What identifies the folder among all that write to a stream; it outlives the stores' files.
   *
   * @throws CannotStartException when it cannot be read or written
   */
  String writer() throws CannotStartException {
    Path file = folder.resolve("writer");
    try {
      if (!Files.exists(file)) {
        Path written = folder.resolve("writer.tmp");
        Files.writeString(written, UUID.randomUUID().toString());
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new CannotStartException("--data " + folder + " has no readable id: " + e);
    }
  }

  Path path() {
    return folder;
  }

  StoreFiles stores() {
    return new StoreFiles(folder.resolve("stores"));
  }

  Path pipeline() {
    return folder.resolve("pipeline");
  }

  Path directory() {
    return folder.resolve("directory.sqlite");
  }

  Path platform() {
    return folder.resolve("platform.sqlite");
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (temporary) {
      deleteAll();
    }
  }

  private void deleteAll() throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }

  /** The file, locked, with the number of this process in it; null when another one has it. */
  private static FileChannel locked(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      return null;
    }
    String pid = Long.toString(ProcessHandle.current().pid());
    channel.truncate(0).write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  /**
   * Which process has the file, as far as it can be read: not every system lets it while locked.
   */
  private static String owner(Path file) {
    try {
      String pid = Files.readString(file);
      return pid.isEmpty() ? "" : " (process " + pid + ")";
    } catch (IOException e) {
      return "";
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }
}
