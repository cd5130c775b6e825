package millrace.conformance;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * Checkpoint files on the local disk. Spark's own managers start a process for each link that they
 * look up, some 200 a scenario; this one writes and renames, as they do.
 */
public final class NioFileManager implements CheckpointFileManager {
  private final Path root;
  private final RawLocalFileSystem files = new RawLocalFileSystem();

  /** Called by Spark (spark.sql.streaming.checkpointFileManagerClass). */
  public NioFileManager(Path root, Configuration configuration) throws IOException {
    this.root = root;
    files.initialize(URI.create("file:///"), configuration);
  }

  @Override
  public CancellableFSDataOutputStream createAtomic(Path path, boolean isOverwriting) {
    java.nio.file.Path target = local(path);
    try {
      if (!isOverwriting && Files.exists(target)) {
        throw new org.apache.hadoop.fs.FileAlreadyExistsException(path.toString());
      }
      Files.createDirectories(target.getParent());
      java.nio.file.Path written = Files.createTempFile(target.getParent(), ".", ".tmp");
      return new Written(written, target, isOverwriting);
    } catch (IOException error) {
      throw sneak(error);
    }
  }

  @Override
  public FSDataInputStream open(Path path) {
    try {
      return files.open(path);
    } catch (IOException error) {
      throw sneak(error);
    }
  }

  @Override
  public FileStatus[] list(Path path, PathFilter filter) {
    List<FileStatus> found = new ArrayList<>();
    if (!Files.exists(local(path))) throw sneak(new FileNotFoundException(path.toString()));
    try (Stream<java.nio.file.Path> children = Files.list(local(path))) {
      for (java.nio.file.Path child : children.sorted().toList()) {
        Path name = new Path(path, child.getFileName().toString());
        if (!filter.accept(name)) continue;
        boolean isFolder = Files.isDirectory(child);
        long bytes = isFolder ? 0 : Files.size(child);
        long changedMs = Files.getLastModifiedTime(child).toMillis();
        found.add(new FileStatus(bytes, isFolder, 1, 1024, changedMs, name));
      }
    } catch (IOException error) {
      throw sneak(error);
    }
    return found.toArray(new FileStatus[0]);
  }

  @Override
  public void mkdirs(Path path) {
    try {
      Files.createDirectories(local(path));
    } catch (IOException error) {
      throw sneak(error);
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(local(path));
  }

  @Override
  public void delete(Path path) {
    if (!exists(path)) return;
    try (Stream<java.nio.file.Path> all = Files.walk(local(path))) {
      for (java.nio.file.Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(one);
      }
    } catch (IOException error) {
      throw sneak(error);
    }
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public Path createCheckpointDirectory() {
    mkdirs(root);
    return files.makeQualified(root);
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneak(Throwable error) throws E {
    throw (E) error;
  }

  /** A file that appears whole when it is closed, or not at all. */
  private static final class Written extends CancellableFSDataOutputStream {
    private final java.nio.file.Path written;
    private final java.nio.file.Path target;
    private final boolean isOverwriting;
    private boolean isDone;

    Written(java.nio.file.Path written, java.nio.file.Path target, boolean isOverwriting)
        throws IOException {
      super(Files.newOutputStream(written));
      this.written = written;
      this.target = target;
      this.isOverwriting = isOverwriting;
    }

    @Override
    public void close() throws IOException {
      if (isDone) return;
      isDone = true;
      super.close();
      if (!isOverwriting && Files.exists(target)) {
        Files.delete(written);
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void cancel() {
      if (isDone) return;
      isDone = true;
      try {
        super.close();
        Files.deleteIfExists(written);
      } catch (IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }
}
