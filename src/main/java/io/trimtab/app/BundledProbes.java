package io.trimtab.app;

import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeLine;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The probes that the bundled models bring: drawn once, from fixed seeds, into the data folder. */
final class BundledProbes {
  /** Grows with every change of what is drawn. */
  private static final String FOLDER = "probes-1";

  private static final int PROBES = 300;
  private static final int REHEARSAL = 600;
  private static final long PROBE_SEED = 71;
  private static final long REHEARSAL_SEED = 72;

  private BundledProbes() {}

  /** The folder, made where it is not there. Two processes may do so at a time. */
  static Path folder(Path data) {
    Path folder = data.resolve(FOLDER);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    try {
      Files.createDirectories(data);
      Path aside = Files.createTempDirectory(data, "." + FOLDER);
      List<ProbeLine> lines = new ArrayList<>();
      lines.addAll(drawn(aside, World.heldOut(PROBE_SEED, PROBES), ProbeLine.PROBE));
      lines.addAll(drawn(aside, World.heldOut(REHEARSAL_SEED, REHEARSAL), ProbeLine.REHEARSAL));
      ProbeFolder.write(aside, lines);
      try {
        Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
        // Another process was first, with the same.
        delete(aside);
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One question of each picture: questions about one picture are no independent evidence. */
  private static List<ProbeLine> drawn(Path folder, List<Drawing> drawings, String use)
      throws IOException {
    List<ProbeLine> lines = new ArrayList<>();
    for (int i = 0; i < drawings.size(); i++) {
      String name = "%s-%03d.png".formatted(use, i);
      Files.write(folder.resolve(name), drawings.get(i).png());
      Question question = drawings.get(i).questions().getFirst();
      lines.add(new ProbeLine(question.task(), name, question.text(), answer(question, use), use));
    }
    return lines;
  }

  /** Rehearsal is what base says, right or wrong. */
  private static @Nullable String answer(Question question, String use) {
    return use.equals(ProbeLine.PROBE) ? question.answer() : null;
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
