package io.trimtab.serving.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.inference.FakeClient;
import io.trimtab.v1.Revision;
import io.trimtab.v1.UploadRequest;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

final class UploadInboxTest {
  private final FakeClient<Revision> client = new FakeClient<>();

  @Test
  void aMessageIsAskedForWhenItIsWanted() {
    UploadInbox inbox = new UploadInbox(client, Duration.ofSeconds(10));
    assertThat(client.requested).isZero();
    inbox.onNext(UploadRequest.getDefaultInstance());
    assertThat(inbox.next()).isPresent();
    assertThat(client.requested).isEqualTo(1);
    inbox.onCompleted();
    assertThat(inbox.next()).isEmpty();
    assertThat(client.requested).isEqualTo(2);
  }

  @Test
  void aStallIsADeadlineExceeded() {
    UploadInbox inbox = new UploadInbox(client, Duration.ofMillis(20));
    assertThatThrownBy(inbox::next)
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
  }

  @Test
  void aClientThatHasGoneIsACancellationHoweverOftenItIsTold() {
    UploadInbox inbox = new UploadInbox(client, Duration.ofSeconds(10));
    inbox.requireClient();
    for (int i = 0; i < 10; i++) {
      inbox.clientGone();
      inbox.onError(new CancellationException());
    }
    client.cancelled = true;
    assertThatThrownBy(inbox::next)
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThatThrownBy(inbox::requireClient).hasMessageContaining("midway");
  }
}
