package io.trimtab.serving.finetuning;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.serving.finetuning.FakeTuning.Ending;
import io.trimtab.testing.NodeScript;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and jobs as OpenAI's client for Node sees them, unmodified. */
@QuarkusTest
@TestProfile(FakeTuningProfile.class)
final class NodeFineTuningTest {
  @TestHTTPResource("/v1")
  URI server;

  @Inject FakeTuning tuning;

  @TempDir Path folder;

  @Test
  void aFilesJobSucceeds() throws Exception {
    tuning.ending(Ending.PASSED);
    run("succeeded");
  }

  @Test
  void aJobUnderWayIsCancelled() throws Exception {
    tuning.ending(Ending.NONE);
    run("running");
  }

  private void run(String ending) throws Exception {
    String tenant = "t" + UUID.randomUUID().toString().replace("-", "");
    Path file = Files.writeString(folder.resolve("birds.jsonl"), TrainingLines.of(20));
    var _ =
        NodeScript.run(
            "finetuning.mjs", server.toString(), tenant, file.toAbsolutePath().toString(), ending);
  }
}
