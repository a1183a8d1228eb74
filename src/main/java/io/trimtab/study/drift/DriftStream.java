package io.trimtab.study.drift;

import io.trimtab.world.Light;
import io.trimtab.world.Skill;
import java.util.List;

/**
 * One stream of requests to one adapter: what serves it, and when that changes.
 *
 * @param name of its own
 * @param kind what is expected of the watch
 * @param what happens, in words
 * @param model a bundled model
 * @param reference the sound candidate whose envelope the answers are held against
 * @param lights of the pictures: the stream in as many equal parts
 * @param stages in order; the first from request 0 on
 * @param onset request from which it drifts; of a calm stream its length
 * @param length requests
 */
record DriftStream(
    String name,
    Kind kind,
    String what,
    String model,
    Skill skill,
    String reference,
    long seed,
    List<Light> lights,
    List<Stage> stages,
    int onset,
    int length) {
  /** What is expected of the watch. */
  enum Kind {
    /** No alarm. */
    CALM,
    /** An alarm, soon. */
    DRIFTING
  }

  /**
   * From a request on, a candidate serves.
   *
   * @param candidate name of one that the gate's study has trained
   * @param scale that it is served at; 0 for the scale that the gate published it at
   */
  record Stage(int from, String candidate, float scale) {}

  DriftStream {
    lights = List.copyOf(lights);
    stages = List.copyOf(stages);
  }

  /** What the picture of a request is taken in. */
  Light light(int request) {
    int part = length / lights.size();
    return lights.get(Math.min(lights.size() - 1, request / part));
  }
}
