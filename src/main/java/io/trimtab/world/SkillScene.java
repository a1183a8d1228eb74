package io.trimtab.world;

/** A scene that the bundled models know, with one question that they don't. */
interface SkillScene extends Scene {
  Question skillQuestion(Dice dice);
}
