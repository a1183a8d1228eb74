package io.trimtab.adaptation.probes;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lines to a set: all questions about a picture have one use, and none is asked twice. Pictures are
 * told apart by their contents, whatever their names.
 */
final class ProbeSorting {
  private record Stated(ProbeUse use, int number) {}

  private ProbeSorting() {}

  /**
   * The set.
   *
   * @param pictures that the lines name, by name
   * @throws TrimtabException INVALID_ARGUMENT with the number of the line, from 1
   */
  static ProbeSet of(List<ProbeLine> lines, Map<String, Picture> pictures) {
    Map<Picture, Stated> stated = stated(lines, pictures);
    Map<String, Integer> numbers = new HashMap<>();
    List<Probe> probes = new ArrayList<>();
    List<Probe> rehearsal = new ArrayList<>();
    for (int number = 1; number <= lines.size(); number++) {
      ProbeLine line = lines.get(number - 1);
      Picture picture = picture(line, pictures);
      Probe probe = Probe.of(line, picture);
      Integer before = numbers.putIfAbsent(probe.id(), number);
      if (before != null) {
        throw invalid(
            number, "the question of line %d about the same picture again".formatted(before));
      }
      Stated use = stated.get(picture);
      switch (use == null ? ProbeUse.of(picture) : use.use()) {
        case PROBE -> probes.add(probe);
        case REHEARSAL -> rehearsal.add(probe);
      }
    }
    return new ProbeSet(probes, rehearsal);
  }

  /** What the lines say of their pictures' use; a line that says nothing follows the others. */
  private static Map<Picture, Stated> stated(List<ProbeLine> lines, Map<String, Picture> pictures) {
    Map<Picture, Stated> stated = new HashMap<>();
    for (int number = 1; number <= lines.size(); number++) {
      ProbeLine line = lines.get(number - 1);
      if (line.use().isEmpty()) {
        continue;
      }
      ProbeUse use = line.use().get();
      Stated before = stated.putIfAbsent(picture(line, pictures), new Stated(use, number));
      if (before != null && before.use() != use) {
        throw invalid(
            number,
            "use is '%s', expected '%s' as in line %d about the same picture"
                .formatted(use.wireName(), before.use().wireName(), before.number()));
      }
    }
    return stated;
  }

  static Picture picture(ProbeLine line, Map<String, Picture> pictures) {
    Picture picture = pictures.get(line.picture());
    if (picture == null) {
      throw new IllegalStateException("No contents of picture '%s'".formatted(line.picture()));
    }
    return picture;
  }

  static TrimtabException invalid(int number, String what) {
    return TrimtabException.invalid("%s line %d: %s".formatted(ProbeFolder.FILE, number, what));
  }
}
