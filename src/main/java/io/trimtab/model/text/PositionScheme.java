package io.trimtab.model.text;

/** How a family's tokens get their rotary positions. */
public enum PositionScheme {
  /** A token's position is its index (LLaVA). */
  SEQUENTIAL,
  /** Pictures are grids on three axes (Qwen2.5-VL). */
  GRIDDED
}
