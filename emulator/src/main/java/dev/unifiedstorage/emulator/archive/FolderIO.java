package dev.unifiedstorage.emulator.archive;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Iceberg's files in a folder: {@code s3://bucket/key} is {@code folder/bucket/key}.
 *
 * <p>The table names its files as it would in R2, so that a reader elsewhere finds them by bucket
 * and key over HTTP. What was written is on the disk when its stream is closed, because Iceberg
 * commits a file's name next, and the sink then lets the log go that the file was made of.
 */
final class FolderIO implements FileIO {
  private static final long serialVersionUID = 1;

  private final File folder;

  FolderIO(Path folder) {
    this.folder = folder.toFile();
  }

  /** The file of a location. */
  Path path(String location) {
    URI uri = URI.create(location.replace("%", "%25").replace(" ", "%20"));
    if (!"s3".equals(uri.getScheme()) || uri.getHost() == null || uri.getPath().length() < 2) {
      throw new IllegalArgumentException("expected s3://bucket/key, found " + location);
    }
    Path bucket = folder.toPath().resolve(uri.getHost());
    Path path = bucket.resolve(uri.getPath().substring(1)).normalize();
    if (!path.startsWith(bucket) || path.equals(bucket)) {
      throw new IllegalArgumentException("expected a key inside its bucket, found " + location);
    }
    return path;
  }

  @Override
  public InputFile newInputFile(String location) {
    return new Input(location, path(location));
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return new DurableFile(location, path(location), folder.toPath());
  }

  @Override
  public void deleteFile(String location) {
    try {
      Files.deleteIfExists(path(location));
    } catch (IOException e) {
      throw new UncheckedIOException("could not delete " + location, e);
    }
  }

  /** A file to read, which goes by its location also where it fails. */
  record Input(String location, Path path) implements InputFile {
    @Override
    public long getLength() {
      try {
        return Files.size(path);
      } catch (IOException e) {
        throw new NotFoundException(e, "expected the file %s, found none at %s", location, path);
      }
    }

    @Override
    public SeekableInputStream newStream() {
      if (!exists()) {
        throw new NotFoundException("expected the file %s, found none at %s", location, path);
      }
      return org.apache.iceberg.Files.localInput(path.toFile()).newStream();
    }

    @Override
    public boolean exists() {
      return Files.isRegularFile(path);
    }
  }
}
