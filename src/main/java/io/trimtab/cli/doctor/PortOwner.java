package io.trimtab.cli.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which process listens at a port, as far as Linux tells this user. */
final class PortOwner {
  private static final Path PROCESSES = Path.of("/proc");
  private static final List<Path> SOCKETS =
      List.of(PROCESSES.resolve("net/tcp"), PROCESSES.resolve("net/tcp6"));

  /** {@code TCP_LISTEN} of the kernel. */
  private static final String LISTENING = "0A";

  /** Of a line of these files: local address, state and inode. */
  private static final int ADDRESS = 1;

  private static final int STATE = 3;
  private static final int INODE = 9;

  private PortOwner() {}

  /** Such as {@code process 4711 (nginx)}; empty where it is another user's, or nobody says. */
  static Optional<String> of(int port) {
    try {
      for (Path table : SOCKETS) {
        for (String line : Files.readAllLines(table)) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > INODE
              && fields[STATE].equals(LISTENING)
              && fields[ADDRESS].endsWith(":%04X".formatted(port))) {
            Optional<String> owner = holder("socket:[" + fields[INODE] + "]");
            if (owner.isPresent()) {
              return owner;
            }
          }
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // Not Linux, or not this user's to know.
    }
    return Optional.empty();
  }

  private static Optional<String> holder(String socket) throws IOException {
    try (Stream<Path> processes = Files.list(PROCESSES)) {
      return processes
          .filter(process -> process.getFileName().toString().matches("[0-9]+"))
          .filter(process -> holds(process.resolve("fd"), socket))
          .map(process -> "process %s (%s)".formatted(process.getFileName(), command(process)))
          .findFirst();
    }
  }

  private static boolean holds(Path descriptors, String socket) {
    try (Stream<Path> all = Files.list(descriptors)) {
      return all.anyMatch(descriptor -> isLinkTo(descriptor, socket));
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  private static boolean isLinkTo(Path link, String target) {
    try {
      return Files.readSymbolicLink(link).toString().equals(target);
    } catch (IOException e) {
      return false;
    }
  }

  private static String command(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException e) {
      return "gone by now";
    }
  }
}
