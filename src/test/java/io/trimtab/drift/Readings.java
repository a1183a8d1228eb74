package io.trimtab.drift;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.testing.Prompts;
import java.util.ArrayList;
import java.util.List;

/** Readings made by hand: of each place two tokens, and the mass of each built-in class. */
final class Readings {
  static final int SETS = WatchedClasses.builtIn().sets().size();

  private final List<Place> places = new ArrayList<>();

  private record Place(int token, int best, double probability, int second, double[] masses) {}

  /**
   * A place.
   *
   * @param token that the answer has
   * @param probability of the best token; the second has the rest
   * @param masses of the classes, in order; those left out are 0
   */
  Readings place(int token, int best, double probability, int second, double... masses) {
    double[] all = new double[SETS];
    System.arraycopy(masses, 0, all, 0, masses.length);
    places.add(new Place(token, best, probability, second, all));
    return this;
  }

  AnswerReading reading() {
    int size = places.size();
    int[] tokens = new int[size];
    int[] ids = new int[2 * size];
    float[] logprobs = new float[2 * size];
    float[] masses = new float[SETS * size];
    for (int i = 0; i < size; i++) {
      Place place = places.get(i);
      tokens[i] = place.token();
      ids[2 * i] = place.best();
      ids[2 * i + 1] = place.second();
      logprobs[2 * i] = (float) Math.log(place.probability());
      logprobs[2 * i + 1] = (float) Math.log(1 - place.probability());
      for (int set = 0; set < SETS; set++) {
        masses[i * SETS + set] = (float) place.masses()[set];
      }
    }
    return new AnswerReading(Prompts.of(1), tokens, 2, ids, logprobs, SETS, masses);
  }
}
