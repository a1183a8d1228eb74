package io.trimtab.serving.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class JsonBodyTest {
  private static InputStream zeros(int count) {
    return new ByteArrayInputStream(("[" + "0,".repeat(count - 1) + "0]").getBytes(US_ASCII));
  }

  @Test
  void aPromptOfAMillionTokenIdsIsRead() {
    assertThat(JsonBody.read(zeros(1 << 20))).hasSize(1 << 20);
  }

  @Test
  void aBodyOfMoreValuesThanMemoryShouldHoldIsRefused() {
    assertThatThrownBy(() -> JsonBody.read(zeros(4 << 20)))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("Token count");
  }
}
