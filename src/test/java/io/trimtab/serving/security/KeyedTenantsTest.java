package io.trimtab.serving.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedTenantsTest {
  private static final String ACME = "acme-key-0123456789";
  private static final String OTHER = "other-key-0123456789";

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("keys");
    Files.writeString(file, "# ours\nacme=%s\n\nother = %s \n".formatted(ACME, OTHER));
  }

  @Test
  void aCallIsTheTenantsOfItsKey() {
    Tenants tenants = tenants();
    assertThat(tenants.of("Bearer " + ACME, null)).isEqualTo("acme");
    assertThat(tenants.of("bearer  " + OTHER, "other")).isEqualTo("other");
    assertThat(tenants.of("Bearer " + OTHER, "default")).isEqualTo("other");
  }

  @ParameterizedTest
  @CsvSource({
    ",",
    "Basic acme-key-0123456789,",
    "Bearer,",
    "Bearer unknown-key-0123456789,",
    "Bearer acme-key-0123456789, other",
  })
  void otherCallsAreRefusedWithoutTellingWhy(
      @Nullable String authorization, @Nullable String tenant) {
    assertThatThrownBy(() -> tenants().of(authorization, tenant))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED))
        .hasMessageNotContaining("0123456789");
  }

  @Test
  void keysThatChangeAreReadAgainAfterAWhile() throws IOException {
    Tenants tenants = tenants();
    Files.writeString(file, "acme=a-new-key-0123456789\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));

    assertThat(tenants.of("Bearer " + ACME, null)).isEqualTo("acme");
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(tenants.of("Bearer a-new-key-0123456789", null)).isEqualTo("acme");
    assertThatThrownBy(() -> tenants.of("Bearer " + ACME, null))
        .isInstanceOf(TrimtabException.class);
  }

  @Test
  void aFileThatBreaksLeavesTheKeysAsTheyWere() throws IOException {
    Tenants tenants = tenants();
    Files.delete(file);
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(tenants.of("Bearer " + ACME, null)).isEqualTo("acme");

    Files.writeString(file, "acme=short\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(tenants.of("Bearer " + ACME, null)).isEqualTo("acme");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing",
        "acme",
        "acme=short",
        "Acme=a-long-key-0123456789",
        "a=the-same-key-012345\nb=the-same-key-012345",
      })
  void aFileThatSaysSomethingElseIsRefusedWithoutItsKeys(String text) throws IOException {
    Files.writeString(file, text);
    assertThatThrownBy(this::tenants)
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("expected")
        .hasMessageNotContaining("012345");
  }

  @Test
  void withoutKeysTheTenantIsTheOneThatIsNamed() {
    assertThat(Tenants.open().of(null, null)).isEqualTo("default");
    assertThat(Tenants.open().of("Bearer whatever", "acme")).isEqualTo("acme");
    assertThatThrownBy(() -> Tenants.open().of(null, "../acme")).hasMessageContaining("'../acme'");
  }

  private Tenants tenants() {
    return KeyedTenants.of(file, nanos::get);
  }
}
