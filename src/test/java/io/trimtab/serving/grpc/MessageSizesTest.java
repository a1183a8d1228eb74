package io.trimtab.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageSizesTest {
  private final MessageSizes sizes = new MessageSizes();

  @Test
  void theFirstInIsTheFirstOutHoweverManyThereAre() {
    long in = 0;
    long out = 0;
    for (int round = 1; round < 20; round++) {
      for (int i = 0; i < round; i++) {
        sizes.add(++in);
      }
      for (int i = 0; i < round / 2; i++) {
        assertThat(sizes.remove()).isEqualTo(++out);
      }
    }
    long rest = (in * (in + 1) - out * (out + 1)) / 2;
    assertThat(sizes.removeAll()).isEqualTo(rest);
    assertThat(sizes.remove()).isZero();
  }
}
