package io.trimtab.app;

import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeLine;
import io.trimtab.adaptation.probes.ProbeUse;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The bundled models' probes: held-out pictures of their world, with a question each. */
final class BundledProbes {
  static final int PROBES = 300;
  static final int REHEARSAL = 600;

  /** Grows when the world or the choice of pictures changes. */
  private static final int VERSION = 1;

  private static final long PROBE_SEED = 71;
  private static final long REHEARSAL_SEED = 72;

  private BundledProbes() {}

  /**
   * The folder below {@code data}, drawn at the first call, whole or not at all; a later call, also
   * of another process, finds it. One that is damaged is replaced.
   */
  static Path folder(Path data) {
    Path parent = data.toAbsolutePath().normalize().resolve("probes");
    Path target = parent.resolve("world-" + VERSION);
    try {
      if (!isSound(target)) {
        Files.createDirectories(parent);
        place(parent, target);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the bundled probes to " + target, e);
    }
  }

  private static boolean isSound(Path folder) throws IOException {
    try {
      ProbeFolder.read(folder);
      return true;
    } catch (TrimtabException e) {
      return false;
    }
  }

  private static void place(Path parent, Path target) throws IOException {
    Path work = Files.createTempDirectory(parent, ".drawing-");
    try {
      Path fresh = work.resolve("fresh");
      draw(fresh);
      if (Files.exists(target) && !isSound(target)) {
        Files.move(target, work.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      }
      try {
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        // Another process was first with the same pictures.
        if (!isSound(target)) {
          throw e;
        }
      }
    } finally {
      delete(work);
    }
  }

  private static void draw(Path folder) throws IOException {
    List<ProbeLine> lines = new ArrayList<>(PROBES + REHEARSAL);
    Map<String, Picture> pictures = new HashMap<>();
    add(World.heldOut(PROBE_SEED, PROBES), ProbeUse.PROBE, lines, pictures);
    add(World.heldOut(REHEARSAL_SEED, REHEARSAL), ProbeUse.REHEARSAL, lines, pictures);
    ProbeFolder.write(folder, lines, pictures);
  }

  private static void add(
      List<Drawing> drawings, ProbeUse use, List<ProbeLine> lines, Map<String, Picture> pictures) {
    for (Drawing drawing : drawings) {
      String name = "%s-%03d.png".formatted(use.wireName(), lines.size());
      pictures.put(name, Picture.of(drawing.png()));
      // In random order, so the first is any of them.
      Question question = drawing.questions().getFirst();
      Optional<String> answer =
          switch (use) {
            case PROBE -> Optional.of(question.answer());
            case REHEARSAL -> Optional.empty();
          };
      lines.add(new ProbeLine(question.task(), name, question.text(), answer, Optional.of(use)));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
