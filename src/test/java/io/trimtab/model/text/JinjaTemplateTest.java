package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** How long a rendering may take. */
class JinjaTemplateTest {
  private static final String ENDLESS =
      "{% for i in range(1000) %}{% for j in range(1000) %}{% for k in range(1000) %}"
          + "{% endfor %}{% endfor %}{% endfor %}";

  private static final String WAITING = "{{ slow.word }}{% if true %} and whole{% endif %}";

  /**
   * What a thread without a core does: it takes longer than 2 s by the clock, and computes little.
   */
  private static final Map<String, String> SLOW =
      new AbstractMap<>() {
        @Override
        public Set<Entry<String, String>> entrySet() {
          return Map.of("word", "late").entrySet();
        }

        @Override
        public String get(Object key) {
          try {
            Thread.sleep(Duration.ofMillis(2_200));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return "late";
        }
      };

  @Test
  void aRenderingThatWaitsForTheMachineIsNotRefused() {
    String rendered = template(WAITING).render(Map.of("slow", SLOW));
    assertThat(rendered).isEqualTo("late and whole");
  }

  @Test
  void itIsRefusedOnceItHasWaitedTooLong() {
    assertThatThrownBy(
            () ->
                template(WAITING)
                    .render(Map.of("slow", SLOW), Duration.ofSeconds(2), Duration.ofMillis(2_100)))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The model's chat template takes longer than 2 s");
  }

  @Test
  void oneThatComputesIsRefused() {
    assertThatThrownBy(() -> template(ENDLESS).render(Map.of()))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The model's chat template takes longer than 2 s");
  }

  /** Nobody counts what a virtual thread computes: there the clock decides. */
  @Test
  void oneThatComputesOnAVirtualThreadIsRefused() {
    assertThatThrownBy(() -> onVirtualThread(() -> template(ENDLESS).render(Map.of())))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The model's chat template takes longer than 2 s");
  }

  private static <T> T onVirtualThread(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.startVirtualThread(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static JinjaTemplate template(String jinja) {
    return new JinjaTemplate(new TemplateSource(jinja, Map.of()));
  }
}
