package io.trimtab.world;

import java.util.List;

/** What a picture shows, as data: it can be painted, and asked about. */
interface Scene {
  /** A canvas with the scene on it. */
  Canvas paint();

  /** What the bundled models know about it. */
  List<Question> questions(Dice dice);
}
