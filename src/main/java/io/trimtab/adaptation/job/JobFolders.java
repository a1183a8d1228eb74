package io.trimtab.adaptation.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folders of jobs below one, each named by its job's id. */
record JobFolders(Path root) {
  private static final System.Logger LOG = System.getLogger(JobFolders.class.getName());
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  Path of(String jobId) {
    return root.resolve(jobId);
  }

  /** Deletes a job's folder; one that can't be deleted is logged and left. */
  void delete(String jobId) {
    Path folder = of(jobId);
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.WARNING, "The job's folder " + folder + " is left behind", e);
    }
  }

  /** Deletes the folders of those jobs; what is named otherwise is left alone. */
  void deleteAll(Predicate<String> jobs) {
    if (!Files.isDirectory(root)) {
      return;
    }
    List<String> ids;
    try (Stream<Path> entries = Files.list(root)) {
      ids =
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(ID.asMatchPredicate())
              .toList();
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.WARNING, "The jobs' folder " + root + " can't be read", e);
      return;
    }
    ids.stream().filter(jobs).forEach(this::delete);
  }
}
