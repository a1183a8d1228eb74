package io.trimtab.serving.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenStreamsTest {
  private final OpenStreams streams = new OpenStreams();

  @Test
  void aTenantsPlacesAreBoundedAndComeBackOnce() {
    List<Runnable> leaves = new ArrayList<>();
    for (int i = 0; i < OpenStreams.OF_A_TENANT_MAX; i++) {
      leaves.add(streams.enter("greedy"));
    }
    assertThatThrownBy(() -> streams.enter("greedy"))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("64 of them of this tenant; expected under 256 and 64");
    Runnable other = streams.enter("other");
    leaves.getFirst().run();
    leaves.getFirst().run();
    assertThat(streams.open()).isEqualTo(OpenStreams.OF_A_TENANT_MAX);
    leaves.set(0, streams.enter("greedy"));
    leaves.forEach(Runnable::run);
    other.run();
    assertThat(streams.open()).isZero();
  }

  @Test
  void soAreThoseOfAll() {
    for (int i = 0; i < OpenStreams.STREAMS_MAX; i++) {
      var _ = streams.enter("t" + i);
    }
    assertThatThrownBy(() -> streams.enter("one-more")).hasMessageContaining("256 streams");
  }
}
