package io.trimtab.events;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.VerificationFlag;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * The embedded broker's folder while this process has it: nobody else opens it until it is closed,
 * or the process is gone. One thread.
 */
final class BrokerFolder implements AutoCloseable {
  static final int NODE_ID = 1;
  static final String CONTROLLER = "CONTROLLER";

  /** Kafka locks the folder too, but after its controller has opened files in it. */
  private static final String LOCK = "trimtab.lock";

  private static final String PORT = "trimtab.port";
  private static final String META = "meta.properties";
  private static final String METADATA_LOG = "__cluster_metadata-0";

  private final Path folder;
  private final FileChannel lock;

  private BrokerFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Takes the folder, and makes it one of Kafka's where it is new.
   *
   * @throws TrimtabException FAILED_PRECONDITION where another process has it, or it is damaged;
   *     UNAVAILABLE where the disk fails
   */
  static BrokerFolder open(Path path) {
    Path folder = path.toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
      BrokerFolder opened = new BrokerFolder(folder, lock(folder));
      try {
        opened.formatOrCheck();
        return opened;
      } catch (RuntimeException | IOException e) {
        opened.close();
        throw e;
      }
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "The embedded broker's folder can't be used: " + KafkaFailure.reason(e),
          e);
    }
  }

  String path() {
    return folder.toString();
  }

  /** The port of the broker's last start; 0 where that is not known. */
  int lastPort() {
    try {
      return Integer.parseInt(Files.readString(folder.resolve(PORT)).strip());
    } catch (IOException | NumberFormatException e) {
      // Another port does as well.
      return 0;
    }
  }

  void keepPort(int port) {
    try {
      Files.writeString(folder.resolve(PORT), Integer.toString(port));
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "The embedded broker's folder can't be written: " + KafkaFailure.reason(e),
          e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE, "The embedded broker's folder can't be closed", e);
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isLocked(channel)) {
      channel.close();
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "Another server uses the embedded broker's folder: end it, name another data folder, or"
              + " name that server's broker in trimtab.kafka.bootstrap-servers");
    }
    return channel;
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock taken = channel.tryLock();
      return taken != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private void formatOrCheck() throws IOException {
    if (Files.exists(folder.resolve(META))) {
      check();
    } else if (Files.exists(folder.resolve(METADATA_LOG))) {
      throw damaged(META + " is not there, and records are", null);
    } else {
      format();
    }
  }

  private void check() throws IOException {
    MetaPropertiesEnsemble found =
        new MetaPropertiesEnsemble.Loader()
            .addLogDirs(List.of(path()))
            .addMetadataLogDir(path())
            .load();
    if (!found.errorLogDirs().isEmpty()) {
      throw damaged(META + " can't be read", null);
    }
    try {
      found.verify(
          found.clusterId(),
          OptionalInt.of(NODE_ID),
          EnumSet.of(
              VerificationFlag.REQUIRE_AT_LEAST_ONE_VALID,
              VerificationFlag.REQUIRE_METADATA_LOG_DIR));
    } catch (RuntimeException e) {
      throw damaged(KafkaFailure.reason(e), e);
    }
    if (found.clusterId().isEmpty() || found.nodeId().isEmpty()) {
      throw damaged(META + " names no cluster and node", null);
    }
  }

  private void format() throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try {
      new Formatter()
          .setPrintStream(new PrintStream(said, true, StandardCharsets.UTF_8))
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(NODE_ID)
          .setControllerListenerName(CONTROLLER)
          .addDirectory(path())
          .setMetadataLogDirectory(Optional.of(path()))
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .run();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw damaged(KafkaFailure.reason(e), e);
    }
  }

  private TrimtabException damaged(String how, @Nullable Exception cause) {
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        "The embedded broker's folder is damaged: %s. Put %s back from a copy, or move the folder %s"
                .formatted(how, META, folder.getFileName())
            + " away to begin with an empty one; what was not read from the topics is lost then",
        cause);
  }
}
