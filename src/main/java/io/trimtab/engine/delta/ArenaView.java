package io.trimtab.engine.delta;

import io.trimtab.ort.OrtTensor;

/** Some consecutive slots of the arena, each with its own delta. Made and closed by the arena. */
final class ArenaView implements BoundDeltas, AutoCloseable {
  private final OrtTensor[] as;
  private final OrtTensor[] bs;
  private final EmptyDeltas empty;

  /**
   * @param as by site; the empty delta's own where no running request changes it
   */
  ArenaView(OrtTensor[] as, OrtTensor[] bs, EmptyDeltas empty) {
    this.as = as;
    this.bs = bs;
    this.empty = empty;
  }

  @Override
  public OrtTensor a(int site) {
    return as[site];
  }

  @Override
  public OrtTensor b(int site) {
    return bs[site];
  }

  @Override
  public void close() {
    for (int site = 0; site < as.length; site++) {
      if (as[site] != empty.a(site)) {
        as[site].close();
        bs[site].close();
      }
    }
  }
}
