package io.trimtab.world;

/** A colour, 0 to 255 a channel. */
record Rgb(int red, int green, int blue) {}
