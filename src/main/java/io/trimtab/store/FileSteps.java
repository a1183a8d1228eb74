package io.trimtab.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The steps that change a disk, one by one, so that a test can let each of them fail. */
interface FileSteps {
  FileSteps REAL = new FileSteps() {};

  default void write(FileChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  default void sync(FileChannel file) throws IOException {
    file.force(true);
  }

  default void createFolder(Path folder) throws IOException {
    Files.createDirectory(folder);
  }

  /** Makes names in a folder durable. */
  default void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  default void link(Path link, Path existing) throws IOException {
    Files.createLink(link, existing);
  }

  default void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}
